#include "broker/replacement/resource_types.hpp"

#include <algorithm>
#include <map>

#include "core/json.hpp"
#include "core/yaml.hpp"

namespace broker {

namespace json = boost::json;

namespace {

using ResourceTypes = std::map<std::string, ResourceType, std::less<>>;

json::object embedded(std::string_view name) {
  const auto file = std::ranges::find(resource_type_files(), name, &NamedText::name);
  return core::parse_yaml(file->text)->as_object();
}

std::vector<std::string> texts_of(const json::object& map, core::Path path) {
  std::vector<std::string> texts;
  if (const json::array* list = core::find_array(map, path)) {
    for (const json::value& each : *list) texts.emplace_back(each.as_string());
  }
  return texts;
}

CreateOnlyProperty property_at(std::string_view path) {
  CreateOnlyProperty property;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    property.path.emplace_back(path.substr(start, end - start));
    start = end + 1;
  }
  return property;
}

ResourceTypes read_resource_types() {
  const json::object schemas = embedded("create_only.json");
  const json::object known = embedded("data_resources.yaml");
  ResourceTypes types;
  for (const auto& [name, holds] : known.at("data").as_object()) types[name].holds = holds.as_string();
  for (const json::value& name : known.at("no_data").as_array()) types[std::string(name.as_string())];
  for (auto& [name, type] : types) {
    const auto names = [&name](const json::object& map, std::string_view key) {
      return texts_of(map, {key, name});
    };
    const std::vector<std::string> in_place = names(known, "in_place");
    const std::vector<std::string> when_added = names(known, "in_place_when_added");
    const auto add = [&](const std::vector<std::string>& paths) {
      for (const std::string& path : paths) {
        if (std::ranges::find(in_place, path) != in_place.end()) continue;
        type.create_only.push_back(property_at(path));
        type.create_only.back().in_place_when_added = std::ranges::find(when_added, path) != when_added.end();
      }
    };
    add(texts_of(schemas, {name, "createOnly"}));
    add(texts_of(schemas, {name, "conditional"}));
    add(names(known, "beyond_schema"));
    type.data_elsewhere = names(known, "data_elsewhere");
  }
  return types;
}

}  // namespace

const ResourceType* find_resource_type(std::string_view type) {
  static const ResourceTypes types = read_resource_types();
  const auto found = types.find(type);
  return found != types.end() ? &found->second : nullptr;
}

bool is_custom_resource(std::string_view type) {
  return type == "AWS::CloudFormation::CustomResource" || type.starts_with("Custom::");
}

}  // namespace broker
