#include "broker/replacement/replacement.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "broker/replacement/loops.hpp"
#include "broker/replacement/resolved_stack.hpp"
#include "broker/replacement/resource_types.hpp"
#include "broker/value_text.hpp"

namespace broker {

namespace json = boost::json;

namespace {

using Names = std::set<std::string, std::less<>>;
using Path = std::vector<std::string>;

constexpr std::string_view nested_stack = "AWS::CloudFormation::Stack";

// What another resource gives a value.
struct Reference {
  std::string resource;
  std::string attribute;  // "" for Ref
};

// A value of a resource before and after, and what of other resources it is made of.
struct ComparedValue {
  bool differs = false;
  std::vector<Reference> references;
};

struct ComparedProperty {
  std::string name;  // "EncryptionAtRestOptions/Enabled"
  Path path;
  ComparedValue value;
};

// A resource that both templates have.
struct ComparedResource {
  const ResolvedResource* before = nullptr;
  const ResourceType* known = nullptr;  // nullptr: its type is not known
  bool changes_type = false;
  ComparedValue properties;
  std::vector<ComparedProperty> create_only;
};

// null where there is none. As far as the text tells: a function stands for all below it.
json::value value_at(const json::value& value, std::span<const std::string> path) {
  if (path.empty()) return value;
  if (path.front() == "*") {
    const json::array* list = value.if_array();
    if (list == nullptr) return value;
    json::array found;
    for (const json::value& each : *list) found.push_back(value_at(each, path.subspan(1)));
    return found;
  }
  const json::object* object = value.if_object();
  if (object == nullptr) return nullptr;
  if (!function_of(*object).empty() || object->contains("Fn::Transform")) return value;
  const json::value* found = object->if_contains(path.front());
  return found != nullptr ? value_at(*found, path.subspan(1)) : json::value();
}

void collect_references(const json::value& value, std::vector<Reference>& into) {
  if (const json::array* list = value.if_array()) {
    for (const json::value& each : *list) collect_references(each, into);
    return;
  }
  const json::object* object = value.if_object();
  if (object == nullptr) return;
  const std::string_view function = function_of(*object);
  if (function == "Ref") {
    into.push_back({.resource = value_text(object->begin()->value()), .attribute = {}});
  } else if (const json::array* parts =
                 object->begin() == object->end() ? nullptr : core::find_array(value, {"Fn::GetAtt"})) {
    if (parts->size() == 2)
      into.push_back({.resource = value_text((*parts)[0]), .attribute = value_text((*parts)[1])});
  } else {
    for (const auto& [key, each] : *object) collect_references(each, into);
  }
}

ComparedValue compare(const json::value& before, const json::value& after) {
  ComparedValue compared{.differs = before != after, .references = {}};
  if (!compared.differs) collect_references(after, compared.references);
  return compared;
}

bool is_off(const json::value& value) {
  return value.is_null() || value == "false" || value == "False";
}

std::string joined(const Path& path) {
  std::string text;
  for (const std::string& step : path) text += (text.empty() ? "" : "/") + step;
  return text;
}

// Attributes that stay as long as the resource does.
bool names_the_resource(std::string_view attribute) {
  return attribute.empty() || attribute.ends_with("Arn") || attribute.ends_with("Id") ||
         attribute.ends_with("Name");
}

class Comparison {
 public:
  Comparison(const ResolvedStack& before, const ResolvedStack& after, const ReplacementOptions& options)
      : options_(options) {
    for (const ResolvedResource& resource : before.resources()) {
      const ResolvedResource* const now = after.find(resource.id);
      if (!stays(resource, now)) continue;
      index_.emplace(resource.id, resources_.size());
      resources_.push_back(compare_resource(resource, *now));
    }
    follow_changes();
  }

  // false: the stack has it no more, or may not have it.
  [[nodiscard]] static bool stays(const ResolvedResource& resource, const ResolvedResource* now) {
    return now != nullptr && (now->exists == true || now->exists == resource.exists);
  }
  [[nodiscard]] bool is_modified(std::string_view id) const { return modified_.contains(id); }
  // nullptr: it is not.
  [[nodiscard]] const ComparedProperty* replacing_property(std::string_view id) const {
    for (const ComparedProperty& property : resources_.at(index_.find(id)->second).create_only) {
      if (changes(property.value)) return &property;
    }
    return nullptr;
  }
  [[nodiscard]] bool changes_type(std::string_view id) const {
    return resources_.at(index_.find(id)->second).changes_type;
  }

