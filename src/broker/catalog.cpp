#include "broker/catalog.hpp"

#include <algorithm>

#include "broker/account_parameters.hpp"
#include "broker/bindings/binding_schema.hpp"

namespace broker {

namespace json = boost::json;

namespace {

constexpr const char* schema_draft = "http://json-schema.org/draft-06/schema#";

const std::string* find_value(const std::vector<std::pair<std::string, std::string>>& pairs,
                              std::string_view name) {
  const auto found =
      std::ranges::find(pairs, name, [](const auto& pair) { return std::string_view(pair.first); });
  return found != pairs.end() ? &found->second : nullptr;
}

// A default as the schema's type has it: 5 and not "5" for a Number.
json::value typed(const TemplateParameter& parameter, const std::string& text) {
  if (!parameter.is_number) return json::value(text);
  boost::system::error_code error;
  json::value number = json::parse(text, error);
  return error || !number.is_number() ? json::value(text) : number;
}

json::object property_of(const TemplateParameter& parameter, const std::string* default_value) {
  json::object property;
  if (!parameter.description.empty()) property["description"] = parameter.description;
  property["type"] = parameter.is_number ? "integer" : "string";
  if (default_value != nullptr) property["default"] = typed(parameter, *default_value);
  if (!parameter.allowed_values.empty()) {
    json::array allowed;
    for (const std::string& value : parameter.allowed_values) allowed.push_back(typed(parameter, value));
    property["enum"] = std::move(allowed);
  }
  if (!parameter.label.empty()) property["title"] = parameter.label;
  return property;
}

class PlanSchema {
 public:
  PlanSchema(const Template& service, const TemplatePlan& plan, const CatalogOptions& options)
      : service_(service), plan_(plan), options_(options) {}

  [[nodiscard]] json::object create() const {
    json::object properties;
    json::array required;
    for (const TemplateParameter& parameter : service_.parameters) {
      if (!is_offered(parameter.name)) continue;
      const std::string* value = find_value(plan_.defaults, parameter.name);
      if (value == nullptr && parameter.default_value) value = &*parameter.default_value;
      properties[parameter.name] = property_of(parameter, value);
      if (value == nullptr) required.emplace_back(parameter.name);
    }
    for (const AccountParameter& parameter : account_parameters()) {
      if (!options_.hidden_parameters.contains(parameter.name))
        properties[parameter.name] = parameter.property;
    }
    json::object schema = head(std::move(properties));
    if (!required.empty()) schema["required"] = std::move(required);
    json::object prescribed;
    for (const auto& [name, value] : plan_.prescribed) prescribed[name] = value;
    if (!prescribed.empty()) schema["prescribed"] = std::move(prescribed);
    schema["openshift_form_definition"] = form();
    return schema;
  }

  [[nodiscard]] json::value update() const {
    json::object properties;
    for (const std::string& name : service_.updatable_parameters) {
      if (is_offered(name)) properties[name] = property_of(*service_.find_parameter(name), nullptr);
    }
    if (properties.empty()) return nullptr;
    return head(std::move(properties));
  }

 private:
  [[nodiscard]] bool is_offered(std::string_view name) const {
    return find_value(plan_.prescribed, name) == nullptr && !options_.hidden_parameters.contains(name);
  }
  [[nodiscard]] static json::object head(json::object properties) {
    return {{"$schema", schema_draft}, {"type", "object"}, {"properties", std::move(properties)}};
  }
  [[nodiscard]] json::array form() const {
    json::array fieldsets;
    const auto add = [&fieldsets](std::string_view title, json::array items) {
      if (!items.empty())
        fieldsets.push_back({{"Type", "fieldset"}, {"Title", title}, {"Items", std::move(items)}});
    };
    for (const ParameterGroup& group : service_.groups) {
      json::array items;
      for (const std::string& name : group.parameters) {
        if (service_.find_parameter(name) != nullptr && is_offered(name)) items.emplace_back(name);
      }
      add(group.title, std::move(items));
    }
    json::array account_items;
    for (const AccountParameter& parameter : account_parameters()) {
      if (!options_.hidden_parameters.contains(parameter.name)) account_items.emplace_back(parameter.name);
    }
    add(account_parameter_group, std::move(account_items));
    return fieldsets;
  }

