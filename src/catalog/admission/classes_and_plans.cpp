#include "catalog/admission/facts.hpp"

namespace catalog::admission {

namespace {

core::Result<> check_required(const json::object& object, std::initializer_list<std::string_view> fields) {
  for (std::string_view field : fields) {
    if (core::find_string(object, {"spec", field}).empty())
      return invalid("spec." + std::string(field), "is required");
  }
  return {};
}

core::Result<> check_unchanged(const Request& request, std::initializer_list<std::string_view> fields) {
  if (request.operation != Operation::update) return {};
  for (std::string_view field : fields) {
    std::string_view before = core::find_string(request.old_object, {"spec", field});
    if (core::find_string(request.object, {"spec", field}) != before) {
      return invalid("spec." + std::string(field),
                     "cannot be changed; it is \"" + std::string(before) + "\"");
    }
  }
  return {};
}

}  // namespace

Admitted admit_class(Request request, const Scope& scope) {
  auto required = check_required(request.object, {"externalName", "externalID", scope.broker_name_field});
  if (!required) return core::fail(required.error());
  auto unchanged = check_unchanged(request, {"externalID", scope.broker_name_field});
  if (!unchanged) return core::fail(unchanged.error());
  set_labels(request.object, labels_of_class(scope, spec_of(request.object)));
  return std::move(request.object);
}

Admitted admit_plan(Request request, const Scope& scope) {
  auto required = check_required(request.object, {"externalName", "externalID", scope.broker_name_field});
  if (!required) return core::fail(required.error());
  auto unchanged = check_unchanged(request, {"externalID", scope.broker_name_field});
  if (!unchanged) return core::fail(unchanged.error());
  if (PlanView(request.object).class_name(scope).empty()) {
    return invalid("spec." + std::string(scope.class_fields.ref) + ".name", "is required");
  }
  set_labels(request.object, labels_of_plan(scope, spec_of(request.object)));
  return std::move(request.object);
}

}  // namespace catalog::admission
