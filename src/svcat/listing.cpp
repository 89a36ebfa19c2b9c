#include "svcat/listing.hpp"

#include "catalog/api/views.hpp"
#include "core/yaml.hpp"
#include "svcat/status_text.hpp"
#include "svcat/table.hpp"

namespace svcat {

namespace {

using core::json::object;

std::vector<std::string> headings_of(Kind kind) {
  switch (kind) {
    case Kind::broker:
      return {"NAME", "NAMESPACE", "URL", "STATUS"};
    case Kind::service_class:
      return {"NAME", "NAMESPACE", "BROKER", "DESCRIPTION"};
    case Kind::plan:
      return {"NAME", "NAMESPACE", "CLASS", "DESCRIPTION"};
    case Kind::instance:
      return {"NAME", "NAMESPACE", "CLASS", "PLAN", "STATUS"};
    case Kind::binding:
      return {"NAME", "NAMESPACE", "INSTANCE", "STATUS"};
  }
  std::unreachable();
}

// The columns after name and namespace.
std::vector<std::string> details_of(Kind kind, const object& item, const Objects& classes) {
  const std::string description(core::find_string(item, {"spec", "description"}));
  switch (kind) {
    case Kind::broker:
      return {std::string(catalog::BrokerView(item).url()), short_status(item)};
    case Kind::service_class:
      return {std::string(catalog::ClassView(item).broker_name(scope_of(item))), description};
    case Kind::plan: {
      const object* owner = class_of_plan(item, classes);
      return {std::string(owner ? display_name(Kind::service_class, *owner)
                                : catalog::PlanView(item).class_name(scope_of(item))),
              description};
    }
    case Kind::instance: {
      const catalog::InstanceView instance(item);
      return {std::string(instance.class_reference().value), std::string(instance.plan_reference().value),
              short_status(item)};
    }
    case Kind::binding:
      return {std::string(catalog::BindingView(item).instance_name()), short_status(item)};
  }
  std::unreachable();
}

}  // namespace

std::string table_of(Kind kind, const Objects& objects, const Objects& classes) {
  Table table(headings_of(kind));
  for (const object& item : objects) {
    std::vector<std::string> cells{std::string(display_name(kind, item)),
                                   std::string(kube::namespace_of(item))};
    for (std::string& cell : details_of(kind, item, classes)) cells.push_back(std::move(cell));
    table.add(std::move(cells));
  }
  return table.to_text();
}

core::json::value document_of(Objects objects, bool as_list) {
  if (!as_list && objects.size() == 1) return std::move(objects.front());
  core::json::array items;
  for (object& item : objects) items.emplace_back(std::move(item));
  object list;
  list["apiVersion"] = "v1";
  list["kind"] = "List";
  list["items"] = std::move(items);
  return list;
}

std::string text_of(const core::json::value& document, Output output) {
  if (output == Output::yaml) return core::to_yaml(document);
  return core::to_pretty_text(document) + "\n";
}

}  // namespace svcat