  const Template& service_;
  const TemplatePlan& plan_;
  const CatalogOptions& options_;
};

json::object maintenance_info_of(const Template& service) {
  return {{"version", service.maintenance_version},
          {"description",
           "Takes over the current template of the class. CloudFormation replaces what cannot be changed "
           "in place."}};
}

osb::Plan to_plan(const Ids& ids, const Template& service, const TemplatePlan& plan,
                  const CatalogOptions& options) {
  const PlanSchema schema(service, plan, options);
  json::object metadata;
  if (!plan.cost.empty()) metadata["cost"] = plan.cost;
  if (plan.costs.is_array()) metadata["costs"] = plan.costs;
  metadata["displayName"] = plan.display_name;
  metadata["longDescription"] = plan.long_description;
  return {.id = ids.plan_id(service.name, plan.name),
          .name = plan.name,
          .description = plan.description,
          .free = false,
          .bindable = true,
          .binding_rotatable = service.has_injected_user && options.bindings_have_users,
          .metadata = std::move(metadata),
          .instance_create_schema = schema.create(),
          .instance_update_schema = schema.update(),
          .binding_create_schema = binding_schema(service),
          .maintenance_info = maintenance_info_of(service)};
}

osb::Offering to_offering(const Ids& ids, const Template& service, const CatalogOptions& options) {
  osb::Offering offering{.id = ids.class_id(service.name),
                         .name = service.name,
                         .description = service.description,
                         .bindable = true,
                         .instances_retrievable = true,
                         .bindings_retrievable = true,
                         .plan_updateable = false,
                         .tags = service.tags,
                         .requires_ = {},
                         .metadata = json::object{{"displayName", service.display_name},
                                                  {"providerDisplayName", service.provider_display_name},
                                                  {"documentationUrl", service.documentation_url},
                                                  {"imageUrl", service.image_url},
                                                  {"longDescription", service.long_description},
                                                  {"outputsAsIs", service.outputs_as_is},
                                                  {"cloudFoundry", service.cloud_foundry},
                                                  {"bindViaLambda", service.bind_via_lambda}},
                         .dashboard_client = {},
                         .plans = {}};
  for (const TemplatePlan& plan : service.plans)
    offering.plans.push_back(to_plan(ids, service, plan, options));
  return offering;
}

}  // namespace

Catalog::Catalog(const Ids& ids, TemplateSet templates, CatalogOptions options)
    : templates_(std::move(templates)), options_(std::make_shared<const CatalogOptions>(std::move(options))) {
  osb::Catalog catalog;
  for (const auto& service : templates_.templates) {
    catalog.services.push_back(to_offering(ids, *service, *options_));
    const osb::Offering& offering = catalog.services.back();
    Service& entry = services_[offering.id];
    entry.service = service;
    for (const osb::Plan& plan : offering.plans) entry.plans[plan.id] = service->find_plan(plan.name);
  }
  document_ = std::make_shared<const osb::CatalogDocument>(core::to_text(osb::to_json(catalog)));
}

const Catalog::Service* Catalog::find_entry(std::string_view service_id) const {
  const auto found = services_.find(service_id);
  return found != services_.end() ? &found->second : nullptr;
}

std::shared_ptr<const Template> Catalog::find_service(std::string_view service_id) const {
  const Service* entry = find_entry(service_id);
  return entry != nullptr ? entry->service : nullptr;
}

core::Result<Selection> Catalog::find(std::string_view service_id, std::string_view plan_id) const {
  const Service* entry = find_entry(service_id);
  if (entry == nullptr) {
    return core::fail(core::ErrorKind::invalid,
                      "The service " + std::string(service_id) + " is not in the catalog.");
  }
  const auto plan = entry->plans.find(plan_id);
  if (plan == entry->plans.end()) {
    return core::fail(core::ErrorKind::invalid, "The plan " + std::string(plan_id) +
                                                    " is none of the service " + entry->service->name + ".");
  }
  return Selection{.service = entry->service, .plan = plan->second, .options = options_};
}

}  // namespace broker
