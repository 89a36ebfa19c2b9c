#include "apiserver/openapi.hpp"

#include <ranges>

#include "core/hash.hpp"

namespace apiserver::openapi {

namespace {

constexpr std::string_view object_meta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
constexpr std::string_view list_meta = "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta";

// "io.k8s.servicecatalog.v1beta1.ServiceInstance"
std::string schema_name(const Kind& kind, std::string_view suffix = {}) {
  const kube::Resource& resource = kind.resource;
  std::string group = "io.k8s.api.core";
  if (!resource.group.empty()) {
    group.clear();
    for (const auto part : std::views::split(resource.group, '.'))
      group = std::string(std::string_view(part)) + (group.empty() ? "" : ".") + group;
  }
  return group + "." + resource.version + "." + resource.kind + std::string(suffix);
}

struct Dialect {
  bool v3 = true;
  [[nodiscard]] json::object reference(std::string_view name) const {
    return {{"$ref", (v3 ? "#/components/schemas/" : "#/definitions/") + std::string(name)}};
  }
};

json::array group_version_kind(const Kind& kind) {
  return {json::object{
      {"group", kind.resource.group}, {"version", kind.resource.version}, {"kind", kind.resource.kind}}};
}

json::object list_meta_schema() {
  const auto text = [](std::string_view description) {
    return json::object{{"type", "string"}, {"description", description}};
  };
  return {{"type", "object"},
          {"description", "Bookkeeping of a list."},
          {"properties",
           {{"continue", text("Token for the next page; absent on the last one.")},
            {"resourceVersion", text("Version that the list was read at; a watch can go on from it.")},
            {"selfLink", text("No longer set.")},
            {"remainingItemCount",
             {{"type", "integer"}, {"format", "int64"}, {"description", "How many objects follow."}}}}}};
}

// OpenAPI 2 has no word for some of what structural schemas say.
void to_v2(json::value& value) {
  if (json::object* object = value.if_object()) {
    for (const std::string_view word : {"nullable", "oneOf", "anyOf", "not"}) {
      const json::value* const member = object->if_contains(word);
      if (member != nullptr && (member->is_bool() || member->is_array() || member->is_object()))
        object->erase(word);
    }
    for (auto& [name, member] : *object) to_v2(member);
  } else if (json::array* list = value.if_array()) {
    for (json::value& element : *list) to_v2(element);
  }
}

void add_schemas(json::object& schemas, const Kind& kind, Dialect dialect) {
  json::object schema = kind.schema;
  if (!dialect.v3) {
    json::value value(std::move(schema));
    // Members of "properties" may be called like a word of the dialect; they are objects with a type.
    to_v2(value);
    schema = std::move(value.get_object());
  }
  json::object metadata = dialect.reference(object_meta);
  if (dialect.v3) {
    metadata = {{"allOf", json::array{std::move(metadata)}},
                {"default", json::object()},
                {"description", "Name, identity and bookkeeping of the object."}};
  }
  core::set(schema, {"properties", "metadata"}, std::move(metadata));
  schema["x-kubernetes-group-version-kind"] = group_version_kind(kind);
  schemas[schema_name(kind)] = std::move(schema);

  json::object list{
      {"type", "object"},
      {"description", kind.list_kind + " is a list of " + kind.resource.kind + "."},
      {"required", {"items"}},
      {"properties",
       {{"apiVersion", {{"type", "string"}, {"description", "Version of this representation of the list."}}},
        {"kind", {{"type", "string"}, {"description", "Kind of the list."}}},
        {"metadata", dialect.reference(list_meta)},
        {"items",
         {{"type", "array"},
          {"description", "The objects."},
          {"items", dialect.reference(schema_name(kind))}}}}}};
  list["x-kubernetes-group-version-kind"] = json::array{json::object{
      {"group", kind.resource.group}, {"version", kind.resource.version}, {"kind", kind.list_kind}}};
  schemas[schema_name(kind, "List")] = std::move(list);
}

json::object parameter(std::string_view name, std::string_view in, std::string_view description,
                       Dialect dialect) {
  json::object object{{"name", name}, {"in", in}, {"description", description}};
  if (in == "path") object["required"] = true;
  if (dialect.v3) {
    object["schema"] = {{"type", "string"}, {"uniqueItems", true}};
  } else {
    object["type"] = "string";
    object["uniqueItems"] = true;
  }
  return object;
}

json::object operation(const Kind& kind, std::string_view action, std::string_view schema, Dialect dialect) {
  json::object answer{{"description", "OK"}};
  if (dialect.v3) {
    answer["content"] = {{"application/json", {{"schema", dialect.reference(schema)}}}};
  } else {
    answer["schema"] = dialect.reference(schema);
  }
  const std::string group = kind.resource.group.empty() ? "core" : kind.resource.group;
  json::object object{{"tags", {group + "_" + kind.resource.version}},
                      {"operationId", std::string(action) + "_" + group + "_" + kind.resource.version + "_" +
                                          kind.resource.kind + "_" + std::string(schema)},
                      {"responses", {{"200", std::move(answer)}}},
                      {"x-kubernetes-action", action}};
  object["x-kubernetes-group-version-kind"] = group_version_kind(kind).at(0);
  if (action == "post" || action == "put" || action == "patch") {
    object["parameters"] =
        json::array{parameter("dryRun", "query", "All: everything is done but storing the object.", dialect),
                    parameter("fieldManager", "query", "Name of who makes the change.", dialect),
                    parameter("fieldValidation", "query",
                              "What is said about unknown fields: Ignore, Warn or Strict.", dialect)};
  }
  return object;
}

void add_paths(json::object& paths, const Kind& kind, Dialect dialect) {
  const kube::Resource& resource = kind.resource;
  std::string base = resource.group.empty() ? "/api/" : "/apis/" + resource.group + "/";
  base += resource.version + (resource.namespaced ? "/namespaces/{namespace}/" : "/") + resource.plural;
  json::array place;
  if (resource.namespaced)
    place.push_back(parameter("namespace", "path", "Namespace of the object.", dialect));
  const std::string one = schema_name(kind);
  const std::string many = schema_name(kind, "List");
  paths[base] = {{"parameters", place},
                 {"get", operation(kind, "list", many, dialect)},
                 {"post", operation(kind, "post", one, dialect)},
                 {"delete", operation(kind, "deletecollection", many, dialect)}};
  place.push_back(parameter("name", "path", "Name of the object.", dialect));
  paths[base + "/{name}"] = {{"parameters", place},
                             {"get", operation(kind, "get", one, dialect)},
                             {"put", operation(kind, "put", one, dialect)},
                             {"patch", operation(kind, "patch", one, dialect)},
                             {"delete", operation(kind, "delete", one, dialect)}};
  if (kind.has_status) {
    paths[base + "/{name}/status"] = {{"parameters", place},
                                      {"get", operation(kind, "get", one, dialect)},
                                      {"put", operation(kind, "put", one, dialect)},
                                      {"patch", operation(kind, "patch", one, dialect)}};
  }
}

json::object info() {
  return {{"title", "Kubernetes"}, {"version", "v1.32.0"}};
}

void add_all(const std::vector<KindPtr>& kinds, json::object& schemas, json::object& paths, Dialect dialect) {
  json::value meta(object_meta_schema());
  if (!dialect.v3) to_v2(meta);
  schemas[object_meta] = std::move(meta);
  schemas[list_meta] = list_meta_schema();
  for (const KindPtr& kind : kinds) {
    add_schemas(schemas, *kind, dialect);
    add_paths(paths, *kind, dialect);
  }
}

}  // namespace

json::object index(const Registry& registry) {
  json::object paths;
  for (const auto& [group, version] : registry.group_versions()) {
    std::string digests;
    for (const KindPtr& kind : registry.of(group, version)) digests += kind->digest;
    const std::string path = group.empty() ? "api/" + version : "apis/" + group + "/" + version;
    paths[path] = {{"serverRelativeURL", "/openapi/v3/" + path + "?hash=" + core::sha256_hex(digests)}};
  }
  return {{"paths", std::move(paths)}};
}

std::optional<json::object> document_v3(const Registry& registry, std::string_view group,
                                        std::string_view version) {
  const std::vector<KindPtr> kinds = registry.of(group, version);
  if (kinds.empty()) return std::nullopt;
  json::object schemas;
  json::object paths;
  add_all(kinds, schemas, paths, {.v3 = true});
  return json::object{{"openapi", "3.0.0"},
                      {"info", info()},
                      {"paths", std::move(paths)},
                      {"components", {{"schemas", std::move(schemas)}}}};
}

json::object document_v2(const Registry& registry) {
  json::object schemas;
  json::object paths;
  add_all(registry.all(), schemas, paths, {.v3 = false});
  return {
      {"swagger", "2.0"}, {"info", info()}, {"paths", std::move(paths)}, {"definitions", std::move(schemas)}};
}

}  // namespace apiserver::openapi