 private:
  ComparedResource compare_resource(const ResolvedResource& before, const ResolvedResource& after) const {
    ComparedResource compared{.before = &before,
                              .known = find_resource_type(before.type),
                              .changes_type = before.type != after.type,
                              .properties = compare(before.properties, after.properties),
                              .create_only = {}};
    if (compared.known == nullptr) return compared;
    for (const CreateOnlyProperty& property : compared.known->create_only) {
      const json::value old_value = value_at(before.properties, property.path);
      if (property.in_place_when_added && is_off(old_value)) continue;
      ComparedValue value = compare(old_value, value_at(after.properties, property.path));
      if (options_.tags_change && property.path == Path{"Tags"}) value.differs = true;
      if (!value.differs && value.references.empty()) continue;
      compared.create_only.push_back(
          {.name = joined(property.path), .path = property.path, .value = std::move(value)});
    }
    return compared;
  }

  [[nodiscard]] bool changes(const ComparedValue& value) const {
    return value.differs || std::ranges::any_of(value.references, [this](const Reference& reference) {
             if (replaced_.contains(reference.resource)) return true;
             const auto found = index_.find(reference.resource);
             if (found == index_.end()) return false;
             const bool is_known = resources_[found->second].known != nullptr &&
                                   !is_custom_resource(resources_[found->second].before->type);
             return modified_.contains(reference.resource) &&
                    !(is_known && names_the_resource(reference.attribute));
           });
  }

  // From each changed resource to those that are made with it, until nothing more changes.
  void follow_changes() {
    for (bool is_new = true; is_new;) {
      is_new = false;
      for (const ComparedResource& resource : resources_) {
        const std::string& id = resource.before->id;
        if (!modified_.contains(id) && (resource.changes_type || changes(resource.properties)))
          is_new = modified_.insert(id).second;
        if (replaced_.contains(id)) continue;
        const bool is_replaced =
            resource.changes_type || std::ranges::any_of(resource.create_only, [this](const auto& property) {
              return changes(property.value);
            });
        if (is_replaced) is_new = replaced_.insert(id).second;
      }
    }
  }

