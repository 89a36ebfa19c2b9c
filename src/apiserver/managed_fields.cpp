#include "apiserver/managed_fields.hpp"

#include <algorithm>

#include "apiserver/field_set.hpp"

namespace apiserver {

namespace {

struct Entry {
  std::string manager, operation, subresource, api_version, time;
  FieldSet fields;

  [[nodiscard]] bool is(const Manager& other, std::string_view its_operation) const {
    return manager == other.name && operation == its_operation && subresource == other.subresource;
  }
};
using Entries = std::vector<Entry>;

Entries entries_of(const json::object& object) {
  Entries entries;
  const json::array* const list = core::find_array(object, {"metadata", "managedFields"});
  if (list == nullptr) return entries;
  for (const json::value& item : *list) {
    const json::object* const fields = core::find_object(item, {"fieldsV1"});
    if (fields == nullptr) continue;
    entries.push_back({.manager = std::string(core::find_string(item, {"manager"})),
                       .operation = std::string(core::find_string(item, {"operation"})),
                       .subresource = std::string(core::find_string(item, {"subresource"})),
                       .api_version = std::string(core::find_string(item, {"apiVersion"})),
                       .time = std::string(core::find_string(item, {"time"})),
                       .fields = from_fields_v1(*fields)});
  }
  return entries;
}

void write_entries(json::object& object, const Entries& entries) {
  json::array list;
  for (const Entry& entry : entries) {
    if (entry.fields.empty()) continue;
    json::object item{{"manager", entry.manager},        {"operation", entry.operation},
                      {"apiVersion", entry.api_version}, {"time", entry.time},
                      {"fieldsType", "FieldsV1"},        {"fieldsV1", to_fields_v1(entry.fields)}};
    if (!entry.subresource.empty()) item["subresource"] = entry.subresource;
    list.emplace_back(std::move(item));
  }
  core::set(object, {"metadata", "managedFields"}, std::move(list));
}

Entry& entry_of(Entries& entries, const Kind& kind, const Manager& manager, std::string_view operation) {
  const auto found =
      std::ranges::find_if(entries, [&](const Entry& entry) { return entry.is(manager, operation); });
  if (found != entries.end()) return *found;
  entries.push_back({.manager = manager.name,
                     .operation = std::string(operation),
                     .subresource = manager.subresource,
                     .api_version = kind.resource.api_version(),
                     .time = manager.time,
                     .fields = {}});
  return entries.back();
}

bool is_element_step(const FieldPath& path) {
  return path.back().starts_with("k:");
}

struct Conflict {
  Entry* owner;
  FieldPath path;
};

std::vector<Conflict> conflicts_with(Entries& entries, const Manager& manager, const FieldSet& wanted,
                                     const json::object& current, const json::object& configuration) {
  std::vector<Conflict> conflicts;
  for (Entry& entry : entries) {
    if (entry.is(manager, "Apply")) continue;
    for (const FieldPath& path : entry.fields) {
      if (!wanted.contains(path) || is_element_step(path)) continue;
      const json::value* const now = value_at(current, path);
      const json::value* const then = value_at(configuration, path);
      if (now != nullptr && then != nullptr && *now != *then) conflicts.push_back({&entry, path});
    }
  }
  return conflicts;
}

std::unexpected<Failure> refuse_conflicts(const Kind& kind, std::string_view name,
                                          const std::vector<Conflict>& conflicts) {
  std::vector<kube::StatusCause> causes;
  std::string list;
  for (const Conflict& conflict : conflicts) {
    const std::string with =
        "conflict with \"" + conflict.owner->manager + "\"" +
        (conflict.owner->subresource.empty() ? ""
                                             : " with subresource \"" + conflict.owner->subresource + "\"") +
        " using " + conflict.owner->api_version;
    causes.push_back({.reason = "FieldManagerConflict", .message = with, .field = to_string(conflict.path)});
    list += conflicts.size() == 1 ? with + ": " + to_string(conflict.path)
                                  : "\n- " + to_string(conflict.path) + " (" + with + ")";
  }
  return refuse({.kind = core::ErrorKind::conflict,
                 .message = "Apply failed with " + std::to_string(conflicts.size()) +
                            (conflicts.size() == 1 ? " conflict: " : " conflicts:") + list,
                 .code = "Conflict"},
                {.name = std::string(name),
                 .group = kind.resource.group,
                 .kind = kind.resource.plural,
                 .causes = std::move(causes)});
}

// An element of a list belongs to whoever owns a part of it, too.
bool owned_by_others(const Entries& entries, const Entry& mine, const FieldPath& path) {
  const auto owns = [&path](const FieldSet& fields) {
    if (!is_element_step(path)) return fields.contains(path);
    const auto first = fields.lower_bound(path);
    return first != fields.end() && first->size() >= path.size() &&
           std::equal(path.begin(), path.end(), first->begin());
  };
  return std::ranges::any_of(entries,
                             [&](const Entry& entry) { return &entry != &mine && owns(entry.fields); });
}

// k:{"name":"x"}, f:name: it goes with its element only.
bool is_key_of_element(const FieldPath& path) {
  if (path.size() < 2 || !path[path.size() - 2].starts_with("k:")) return false;
  const json::value key = json::parse(path[path.size() - 2].substr(2));
  return path.back().starts_with("f:") && key.as_object().contains(path.back().substr(2));
}

}  // namespace

Answer<json::object> apply_configuration(const Kind& kind, const json::object* current,
                                         json::object configuration, const Manager& manager, bool force) {
  const json::object schema = with_metadata_schema(kind.schema);
  if (kind.has_status && manager.subresource.empty()) configuration.erase("status");
  core::erase(configuration, {"metadata", "managedFields"});
  const FieldSet wanted = fields_of(configuration, schema);
  Entries entries;
  json::value merged = configuration;
  if (current != nullptr) {
    entries = entries_of(*current);
    if (entries.empty()) {
      const Manager before{.name = "before-first-apply", .subresource = {}, .time = manager.time};
      entry_of(entries, kind, before, "Update").fields = fields_of(*current, schema);
    }
    const auto conflicts = conflicts_with(entries, manager, wanted, *current, configuration);
    if (!conflicts.empty() && !force) return refuse_conflicts(kind, kube::name_of(*current), conflicts);
    for (const Conflict& conflict : conflicts) conflict.owner->fields.erase(conflict.path);
    merged = *current;
    merge_applied(merged, configuration, schema);
  }
  Entry& mine = entry_of(entries, kind, manager, "Apply");
  // What was applied before and is no longer asked for goes, unless somebody else wants it too. Elements
  // stand before what is in them.
  for (const FieldPath& path : mine.fields) {
    if (!wanted.contains(path) && !is_key_of_element(path) && !owned_by_others(entries, mine, path))
      remove_at(merged.get_object(), path);
  }
  if (mine.fields != wanted) mine.time = manager.time;
  mine.fields = wanted;
  write_entries(merged.get_object(), entries);
  return std::move(merged.get_object());
}

void track_update(const Kind& kind, const json::object& before, json::object& after, const Manager& manager) {
  Entries entries = entries_of(after);
  if (entries.empty()) return;
  const json::object schema = with_metadata_schema(kind.schema);
  FieldSet changed;
  for (const FieldPath& path : fields_of(after, schema)) {
    const json::value* const was = value_at(before, path);
    if (was == nullptr || (!is_element_step(path) && *was != *value_at(after, path))) changed.insert(path);
  }
  for (Entry& entry : entries) {
    std::erase_if(entry.fields, [&](const FieldPath& path) {
      return value_at(after, path) == nullptr || (changed.contains(path) && !entry.is(manager, "Update"));
    });
  }
  if (!changed.empty()) {
    Entry& mine = entry_of(entries, kind, manager, "Update");
    mine.fields.merge(changed);
    mine.time = manager.time;
  }
  write_entries(after, entries);
}

}  // namespace apiserver
