// Answers as HTTP responses. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "apiserver/answer.hpp"
#include "apiserver/negotiation.hpp"
#include "core/json.hpp"
#include "net/http.hpp"

namespace apiserver {

// text: JSON, made YAML where the form asks for it.
[[nodiscard]] net::Response respond(int status, std::string text, const Form& form,
                                    const std::vector<std::string>& warnings = {});
[[nodiscard]] net::Response respond(int status, const boost::json::object& object, const Form& form = {},
                                    const std::vector<std::string>& warnings = {});
// A Status.
[[nodiscard]] net::Response respond(const Failure& failure);

}  // namespace apiserver