  ReplacementOptions options_;
  std::vector<ComparedResource> resources_;
  std::map<std::string, std::size_t, std::less<>> index_;
  Names modified_, replaced_;
};

enum class Contents { none, data, unclear };

Contents contents_of(const ResolvedResource& resource) {
  if (is_custom_resource(resource.type)) return Contents::none;
  const ResourceType* const type = find_resource_type(resource.type);
  if (resource.type == nested_stack || type == nullptr) return Contents::unclear;
  if (type->holds.empty()) return Contents::none;
  const json::object* const properties = resource.properties.if_object();
  const bool elsewhere =
      properties != nullptr && std::ranges::any_of(type->data_elsewhere, [&](const std::string& name) {
        return properties->contains(name);
      });
  return elsewhere ? Contents::none : Contents::data;
}

// The parameters with other values, in the templates' order.
std::vector<std::string> differing_parameters(const StackDesign& before, const StackDesign& after) {
  std::vector<std::string> names;
  const auto value_in = [](const Values& values, std::string_view name) {
    const auto found = values.find(name);
    return found != values.end() ? std::optional(found->second) : std::nullopt;
  };
  for (const StackDesign* design : {&after, &before}) {
    const json::object* const parameters = core::find_object(design->document, {"Parameters"});
    if (parameters == nullptr) continue;
    for (const auto& entry : *parameters) {
      std::string name(entry.key());
      if (value_in(before.parameters, name) != value_in(after.parameters, name) &&
          std::ranges::find(names, name) == names.end())
        names.push_back(std::move(name));
    }
  }
  return names;
}

// Transforms that add nothing that the template's text does not show.
bool is_transparent(std::string_view transform) {
  constexpr std::array<std::string_view, 2> whole{"AWS::LanguageExtensions", "AWS::CodeDeployBlueGreen"};
  return std::ranges::find(whole, transform) != whole.end() || transform.starts_with("AWS::Serverless-") ||
         transform.starts_with("AWS::SecretsManager-");
}

// "" where none is a macro that may make anything of the template.
std::string macro_of(const json::object& document) {
  const json::value* const given = document.if_contains("Transform");
  if (given == nullptr) return "";
  const json::array* const list = given->if_array();
  for (const json::value& each : list != nullptr ? *list : json::array{*given}) {
    const json::value* const name = core::find(each, {"Name"});
    std::string text = value_text(name != nullptr ? *name : each);
    if (!is_transparent(text)) return text;
  }
  return "";
}

Replacement unclear(std::string type, std::vector<std::string> parameters) {
  return {.kind = Replacement::Kind::unclear,
          .resource = {},
          .type = std::move(type),
          .holds = {},
          .property = {},
          .policy = {},
          .parameters = std::move(parameters)};
}

}  // namespace

std::vector<Replacement> find_replacements(const StackDesign& before, const StackDesign& after,
                                           const ReplacementOptions& options) {
  const std::vector<std::string> differing = differing_parameters(before, after);
  if (differing.empty() && !options.tags_change && before.document == after.document) return {};
  const auto old_document = without_loops(before.document, before.parameters);
  const auto new_document = without_loops(after.document, after.parameters);
  if (!old_document || !new_document) return {unclear("", differing)};
  const ResolvedStack old_stack(*old_document, before.parameters);
  const ResolvedStack new_stack(*new_document, after.parameters);
  if (old_stack.is_exhausted() || new_stack.is_exhausted()) return {unclear("", differing)};

  const auto named = [&differing](std::set<std::string> reached, const std::set<std::string>& more) {
    reached.insert(more.begin(), more.end());
    std::vector<std::string> names;
    std::ranges::copy_if(differing, std::back_inserter(names),
                         [&reached](const std::string& name) { return reached.contains(name); });
    return names;
  };
  const auto of_property = [&](const std::string& id, const Path& path) {
    return named(old_stack.parameters_of_property(id, path), new_stack.parameters_of_property(id, path));
  };

  std::vector<Replacement> found;
  const bool something_else = !differing.empty() || before.document != after.document;
  for (const json::object* document : {&before.document, &after.document}) {
    const std::string macro = macro_of(*document);
    if (macro.empty() || !something_else || !options.with_unclear) continue;
    found.push_back(unclear(macro, differing));
    break;
  }
  const Comparison comparison(old_stack, new_stack, options);
  for (const ResolvedResource& resource : old_stack.resources()) {
    const Contents contents = contents_of(resource);
    if (resource.exists == false || contents == Contents::none) continue;
    if (contents == Contents::unclear && !options.with_unclear) continue;
    const ResolvedResource* const now = new_stack.find(resource.id);
    const ResourceType* const type = find_resource_type(resource.type);
    Replacement loss = unclear(resource.type, {});
    loss.resource = resource.id;
    if (type != nullptr) loss.holds = type->holds;
    if (!Comparison::stays(resource, now)) {
      loss.kind = Replacement::Kind::deleted;
      loss.policy = resource.deletion_policy;
      loss.parameters = named(old_stack.parameters_of_condition(resource.id),
                              new_stack.parameters_of_condition(resource.id));
      // Of a loop, which another list is given.
      if (loss.parameters.empty() && before.document == after.document) loss.parameters = differing;
    } else if (contents == Contents::unclear) {
      if (!comparison.is_modified(resource.id)) continue;
      loss.policy = resource.replace_policy;
      loss.parameters = of_property(resource.id, {});
    } else if (comparison.changes_type(resource.id)) {
      loss.kind = Replacement::Kind::replaced;
      loss.property = "Type";
      loss.policy = resource.replace_policy;
    } else if (const ComparedProperty* property = comparison.replacing_property(resource.id)) {
      loss.kind = Replacement::Kind::replaced;
      loss.property = property->name;
      loss.policy = resource.replace_policy;
      loss.parameters = of_property(resource.id, property->path);
    } else {
      continue;
    }
    found.push_back(std::move(loss));
  }
  return found;
}

}  // namespace broker
