#include "svcat/describe.hpp"

#include <algorithm>

#include "catalog/api/views.hpp"
#include "core/hash.hpp"
#include "core/yaml.hpp"
#include "svcat/listing.hpp"
#include "svcat/status_text.hpp"
#include "svcat/table.hpp"

namespace svcat {

namespace {

using core::json::object;

std::string string_at(const object& item, core::Path path) {
  return std::string(core::find_string(item, path));
}

std::string scope_text(const object& item) {
  return kube::namespace_of(item).empty() ? "cluster" : "namespace";
}

std::string joined_tags(const object& item) {
  std::string text;
  const core::json::array* tags = core::find_array(item, {"spec", "tags"});
  for (const core::json::value& tag : tags ? *tags : core::json::array()) {
    if (tag.is_string()) text += (text.empty() ? "" : ", ") + std::string(tag.as_string());
  }
  return text;
}

// A titled part, or that there is nothing of it.
std::string section(std::string_view title, const Table& table, std::string_view if_empty) {
  std::string text = "\n" + std::string(title) + ":\n";
  return text + (table.empty() ? "  " + std::string(if_empty) + "\n" : table.to_text("  "));
}

std::string yaml_section(std::string_view title, const core::json::value* value) {
  if (!value || value->is_null()) return {};
  if (value->is_object() && value->as_object().empty()) return {};
  return "\n" + std::string(title) + ":\n" + indented(core::to_yaml(*value));
}

std::string conditions_section(const object& item) {
  const core::json::array* conditions = core::find_array(item, {"status", "conditions"});
  if (!conditions || conditions->empty()) return {};
  Table table({"TYPE", "STATUS", "REASON", "SINCE", "MESSAGE"});
  for (const core::json::value& condition : *conditions) {
    const auto cell = [&](std::string_view key) { return std::string(core::find_string(condition, {key})); };
    table.add({cell("type"), cell("status"), cell("reason"), cell("lastTransitionTime"), cell("message")});
  }
  return section("Conditions", table, "");
}

std::string parameters_sections(const object& item) {
  std::string text = yaml_section("Parameters", core::find(item, {"spec", "parameters"}));
  const core::json::array* sources = core::find_array(item, {"spec", "parametersFrom"});
  if (!sources || sources->empty()) return text;
  text += "\nParameters From:\n";
  for (const core::json::value& source : *sources) {
    const std::string_view name = core::find_string(source, {"secretKeyRef", "name"});
    const std::string_view key = core::find_string(source, {"secretKeyRef", "key"});
    text.append("  Secret: ").append(name).append(".").append(key).append("\n");
  }
  return text;
}

// A failed call that will be repeated: the answer to "why is it stuck".
std::string retry_text(const catalog::OperatedView& view) {
  if (view.retry_attempts() == 0) return {};
  std::string text = std::to_string(view.retry_attempts()) + " failed";
  if (const auto next = view.next_retry_time()) text += ", next at " + core::to_rfc3339(*next);
  return text;
}

// Keys and certificates have line breaks: those values are shown as JSON strings, which keep every character.
std::string on_one_line(const std::string& value) {
  const bool has_control =
      std::ranges::any_of(value, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  return has_control ? core::to_text(core::json::value(core::json::string(value))) : value;
}

void add_state(FieldList& fields, const object& item) {
  const catalog::OperatedView view(item);
  fields.add("Status", full_status(item));
  fields.add_if_any("Operation", std::string(view.current_operation()));
  fields.add_if_any("Attempts", retry_text(view));
  fields.add_if_any("Deleted at", string_at(item, {"metadata", "deletionTimestamp"}));
}

}  // namespace

std::string describe_broker(const object& broker, const Objects& its_classes) {
  const catalog::BrokerView view(broker);
  FieldList fields;
  fields.add("Name", std::string(view.name()));
  fields.add("Scope", scope_text(broker));
  fields.add_if_any("Namespace", std::string(kube::namespace_of(broker)));
  fields.add("URL", std::string(view.url()));
  fields.add("Status", full_status(broker));
  fields.add_if_any("Catalog read", string_at(broker, {"status", "lastCatalogRetrievalTime"}));
  Table classes({"NAME", "STATUS", "DESCRIPTION"});
  for (const object& item : its_classes) {
    classes.add({std::string(display_name(Kind::service_class, item)), offer_status(item),
                 string_at(item, {"spec", "description"})});
  }
  return fields.to_text() + conditions_section(broker) + section("Classes", classes, "No classes defined");
}

std::string describe_class(const object& service_class, const Objects& its_plans) {
  const catalog::ClassView view(service_class);
  FieldList fields;
  fields.add("Name", std::string(view.external_name()));
  fields.add_if_any("Namespace", std::string(kube::namespace_of(service_class)));
  fields.add("Scope", scope_text(service_class));
  fields.add("Description", string_at(service_class, {"spec", "description"}));
  fields.add("Kubernetes Name", std::string(view.name()));
  fields.add("Status", offer_status(service_class));
  fields.add("Tags", joined_tags(service_class));
  fields.add("Broker", std::string(view.broker_name(scope_of(service_class))));
  fields.add("Bindable", view.bindable() ? "true" : "false");
  fields.add("Plan updatable", view.plan_updatable() ? "true" : "false");
  Table plans({"NAME", "STATUS", "DESCRIPTION"});
  for (const object& plan : its_plans) {
    plans.add({std::string(display_name(Kind::plan, plan)), offer_status(plan),
               string_at(plan, {"spec", "description"})});
  }
  return fields.to_text() + section("Plans", plans, "No plans defined");
}

std::string describe_plan(const object& plan, const object* its_class, const Objects& its_instances) {
  const catalog::PlanView view(plan);
  FieldList fields;
  fields.add("Name", std::string(view.external_name()));
  fields.add_if_any("Namespace", std::string(kube::namespace_of(plan)));
  fields.add("Description", string_at(plan, {"spec", "description"}));
  fields.add("Kubernetes Name", std::string(view.name()));
  fields.add("Status", offer_status(plan));
  fields.add("Free", core::find_bool(plan, {"spec", "free"}).value_or(false) ? "true" : "false");
  fields.add("Class", std::string(its_class ? display_name(Kind::service_class, *its_class)
                                            : view.class_name(scope_of(plan))));
  Table instances({"NAME", "NAMESPACE", "STATUS"});
  for (const object& instance : its_instances) {
    instances.add({std::string(kube::name_of(instance)), std::string(kube::namespace_of(instance)),
                   short_status(instance)});
  }
  const auto schema = [&](std::string_view title, std::string_view field) {
    return yaml_section(title, core::find(plan, {"spec", field}));
  };
  return fields.to_text() + schema("Default Provision Parameters", "defaultProvisionParameters") +
         section("Instances", instances, "No instances defined") +
         schema("Instance Create Parameter Schema", "instanceCreateParameterSchema") +
         schema("Instance Update Parameter Schema", "instanceUpdateParameterSchema") +
         schema("Binding Create Parameter Schema", "serviceBindingCreateParameterSchema");
}

std::string describe_instance(const object& instance, const Objects& its_bindings) {
  const catalog::InstanceView view(instance);
  FieldList fields;
  fields.add("Name", std::string(view.name()));
  fields.add("Namespace", std::string(kube::namespace_of(instance)));
  add_state(fields, instance);
  fields.add_if_any("Dashboard URL", string_at(instance, {"status", "dashboardURL"}));
  fields.add("Class", std::string(view.class_reference().value));
  fields.add("Plan", std::string(view.plan_reference().value));
  fields.add_if_any("External ID", std::string(view.external_id()));
  Table bindings({"NAME", "STATUS"});
  for (const object& binding : its_bindings) {
    bindings.add({std::string(kube::name_of(binding)), short_status(binding)});
  }
  return fields.to_text() + conditions_section(instance) + parameters_sections(instance) +
         section("Bindings", bindings, "No bindings defined");
}

std::string describe_binding(const object& binding, const core::Result<object>& its_secret,
                             SecretValues values) {
  const catalog::BindingView view(binding);
  FieldList fields;
  fields.add("Name", std::string(view.name()));
  fields.add("Namespace", std::string(kube::namespace_of(binding)));
  add_state(fields, binding);
  fields.add("Secret", std::string(view.secret_name()));
  fields.add("Instance", std::string(view.instance_name()));
  fields.add_if_any("External ID", std::string(view.external_id()));
  const std::string text = fields.to_text() + conditions_section(binding) + parameters_sections(binding);
  const std::string title = "\nSecret Data:\n";
  if (!its_secret) return text + title + "  " + its_secret.error().message + "\n";
  FieldList data;
  const object* encoded = core::find_object(*its_secret, {"data"});
  for (const auto& [key, value] : encoded ? *encoded : object()) {
    const auto decoded = core::base64_decode(core::find_string(*encoded, {key}));
    if (!decoded) {
      data.add(key, "no base64");
    } else {
      data.add(key, values == SecretValues::shown ? on_one_line(*decoded)
                                                  : std::to_string(decoded->size()) + " bytes");
    }
  }
  return text + title + data.to_text();
}

}  // namespace svcat
