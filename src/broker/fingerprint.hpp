// What a request asked for, as one text that is equal for the same request.
#pragma once

#include <string>
#include <string_view>

#include "core/json.hpp"

namespace broker {

// The parameters are compared without regard to their order.
[[nodiscard]] std::string fingerprint_of(std::string_view service_id, std::string_view plan_id,
                                         const boost::json::value& parameters);

}  // namespace broker
