// JSON as boost::json values, with the few accessors that typed views over unknown objects need.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "core/error.hpp"

namespace core {

namespace json = boost::json;

struct JsonLimits {
  std::size_t max_bytes = 3 * 1024 * 1024;  // kube-apiserver's own limit of a request body
  std::size_t max_depth = 64;               // at most 512
};

// Errors: invalid (what, and the path or the byte), too_large. Refused are also bytes that are no UTF-8,
// numbers outside the range of a double, and integers beyond 64 bits whose digits a double does not keep:
// neither could be written again as it was. A number is never part of a message.
[[nodiscard]] Result<json::value> parse_json(std::string_view text, const JsonLimits& limits = {});

// A part of a document that cannot be kept.
struct JsonProblem {
  std::string pointer;  // RFC 6901: "/items/3/spec/parameters/a"
  std::string message;  // "items[3].spec.parameters.a: the number is …"
};
// For documents of which one part must not take the rest with it, such as lists and catalogs: numbers that
// cannot be kept, and what is nested too deep, are read as null and reported. Everything else is an error as
// above; so are more than 10,000 problems.
[[nodiscard]] Result<json::value> parse_json(std::string_view text, const JsonLimits& limits,
                                             std::vector<JsonProblem>& problems);

// nullopt: the text is no number, or a number that can be kept. Otherwise why not, and what to do: "the
// number is …". A sign is left out.
[[nodiscard]] std::optional<std::string> problem_of_number(std::string_view text);

// Compact text, which parse_json() reads again. Numbers that are not finite become null: no reader gives any.
// With sorted keys: the canonical form that checksums are made of.
[[nodiscard]] std::string to_text(const json::value& value);
[[nodiscard]] std::string to_canonical_text(const json::value& value);
// Indented by two spaces, for people.
[[nodiscard]] std::string to_pretty_text(const json::value& value);

// Look-ups by a path of keys; nullptr / nullopt / "" where a step is missing or of another type.
//   find(object, {"metadata", "name"})
using Path = std::initializer_list<std::string_view>;
[[nodiscard]] const json::value* find(const json::value& value, Path path);
[[nodiscard]] const json::object* find_object(const json::value& value, Path path);
[[nodiscard]] const json::array* find_array(const json::value& value, Path path);
[[nodiscard]] std::string_view find_string(const json::value& value, Path path);
[[nodiscard]] std::optional<std::int64_t> find_int(const json::value& value, Path path);
[[nodiscard]] std::optional<bool> find_bool(const json::value& value, Path path);
// The same for objects, without making a json::value of them.
[[nodiscard]] const json::value* find(const json::object& object, Path path);
[[nodiscard]] const json::object* find_object(const json::object& object, Path path);
[[nodiscard]] const json::array* find_array(const json::object& object, Path path);
[[nodiscard]] std::string_view find_string(const json::object& object, Path path);
[[nodiscard]] std::optional<std::int64_t> find_int(const json::object& object, Path path);
[[nodiscard]] std::optional<bool> find_bool(const json::object& object, Path path);

// Writes value at the path, making the objects on the way (and replacing what is no object).
void set(json::object& object, Path path, json::value value);
// Removes what is at the path; false where there was nothing.
bool erase(json::object& object, Path path);

// RFC 7386: applies a merge patch to target.
void merge_patch(json::value& target, const json::value& patch);
// The smallest merge patch that makes `to` of `from`.
[[nodiscard]] json::value diff_as_merge_patch(const json::value& from, const json::value& to);

}  // namespace core
