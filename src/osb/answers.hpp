// The broker's answers as HTTP: strict in what is written, only what is set.
#pragma once

#include "core/error.hpp"
#include "net/http.hpp"
#include "osb/types.hpp"

namespace osb {

[[nodiscard]] net::Response answer(const ProvisionResponse& response);
[[nodiscard]] net::Response answer(const UpdateResponse& response);
// Deprovision and unbind.
[[nodiscard]] net::Response answer(const DeprovisionResponse& response);
[[nodiscard]] net::Response answer(const BindResponse& response);
[[nodiscard]] net::Response answer(const LastOperationResponse& response);
[[nodiscard]] net::Response answer(const FetchInstanceResponse& response);
[[nodiscard]] net::Response answer(const FetchBindingResponse& response);
// {"error": code, "description": message} with the status of broker.hpp's table.
[[nodiscard]] net::Response answer(const core::Error& error);

}  // namespace osb
