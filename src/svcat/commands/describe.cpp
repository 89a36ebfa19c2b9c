#include "svcat/commands/describe.hpp"

#include "catalog/api/views.hpp"
#include "svcat/related.hpp"

namespace svcat {

namespace {

using core::json::object;

// Where what belongs to an object is: its own namespace, or, of cluster-wide ones, the cluster.
Place place_beside(const object& item) {
  const std::string_view namespace_ = kube::namespace_of(item);
  if (namespace_.empty()) return {.scope = ScopeChoice::cluster};
  return {.namespace_ = std::string(namespace_), .scope = ScopeChoice::namespaced};
}

// Instances of a cluster-wide plan are in any namespace, of which the user may be allowed to see one only.
async::Task<core::Result<Objects>> instances_near(Reader& reader, const object& plan, Place place) {
  if (!kube::namespace_of(plan).empty()) co_return co_await reader.list(Kind::instance, place_beside(plan));
  Place everywhere = place;
  everywhere.all_namespaces = true;
  auto instances = co_await reader.list(Kind::instance, everywhere);
  if (instances || instances.error().kind != core::ErrorKind::forbidden) co_return instances;
  co_return co_await reader.list(Kind::instance, place);
}

async::Task<core::Result<std::string>> plan_text(Reader& reader, const object& plan, Place place) {
  auto classes = co_await reader.list(Kind::service_class, place_beside(plan));
  if (!classes) co_return core::fail(std::move(classes.error()));
  auto instances = co_await instances_near(reader, plan, std::move(place));
  if (!instances) co_return core::fail(std::move(instances.error()));
  co_return describe_plan(plan, class_of_plan(plan, *classes), instances_of_plan(plan, *instances));
}

async::Task<core::Result<std::string>> binding_text(Reader& reader, const object& binding,
                                                    SecretValues values) {
  kube::ObjectKey key{.namespace_ = std::string(kube::namespace_of(binding)),
                      .name = std::string(catalog::BindingView(binding).secret_name())};
  const auto secret = co_await reader.get(kube::resources::secrets, std::move(key));
  co_return describe_binding(binding, secret, values);
}

}  // namespace

async::Task<core::Result<std::string>> describe(Reader& reader, DescribeRequest request) {
  const auto item = co_await reader.find_one(request.kind, request.place, request.name);
  if (!item) co_return core::fail(item.error());
  switch (request.kind) {
    case Kind::broker: {
      const auto classes = co_await reader.list(Kind::service_class, place_beside(*item));
      if (!classes) co_return core::fail(classes.error());
      co_return describe_broker(*item, classes_of(*item, *classes));
    }
    case Kind::service_class: {
      const auto plans = co_await reader.list(Kind::plan, place_beside(*item));
      if (!plans) co_return core::fail(plans.error());
      co_return describe_class(*item, plans_of(*item, *plans));
    }
    case Kind::plan:
      co_return co_await plan_text(reader, *item, request.place);
    case Kind::instance: {
      const auto bindings = co_await reader.list(Kind::binding, place_beside(*item));
      if (!bindings) co_return core::fail(bindings.error());
      co_return describe_instance(*item, bindings_of(*item, *bindings));
    }
    case Kind::binding:
      co_return co_await binding_text(reader, *item, request.secret_values);
  }
  std::unreachable();
}

}  // namespace svcat
