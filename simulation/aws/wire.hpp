// Requests and answers of the three protocols of AWS that the services here speak: Query (form in, XML out),
// JSON, and REST.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "core/time.hpp"
#include "net/http.hpp"

namespace simulation {

// What AWS answers instead of a result.
struct Failure {
  std::string code;
  std::string message;
  int status = 400;
};
[[nodiscard]] inline std::unexpected<Failure> refuse(std::string code, std::string message,
                                                     int status = 400) {
  return std::unexpected(Failure{.code = std::move(code), .message = std::move(message), .status = status});
}

struct Reply {
  std::string body;
  int status = 200;
  net::Headers headers = {};
};
template <class Value = Reply>
using Answer = std::expected<Value, Failure>;

// The fields of a form, as the Query protocol has them.
class Form {
 public:
  [[nodiscard]] static Form parse(std::string_view body);

  void set(std::string name, std::string value) { fields_[std::move(name)] = std::move(value); }
  [[nodiscard]] bool has(std::string_view name) const { return fields_.contains(name); }
  [[nodiscard]] const std::string& get(std::string_view name) const;  // "" where absent
  [[nodiscard]] bool flag(std::string_view name) const { return get(name) == "true"; }
  // Name.member.1, Name.member.2 …
  [[nodiscard]] std::vector<std::string> list(const std::string& name) const;
  // The names "Name.member.1." … of the members of a list of structures.
  [[nodiscard]] std::vector<std::string> members(const std::string& name) const;
  [[nodiscard]] const auto& fields() const { return fields_; }

 private:
  std::map<std::string, std::string, std::less<>> fields_;
};

struct Caller {
  std::string key_id;
  std::string arn;
  std::string user_id;
};

struct Call {
  std::string service;  // signing name
  std::string action;
  Caller caller;
  Form form;                              // of the Query protocol
  core::json::object input;               // of the JSON protocol
  const net::Request* request = nullptr;  // of REST
};

// Decodes %XX, and '+' as a space.
[[nodiscard]] std::string form_decoded(std::string_view text);

void add_escaped(std::string& xml, std::string_view text);
void add_element(std::string& xml, std::string_view name, std::string_view text);
[[nodiscard]] inline double seconds_of(core::SystemTime time) {  // since 1970, as the JSON protocols have it
  return static_cast<double>(time.time_since_epoch().count()) / 1000;
}
[[nodiscard]] std::string xml_time(core::SystemTime time);  // 2026-01-31T10:00:00.123Z

}  // namespace simulation
