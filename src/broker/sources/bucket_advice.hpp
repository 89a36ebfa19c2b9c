// What to do about an error of the bucket of templates, where AWS's own words do not say so.
#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"

namespace broker {

// To be put after the error's message; "" where nothing is known. `needed`: "s3:GetObject there", what the
// broker must be allowed.
[[nodiscard]] std::string bucket_advice(const core::Error& error, std::string_view needed);

}  // namespace broker
