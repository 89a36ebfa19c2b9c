// Requests and answers of the Open Service Broker API as the checker reads them: tolerant, since what is
// wrong with them is what it looks for. It uses nothing of src/osb, whose mistakes it could not see
// otherwise.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "core/json.hpp"
#include "net/http.hpp"

namespace simulation::osb_check {

namespace json = boost::json;
using std::chrono::milliseconds;

enum class Verb {
  catalog,
  provision,
  fetch_instance,
  update,
  deprovision,
  instance_operation,
  bind,
  fetch_binding,
  unbind,
  binding_operation,
  unknown
};

struct Asked {
  Verb verb = Verb::unknown;
  std::string instance, binding;  // decoded
  std::string service_id, plan_id, operation;
  bool has_operation = false;
  bool accepts_incomplete = false;
  std::optional<json::object> body;

  [[nodiscard]] bool is_of_binding() const { return !binding.empty(); }
  [[nodiscard]] bool changes() const;  // PUT, PATCH or DELETE
  [[nodiscard]] bool is_poll() const {
    return verb == Verb::instance_operation || verb == Verb::binding_operation;
  }
  [[nodiscard]] const json::object& members() const;
  [[nodiscard]] std::string text(std::string_view member) const;
  [[nodiscard]] json::object object(std::string_view member) const;
  // The canonical text of the parameters, without what our broker takes from them; "{}" where there are none.
  [[nodiscard]] std::string parameters() const;
  [[nodiscard]] std::string context(std::string_view member) const;
};

// By its path: …/v2/catalog or …/v2/service_instances/….
[[nodiscard]] bool is_osb(const net::Request& request);
[[nodiscard]] Asked read(const net::Request& request);

// An answer, or what a client saw instead of one.
struct Told {
  int status = 0;  // 0: none
  bool timed_out = false;
  net::Headers headers;
  bool is_empty = true;              // the body
  std::optional<json::object> body;  // where it is a JSON object

  [[nodiscard]] const json::object& members() const;
  [[nodiscard]] std::string text(std::string_view member) const;
  [[nodiscard]] bool is_success() const { return status >= 200 && status <= 202; }
  [[nodiscard]] std::optional<std::chrono::seconds> retry_after() const;
  [[nodiscard]] std::string what() const;  // "status 202", "no answer in time"
};
[[nodiscard]] Told told(const net::Reply& reply);
[[nodiscard]] Told told(const core::Result<net::Reply>& got);

// One request of a client, which may be handled never, once or twice, and answered or not.
struct Call {
  std::uint64_t number = 0;
  std::string client, server;  // names of the process and of the broker
  std::string platform;        // whose process the client is
  milliseconds sent{0};
  // In the order of all events: after which one the broker has begun to handle it (again).
  std::uint64_t begun = 0;
  net::Request request;
  Asked asked;
};

}  // namespace simulation::osb_check
