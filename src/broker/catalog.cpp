#include "broker/catalog.hpp"

#include <algorithm>

#include "broker/bindings/binding_schema.hpp"
#include "broker/plan_schema.hpp"

namespace broker {

namespace json = boost::json;

namespace {

json::object maintenance_info_of(const Template& service) {
  return {{"version", service.maintenance_version},
          {"description",
           "Changes the instance to the current template of the class. An upgrade that would replace or "
           "delete resources with data is refused, unless the parameter allow_replacement is true."}};
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
          .maximum_polling_duration = service.maximum_polling_duration,
          .maintenance_info = maintenance_info_of(service)};
}

osb::Offering to_offering(const Ids& ids, const Template& service, const CatalogOptions& options) {
  osb::Offering offering{.id = ids.class_id(service.name),
                         .name = service.name,
                         .description = service.description,
                         .bindable = true,
                         .instances_retrievable = true,
                         .bindings_retrievable = true,
                         .allow_context_updates = true,
                         .plan_updateable = true,
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

std::unexpected<core::Error> no_plan(const Template& service, std::string_view plan_id) {
  return core::fail(core::ErrorKind::invalid, "The plan " + std::string(plan_id) +
                                                  " does not belong to the service " + service.name + ".");
}

}  // namespace

Catalog::Catalog(const Ids& ids, TemplateSet templates, CatalogOptions options)
    : ids_(ids),
      templates_(std::move(templates)),
      options_(std::make_shared<const CatalogOptions>(std::move(options))) {
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
  if (plan == entry->plans.end()) return no_plan(*entry->service, plan_id);
  return Selection{.service = entry->service, .plan = plan->second, .options = options_};
}

core::Result<Selection> Catalog::select(std::shared_ptr<const Template> service,
                                        std::string_view plan_id) const {
  const auto plan = std::ranges::find_if(
      service->plans, [&](const auto& each) { return ids_.plan_id(service->name, each.name) == plan_id; });
  if (plan == service->plans.end()) return no_plan(*service, plan_id);
  return Selection{.service = std::move(service), .plan = &*plan, .options = options_};
}

}  // namespace broker
