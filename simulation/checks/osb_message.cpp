#include "simulation/checks/osb_message.hpp"

#include <vector>

#include "core/hash.hpp"

namespace simulation::osb_check {

namespace {

const json::object& nothing() {
  static const json::object empty;
  return empty;
}

std::string member_text(const json::object& object, std::string_view member) {
  return std::string(core::find_string(object, {member}));
}

std::optional<json::object> object_in(std::string_view text) {
  const auto parsed = core::parse_json(text, {.max_bytes = 16U << 20U, .max_depth = 64});
  if (!parsed || !parsed->is_object()) return std::nullopt;
  return parsed->get_object();
}

std::size_t start_of_api(std::string_view path) {
  const std::size_t catalog = path.find("/v2/catalog");
  return catalog != std::string_view::npos ? catalog : path.find("/v2/service_instances/");
}

std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    const auto decoded = core::percent_decode(path.substr(0, end));
    parts.push_back(decoded ? *decoded : std::string(path.substr(0, end)));
    path.remove_prefix(end);
  }
  return parts;
}

Verb verb_of(const std::string& method, const std::vector<std::string>& parts) {
  const bool operation = parts.back() == "last_operation";
  const bool of_binding = parts.size() >= 5 && parts[3] == "service_bindings";
  if (parts.size() == 2 && parts[1] == "catalog") return method == "GET" ? Verb::catalog : Verb::unknown;
  if (parts.size() == 6 && of_binding && operation && method == "GET") return Verb::binding_operation;
  if (parts.size() == 5 && of_binding) {
    if (method == "PUT") return Verb::bind;
    if (method == "GET") return Verb::fetch_binding;
    return method == "DELETE" ? Verb::unbind : Verb::unknown;
  }
  if (parts.size() == 4 && operation && method == "GET") return Verb::instance_operation;
  if (parts.size() != 3) return Verb::unknown;
  if (method == "PUT") return Verb::provision;
  if (method == "GET") return Verb::fetch_instance;
  if (method == "PATCH") return Verb::update;
  return method == "DELETE" ? Verb::deprovision : Verb::unknown;
}

}  // namespace

bool Asked::changes() const {
  return verb == Verb::provision || verb == Verb::update || verb == Verb::deprovision || verb == Verb::bind ||
         verb == Verb::unbind;
}

const json::object& Asked::members() const {
  return body ? *body : nothing();
}
std::string Asked::text(std::string_view member) const {
  return member_text(members(), member);
}
json::object Asked::object(std::string_view member) const {
  const json::object* found = core::find_object(members(), {member});
  return found != nullptr ? *found : json::object();
}
std::string Asked::parameters() const {
  json::object given = object("parameters");
  given.erase("allow_replacement");
  return core::to_canonical_text(given);
}
std::string Asked::context(std::string_view member) const {
  return std::string(core::find_string(members(), {"context", member}));
}

bool is_osb(const net::Request& request) {
  return start_of_api(request.path()) != std::string_view::npos;
}

Asked read(const net::Request& request) {
  Asked asked;
  const std::string_view path = request.path();
  const std::vector<std::string> parts = parts_of(path.substr(start_of_api(path)));
  asked.verb = verb_of(request.method, parts);
  if (parts.size() > 2) asked.instance = parts[2];
  if (parts.size() > 4) asked.binding = parts[4];
  const net::Query query = net::Query::parse(request.query());
  asked.accepts_incomplete = query.get("accepts_incomplete") == "true";
  asked.has_operation = query.find("operation").has_value();
  asked.operation = query.get("operation");
  if (!request.body.empty()) asked.body = object_in(request.body);
  const bool in_query = request.method == "GET" || request.method == "DELETE";
  asked.service_id = in_query ? std::string(query.get("service_id")) : asked.text("service_id");
  asked.plan_id = in_query ? std::string(query.get("plan_id")) : asked.text("plan_id");
  return asked;
}

const json::object& Told::members() const {
  return body ? *body : nothing();
}
std::string Told::text(std::string_view member) const {
  return member_text(members(), member);
}
std::optional<std::chrono::seconds> Told::retry_after() const {
  const std::string value(headers.get("Retry-After"));
  if (value.empty() || value.size() > 9 || value.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  return std::chrono::seconds(std::stoll(value));
}
std::string Told::what() const {
  if (status != 0) return "status " + std::to_string(status);
  return timed_out ? "no answer in time" : "no answer";
}

Told told(const net::Reply& reply) {
  return {.status = reply.status,
          .headers = reply.headers,
          .is_empty = reply.body.empty(),
          .body = object_in(reply.body)};
}
Told told(const core::Result<net::Reply>& got) {
  if (got) return told(*got);
  return {.timed_out = got.error().kind == core::ErrorKind::timeout};
}

}  // namespace simulation::osb_check
