// The catalog's JSON, as the tests of it read it.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "broker/catalog.hpp"

namespace broker::test {

namespace json = boost::json;

inline const Ids& ids() {
  static const Ids made = *Ids::make("000000000000", "awsservicebroker");
  return made;
}

inline json::object body_of(const Catalog& catalog) {
  return core::parse_json(*catalog.document()->plain.body)->as_object();
}

inline const json::object& named(const json::object& parent, std::string_view list, std::string_view name) {
  for (const json::value& each : *core::find_array(parent, {list})) {
    if (core::find_string(each, {"name"}) == name) return each.as_object();
  }
  throw std::runtime_error("no " + std::string(name) + " in " + std::string(list));
}

inline const json::object& create_schema(const json::object& plan) {
  return *core::find_object(plan, {"schemas", "service_instance", "create", "parameters"});
}

inline std::vector<std::string> keys_of(const json::object& object) {
  std::vector<std::string> keys;
  for (const auto& entry : object) keys.emplace_back(entry.key());
  return keys;
}

}  // namespace broker::test
