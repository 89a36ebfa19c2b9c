#include "catalog/admission/binding_spec.hpp"
#include "catalog/admission/facts.hpp"
#include "catalog/admission/parameters.hpp"
#include "core/uuid.hpp"

namespace catalog::admission {

namespace {

core::Result<> check_unchanged(const Request& request) {
  BindingView before(request.old_object);
  BindingView after(request.object);
  struct Field {
    std::string_view name, before, after;
  };
  for (const Field& field : {Field{"spec.instanceRef.name", before.instance_name(), after.instance_name()},
                             Field{"spec.externalID", before.external_id(), after.external_id()},
                             Field{"spec.secretName", before.secret_name(), after.secret_name()}}) {
    bool is_filled_in = field.before.empty() && field.name == "spec.externalID";
    if (field.before == field.after || is_filled_in) continue;
    return invalid(field.name, "cannot be changed; it is \"" + std::string(field.before) +
                                   "\". Delete the binding and create another.");
  }
  for (std::string_view field : {"parameters", "parametersFrom", "secretTransforms", "secretEntries"}) {
    const json::value* old = core::find(before.spec(), {field});
    const json::value* now = core::find(after.spec(), {field});
    if ((old && now) ? *old == *now : old == now) continue;
    return invalid("spec." + std::string(field), "cannot be changed. Delete the binding and create another.");
  }
  return {};
}

// What a user asks for.
json::object wishes(const json::object& object) {
  json::object spec = ObjectView(object).spec();
  for (std::string_view field : {"userInfo", "externalID"}) spec.erase(field);
  return spec;
}

core::Result<> check_instance(const BindingView& binding, const BindingFacts& facts) {
  if (facts.instance && InstanceView(*facts.instance).deleting()) {
    return forbidden("spec.instanceRef.name: the ServiceInstance \"" + std::string(binding.instance_name()) +
                     "\" is being deleted and cannot be bound");
  }
  if (!facts.plan) return {};
  OtherSources others;
  others.secrets = binding.parameters_from() && !binding.parameters_from()->empty();
  const json::object* schema =
      core::find_object(*facts.plan, {"spec", "serviceBindingCreateParameterSchema"});
  std::optional<std::string> problem = check_parameters(binding.parameters(), schema, others);
  if (problem) return invalid("spec.parameters", *problem);
  return {};
}

}  // namespace

Admitted admit_binding(Request request, const BindingFacts& facts) {
  json::object& spec = spec_of(request.object);
  BindingView binding(request.object);
  if (binding.instance_name().empty()) {
    return invalid("spec.instanceRef.name",
                   "is required: the ServiceInstance to bind, in the same namespace");
  }
  if (auto problem = check_parameters_size(core::find(request.old_object, {"spec", "parameters"}),
                                           spec.if_contains("parameters"))) {
    return invalid("spec.parameters", *problem);
  }
  if (core::Result<> checked = check_rotation(binding); !checked) return core::fail(checked.error());
  if (request.operation == Operation::update) {
    if (core::Result<> checked = check_unchanged(request); !checked) return core::fail(checked.error());
    set_user_info(request, wishes(request.object) != wishes(request.old_object));
    return std::move(request.object);
  }
  if (core::Result<> checked = check_transforms(request, facts.unreadable_secrets); !checked)
    return core::fail(checked.error());
  if (core::Result<> checked = check_external_id_is_free(request, facts.id_holder); !checked)
    return core::fail(checked.error());
  if (core::Result<> checked = check_instance(binding, facts); !checked) return core::fail(checked.error());
  if (core::find_string(spec, {"externalID"}).empty()) spec["externalID"] = core::Uuid::random().to_string();
  if (core::find_string(spec, {"secretName"}).empty()) {
    std::string name = request.key.name.empty() ? std::string(binding.name()) : request.key.name;
    if (!name.empty()) spec["secretName"] = name;
  }
  // A name that the API server is still to make (generateName) will do.
  if (std::string_view name = core::find_string(spec, {"secretName"}); !name.empty()) {
    if (core::Result<> checked = check_secret_name("spec.secretName", name); !checked)
      return core::fail(checked.error());
  }
  set_user_info(request, true);
  add_finalizer(request.object);
  return std::move(request.object);
}

}  // namespace catalog::admission
