#include "apiserver/discovery.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "apiserver/core_kinds.hpp"
#include "apiserver/reviews.hpp"

namespace apiserver::discovery {

namespace {

using GroupVersions = std::map<std::string, std::set<std::string>, std::less<>>;

GroupVersions group_versions(const Registry& registry) {
  GroupVersions versions;
  for (const auto& [group, version] : registry.group_versions()) versions[group].insert(version);
  for (const Question& question : questions())
    versions[question.resource.group].insert(question.resource.version);
  return versions;
}

json::array texts(const std::vector<std::string>& list) {
  json::array result;
  for (const std::string& text : list) result.emplace_back(text);
  return result;
}

json::array all_verbs() {
  return {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
}

struct Subresource {
  std::string_view name;
  kube::Resource response;  // its kind
  json::array verbs;
};

std::vector<Subresource> subresources_of(const Kind& kind) {
  std::vector<Subresource> parts;
  if (kind.is(kube::resources::namespaces)) parts.push_back({"finalize", kind.resource, {"update"}});
  if (kind.has_status) parts.push_back({"status", kind.resource, {"get", "patch", "update"}});
  if (kind.is(kube::resources::service_accounts)) {
    parts.push_back(
        {"token", {.group = "authentication.k8s.io", .version = "v1", .kind = "TokenRequest"}, {"create"}});
  }
  return parts;
}

json::object group_object(std::string_view name, const std::set<std::string>& versions) {
  json::array list;
  for (const std::string& version : versions) {
    list.push_back(json::object{{"groupVersion", std::string(name) + "/" + version}, {"version", version}});
  }
  json::object object{{"name", name}, {"versions", list}};
  object["preferredVersion"] = list.back();
  return object;
}

json::object response_kind(const kube::Resource& resource) {
  return {{"group", resource.group}, {"version", resource.version}, {"kind", resource.kind}};
}

json::object aggregated_resource(const Kind& kind) {
  json::object entry{{"resource", kind.resource.plural},
                     {"responseKind", response_kind(kind.resource)},
                     {"scope", kind.resource.namespaced ? "Namespaced" : "Cluster"},
                     {"singularResource", kind.singular},
                     {"verbs", all_verbs()}};
  if (!kind.short_names.empty()) entry["shortNames"] = texts(kind.short_names);
  if (!kind.categories.empty()) entry["categories"] = texts(kind.categories);
  json::array parts;
  for (const Subresource& part : subresources_of(kind)) {
    parts.push_back(json::object{
        {"subresource", part.name}, {"responseKind", response_kind(part.response)}, {"verbs", part.verbs}});
  }
  if (!parts.empty()) entry["subresources"] = std::move(parts);
  return entry;
}

json::array aggregated_resources(const Registry& registry, const std::string& group,
                                 const std::string& version) {
  json::array resources;
  for (const KindPtr& kind : registry.of(group, version)) resources.push_back(aggregated_resource(*kind));
  for (const Question& question : questions()) {
    if (question.resource.group != group || question.resource.version != version) continue;
    resources.push_back(json::object{{"resource", question.resource.plural},
                                     {"responseKind", response_kind(question.resource)},
                                     {"scope", question.resource.namespaced ? "Namespaced" : "Cluster"},
                                     {"singularResource", question.singular},
                                     {"verbs", {"create"}}});
  }
  return resources;
}

void add_resource(json::array& resources, const Kind& kind) {
  json::object entry{{"name", kind.resource.plural},
                     {"singularName", kind.singular},
                     {"namespaced", kind.resource.namespaced},
                     {"kind", kind.resource.kind},
                     {"verbs", all_verbs()}};
  if (!kind.short_names.empty()) entry["shortNames"] = texts(kind.short_names);
  if (!kind.categories.empty()) entry["categories"] = texts(kind.categories);
  resources.emplace_back(std::move(entry));
  for (const Subresource& part : subresources_of(kind)) {
    json::object sub{{"name", kind.resource.plural + "/" + std::string(part.name)},
                     {"singularName", ""},
                     {"namespaced", kind.resource.namespaced},
                     {"kind", part.response.kind},
                     {"verbs", part.verbs}};
    if (part.response.group != kind.resource.group) {
      sub["group"] = part.response.group;
      sub["version"] = part.response.version;
    }
    resources.emplace_back(std::move(sub));
  }
}

}  // namespace

json::object core_versions() {
  return {{"kind", "APIVersions"}, {"versions", {"v1"}}, {"serverAddressByClientCIDRs", json::array()}};
}

json::object group_list(const Registry& registry) {
  json::array groups;
  for (const auto& [name, versions] : group_versions(registry)) {
    if (!name.empty()) groups.push_back(group_object(name, versions));
  }
  return {{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", std::move(groups)}};
}

std::optional<json::object> group(const Registry& registry, std::string_view name) {
  const GroupVersions all = group_versions(registry);
  const auto found = all.find(name);
  if (name.empty() || found == all.end()) return std::nullopt;
  json::object object{{"kind", "APIGroup"}, {"apiVersion", "v1"}};
  for (auto& [member, value] : group_object(name, found->second)) object[member] = value;
  return object;
}

std::optional<json::object> resource_list(const Registry& registry, std::string_view group,
                                          std::string_view version) {
  json::array resources;
  for (const KindPtr& kind : registry.of(group, version)) add_resource(resources, *kind);
  for (const Question& question : questions()) {
    if (question.resource.group != group || question.resource.version != version) continue;
    resources.push_back(json::object{{"name", question.resource.plural},
                                     {"singularName", question.singular},
                                     {"namespaced", question.resource.namespaced},
                                     {"kind", question.resource.kind},
                                     {"verbs", {"create"}}});
  }
  if (resources.empty()) return std::nullopt;
  const std::string group_version =
      group.empty() ? std::string(version) : std::string(group) + "/" + std::string(version);
  return json::object{{"kind", "APIResourceList"},
                      {"apiVersion", "v1"},
                      {"groupVersion", group_version},
                      {"resources", std::move(resources)}};
}

json::object aggregated(const Registry& registry, bool core, std::string_view version) {
  json::array items;
  for (const auto& [name, versions] : group_versions(registry)) {
    if (name.empty() != core) continue;
    json::array list;
    for (const std::string& one : versions) {
      list.push_back(json::object{{"version", one},
                                  {"freshness", "Current"},
                                  {"resources", aggregated_resources(registry, name, one)}});
    }
    items.push_back(json::object{{"metadata", {{"name", name}, {"creationTimestamp", nullptr}}},
                                 {"versions", std::move(list)}});
  }
  return {{"kind", "APIGroupDiscoveryList"},
          {"apiVersion", "apidiscovery.k8s.io/" + std::string(version)},
          {"metadata", json::object()},
          {"items", std::move(items)}};
}

}  // namespace apiserver::discovery
