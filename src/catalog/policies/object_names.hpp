// How the objects of a catalog are called. Pure.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "core/json.hpp"

namespace catalog {

namespace json = boost::json;

// The external id where Kubernetes takes it as a name, else a stable one made of it.
[[nodiscard]] std::string object_name(std::string_view external_id);

// The names of a broker's classes, or of its plans. What is there keeps its name, however it came by it
// (service-catalog v0.3.1 spelt ids in its own way, and instances refer to these names); what is new is
// called by object_name, or, where that name is taken (two brokers may offer the same ids), by one that the
// broker's name goes into.
class ObjectNames {
 public:
  using IsTaken = std::function<bool(const std::string& name)>;

  // own: the broker's objects. is_taken: whether an object that is not the broker's has that name.
  ObjectNames(std::string_view broker, std::span<const json::object* const> own, IsTaken is_taken);

  [[nodiscard]] std::string name_for(std::string_view external_id);

 private:
  std::string broker_;
  IsTaken is_taken_;
  std::map<std::string, std::string, std::less<>> by_id_;
  std::set<std::string> given_;
};

}  // namespace catalog
