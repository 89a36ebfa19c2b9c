#include "apiserver/field_set.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "apiserver/kind.hpp"
#include "apiserver/schema.hpp"

namespace apiserver {

namespace {

constexpr std::array system_fields{"name",
                                   "namespace",
                                   "uid",
                                   "creationTimestamp",
                                   "generation",
                                   "resourceVersion",
                                   "selfLink",
                                   "managedFields",
                                   "generateName",
                                   "deletionTimestamp",
                                   "deletionGracePeriodSeconds"};

bool is_atomic_map(const json::object& schema) {
  return core::find_string(schema, {"x-kubernetes-map-type"}) == "atomic";
}
std::string_view list_type(const json::object& schema) {
  return core::find_string(schema, {"x-kubernetes-list-type"});
}

const json::object& or_empty(const json::object* schema) {
  static const json::object nothing;
  return schema != nullptr ? *schema : nothing;
}

// k:{"type":"Ready"}
std::string key_step(const json::value& element, const json::object& schema) {
  json::object key;
  if (const json::array* names = core::find_array(schema, {"x-kubernetes-list-map-keys"})) {
    for (const json::value& name : *names) {
      if (const json::value* part = core::find(element, {std::string_view(name.as_string())}))
        key[name.as_string()] = *part;
    }
  }
  return "k:" + core::to_canonical_text(json::value(key));
}

std::string element_step(const json::value& element, const json::object& schema) {
  if (list_type(schema) == "set") return "v:" + core::to_text(element);
  return key_step(element, schema);
}

bool merges(const json::value& value, const json::object& schema) {
  return value.is_array() && (list_type(schema) == "map" || list_type(schema) == "set");
}

void collect(const json::value& value, const json::object& schema, FieldPath& path, FieldSet& fields) {
  if (const json::object* object = value.if_object();
      object != nullptr && !object->empty() && !is_atomic_map(schema)) {
    for (const auto& [name, member] : *object) {
      const bool is_metadata = path.size() == 1 && path[0] == "f:metadata";
      if (path.empty() && (name == "apiVersion" || name == "kind")) continue;
      if (is_metadata && std::ranges::find(system_fields, std::string_view(name)) != system_fields.end())
        continue;
      if (path.empty() && name == "metadata" && member.is_object() && member.get_object().empty()) continue;
      path.push_back("f:" + std::string(name));
      collect(member, or_empty(schema::of_member(schema, name)), path, fields);
      path.pop_back();
    }
  } else if (merges(value, schema)) {
    for (const json::value& element : value.get_array()) {
      path.push_back(element_step(element, schema));
      fields.insert(path);
      if (list_type(schema) == "map") collect(element, or_empty(schema::of_items(schema)), path, fields);
      path.pop_back();
    }
  } else if (!path.empty()) {
    fields.insert(path);
  }
}

// Clients send these too: what is no step is left out.
bool is_step(std::string_view step) {
  if (step.starts_with("f:")) return step.size() > 2;
  if (!step.starts_with("k:") && !step.starts_with("v:")) return false;
  boost::system::error_code error;
  const json::value value = json::parse(step.substr(2), error);
  return !error && (step.starts_with("v:") || value.is_object());
}

void collect_v1(const json::object& node, FieldPath& path, FieldSet& fields) {
  for (const auto& [step, child] : node) {
    if (step == ".") {
      fields.insert(path);
      continue;
    }
    if (!is_step(step)) continue;
    path.emplace_back(step);
    if (child.is_object() && !child.get_object().empty()) {
      collect_v1(child.get_object(), path, fields);
    } else {
      fields.insert(path);
    }
    path.pop_back();
  }
}

bool is_element(const json::value& element, std::string_view step, const json::value& wanted) {
  if (step.starts_with("v:")) return element == wanted;
  return std::ranges::all_of(wanted.as_object(), [&element](const auto& part) {
    const json::value* const member = core::find(element, {std::string_view(part.key())});
    return member != nullptr && *member == part.value();
  });
}

// The value that a step leads to from a value.
const json::value* step_into(const json::value& value, const std::string& step) {
  if (step.starts_with("f:")) return core::find(value, {std::string_view(step).substr(2)});
  const json::array* const list = value.if_array();
  if (list == nullptr) return nullptr;
  const json::value wanted = json::parse(std::string_view(step).substr(2));
  const auto* const element =
      std::ranges::find_if(*list, [&](const json::value& one) { return is_element(one, step, wanted); });
  return element == list->end() ? nullptr : element;
}

// True where nothing is left of the container.
bool remove_in(json::value& value, std::span<const std::string> path) {
  const std::string& step = path.front();
  auto* const child = const_cast<json::value*>(step_into(value, step));
  if (child == nullptr) return false;
  if (path.size() > 1 && !remove_in(*child, path.subspan(1))) return false;
  if (json::object* object = value.if_object()) {
    object->erase(std::string_view(step).substr(2));
    return object->empty();
  }
  json::array& list = value.get_array();
  list.erase(child);
  return list.empty();
}

}  // namespace

FieldSet fields_of(const json::object& object, const json::object& schema) {
  FieldSet fields;
  FieldPath path;
  collect(json::value(object), schema, path, fields);
  return fields;
}

json::object to_fields_v1(const FieldSet& fields) {
  json::object root;
  for (auto field = fields.begin(); field != fields.end(); ++field) {  // a container before what is in it
    const FieldPath& path = *field;
    json::object* node = &root;
    for (const std::string& step : path) {
      json::value& child = (*node)[step];
      if (!child.is_object()) child.emplace_object();
      node = &child.get_object();
    }
    const auto next = std::next(field);
    const bool is_container = next != fields.end() && next->size() > path.size() &&
                              std::equal(path.begin(), path.end(), next->begin());
    if (is_container) (*node)["."] = json::object();
  }
  return root;
}

FieldSet from_fields_v1(const json::object& fields) {
  FieldSet set;
  FieldPath path;
  collect_v1(fields, path, set);
  return set;
}

const json::value* value_at(const json::object& object, const FieldPath& path) {
  const json::value* value = object.if_contains(std::string_view(path.front()).substr(2));
  for (std::size_t i = 1; i < path.size() && value != nullptr; ++i) value = step_into(*value, path[i]);
  return value;
}

void remove_at(json::object& object, const FieldPath& path) {
  json::value* const member = object.if_contains(std::string_view(path.front()).substr(2));
  if (member == nullptr) return;
  if (path.size() == 1 || remove_in(*member, std::span(path).subspan(1))) {
    if (path.front() != "f:metadata") object.erase(std::string_view(path.front()).substr(2));
  }
}

void merge_applied(json::value& target, const json::value& applied, const json::object& schema) {
  if (const json::object* changes = applied.if_object();
      changes != nullptr && target.is_object() && !is_atomic_map(schema)) {
    for (const auto& [name, member] : *changes) {
      json::object& object = target.get_object();
      if (json::value* present = object.if_contains(name)) {
        merge_applied(*present, member, or_empty(schema::of_member(schema, name)));
      } else {
        object[name] = member;
      }
    }
  } else if (merges(applied, schema) && target.is_array()) {
    json::array& list = target.get_array();
    for (const json::value& element : applied.get_array()) {
      const std::string step = element_step(element, schema);
      auto* const present = const_cast<json::value*>(step_into(target, step));
      if (present == nullptr) {
        list.push_back(element);
      } else {
        merge_applied(*present, element, or_empty(schema::of_items(schema)));
      }
    }
  } else {
    target = applied;
  }
}

std::string to_string(const FieldPath& path) {
  std::string text;
  for (const std::string& step : path) {
    if (step.starts_with("f:")) {
      text += "." + step.substr(2);
    } else if (step.starts_with("v:")) {
      text += "[=" + step.substr(2) + "]";
    } else {
      std::string keys;
      const json::value key = json::parse(step.substr(2));
      for (const auto& [name, value] : key.as_object())
        keys += (keys.empty() ? "" : ",") + std::string(name) + "=" + core::to_text(value);
      text += "[" + keys + "]";
    }
  }
  return text;
}

json::object with_metadata_schema(const json::object& schema) {
  json::object whole = schema;
  core::set(whole, {"properties", "metadata"}, json::value(object_meta_schema()));
  return whole;
}

}  // namespace apiserver
