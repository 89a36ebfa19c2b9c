// BindViaLambda: the function in the stack's output BindLambda makes the credentials (broker.md,
// "Operations").
#pragma once

#include "broker/cloud/cloud.hpp"
#include "broker/credentials.hpp"
#include "broker/records.hpp"
#include "core/json.hpp"

namespace broker {

// request_type: "bind", with the credentials so far, or "unbind". The answer is the credentials. Errors:
// invalid (the function failed: its own words), protocol (it answered no JSON object).
[[nodiscard]] async::Task<core::Result<boost::json::object>> ask_lambda(Cloud& cloud, const Outputs& outputs,
                                                                        const BindingRecord& binding,
                                                                        boost::json::object credentials,
                                                                        const char* request_type);

}  // namespace broker
