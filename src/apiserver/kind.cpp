#include "apiserver/kind.hpp"

#include <stdexcept>

#include "apiserver/kind_files.hpp"
#include "apiserver/schema.hpp"
#include "core/hash.hpp"
#include "core/text.hpp"
#include "core/yaml.hpp"

namespace apiserver {

namespace {

std::vector<std::string> texts_of(const json::array* list) {
  std::vector<std::string> texts;
  if (list == nullptr) return texts;
  for (const json::value& entry : *list) {
    if (entry.is_string()) texts.emplace_back(entry.get_string());
  }
  return texts;
}

std::unexpected<core::Error> malformed(const json::object& crd, std::string_view why) {
  return core::fail(
      core::ErrorKind::invalid,
      "CustomResourceDefinition \"" + std::string(kube::name_of(crd)) + "\": " + std::string(why), "Invalid");
}

const json::object* storage_version(const json::object& crd) {
  const json::array* const versions = core::find_array(crd, {"spec", "versions"});
  if (versions == nullptr) return nullptr;
  for (const json::value& version : *versions) {
    if (core::find_bool(version, {"storage"}) == true) return version.if_object();
  }
  return nullptr;
}

// A column that a CRD without any gets.
Column age_column() {
  return *column_of({{"name", "Age"}, {"type", "date"}, {"jsonPath", ".metadata.creationTimestamp"}});
}

}  // namespace

std::string Kind::key_prefix() const {
  return "/" + (resource.group.empty() ? "core" : resource.group) + "/" + resource.plural + "/";
}

std::string Kind::key_prefix(std::string_view namespace_) const {
  std::string prefix = key_prefix();
  return namespace_.empty() ? prefix : prefix.append(namespace_).append("/");
}

std::string Kind::key(const kube::ObjectKey& object) const {
  return key_prefix(resource.namespaced ? object.namespace_ : "") + object.name;
}

kube::ObjectKey Kind::object_key(std::string_view key) const {
  key.remove_prefix(key_prefix().size());
  const std::size_t slash = key.find('/');
  if (slash == std::string_view::npos) return {.namespace_ = {}, .name = std::string(key)};
  return {.namespace_ = std::string(key.substr(0, slash)), .name = std::string(key.substr(slash + 1))};
}

core::Result<Kind> kind_of_crd(const json::object& crd) {
  const std::string_view scope = core::find_string(crd, {"spec", "scope"});
  if (core::find_string(crd, {"kind"}) != "CustomResourceDefinition")
    return malformed(crd, "kind: must be CustomResourceDefinition");
  if (scope != "Cluster" && scope != "Namespaced")
    return malformed(crd, "spec.scope: must be Cluster or Namespaced");
  if (const std::string_view strategy = core::find_string(crd, {"spec", "conversion", "strategy"});
      !strategy.empty() && strategy != "None")
    return malformed(crd, "spec.conversion.strategy: only None is served");
  const json::object* const version = storage_version(crd);
  if (version == nullptr) return malformed(crd, "spec.versions: exactly one must have storage: true");
  const json::object* const schema = core::find_object(*version, {"schema", "openAPIV3Schema"});
  if (schema == nullptr) return malformed(crd, "spec.versions[].schema.openAPIV3Schema: Required value");
  if (auto checked = schema::check(*schema, "spec.versions[].schema.openAPIV3Schema"); !checked)
    return malformed(crd, checked.error().message);

  Kind kind;
  const json::object& names = *core::find_object(crd, {"spec", "names"});
  kind.resource = {.group = std::string(core::find_string(crd, {"spec", "group"})),
                   .version = std::string(core::find_string(*version, {"name"})),
                   .kind = std::string(core::find_string(names, {"kind"})),
                   .plural = std::string(core::find_string(names, {"plural"})),
                   .namespaced = scope == "Namespaced"};
  const std::string full_name =
      kind.resource.plural + (kind.resource.group.empty() ? "" : "." + kind.resource.group);
  if (kube::name_of(crd) != full_name)
    return malformed(crd, "metadata.name: must be spec.names.plural+\".\"+spec.group: \"" + full_name + "\"");
  kind.singular = core::find_string(names, {"singular"});
  if (kind.singular.empty()) kind.singular = core::to_lower(kind.resource.kind);
  kind.list_kind = core::find_string(names, {"listKind"});
  if (kind.list_kind.empty()) kind.list_kind = kind.resource.kind + "List";
  kind.short_names = texts_of(core::find_array(names, {"shortNames"}));
  kind.categories = texts_of(core::find_array(names, {"categories"}));
  kind.has_status = core::find_object(*version, {"subresources", "status"}) != nullptr;
  kind.schema = *schema;
  if (const json::array* columns = core::find_array(*version, {"additionalPrinterColumns"})) {
    for (const json::value& entry : *columns) {
      auto column = entry.is_object() ? column_of(entry.get_object())
                                      : core::fail(core::ErrorKind::invalid, "a column must be an object");
      if (!column) return malformed(crd, column.error().message);
      kind.columns.push_back(std::move(*column));
    }
  } else {
    kind.columns.push_back(age_column());
  }
  if (const json::array* fields = core::find_array(*version, {"selectableFields"})) {
    for (const json::value& field : *fields) {
      std::string_view path = core::find_string(field, {"jsonPath"});
      if (path.starts_with('.')) path.remove_prefix(1);
      kind.selectable_fields.emplace_back(path);
    }
  }
  kind.digest = core::sha256_hex(core::to_text(crd.at("spec")));
  return kind;
}

const json::object& object_meta_schema() {
  static const json::object schema = [] {
    for (const KindFile& file : kind_files()) {
      if (file.name != "object_meta.yaml") continue;
      core::Result<json::value> parsed = core::parse_yaml(file.yaml);
      if (parsed) return std::move(parsed->as_object());
      throw std::logic_error("object_meta.yaml: " + parsed.error().message);
    }
    throw std::logic_error("object_meta.yaml is missing");
  }();
  return schema;
}

}  // namespace apiserver
