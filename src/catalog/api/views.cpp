#include "catalog/api/views.hpp"

#include "catalog/api/conditions.hpp"

namespace catalog {

namespace {

const json::object& object_or_empty(const json::object& object, std::string_view field) {
  static const json::object empty;
  const json::object* found = core::find_object(object, {field});
  return found ? *found : empty;
}

bool is_removed(const json::object& status) {
  return core::find_bool(status, {"removedFromBrokerCatalog"}).value_or(false);
}

std::optional<std::chrono::milliseconds> duration_of(std::string_view text) {
  core::Result<std::chrono::milliseconds> duration = core::parse_duration(text);
  if (!duration || duration->count() <= 0) return std::nullopt;
  return *duration;
}

std::vector<std::string> strings_at(const json::object& object, core::Path path) {
  std::vector<std::string> texts;
  if (const json::array* list = core::find_array(object, path)) {
    for (const json::value& entry : *list) {
      if (entry.is_string()) texts.emplace_back(entry.get_string());
    }
  }
  return texts;
}

}  // namespace

const json::object& ObjectView::spec() const {
  return object_or_empty(*object_, "spec");
}
const json::object& ObjectView::status() const {
  return object_or_empty(*object_, "status");
}

bool ObjectView::has_status_of_another() const {
  std::string_view uid = core::find_string(status(), {"handled", "uid"});
  return !uid.empty() && uid != kube::uid_of(*object_);
}

std::optional<std::chrono::milliseconds> BrokerView::relist_duration() const {
  return duration_of(text("relistDuration"));
}

std::optional<AuthReference> BrokerView::auth() const {
  std::string own_namespace(kube::namespace_of(object()));
  auto reference = [&](std::string_view member, AuthReference::Kind kind) -> std::optional<AuthReference> {
    const json::object* ref = core::find_object(spec(), {"authInfo", member, "secretRef"});
    if (!ref) return std::nullopt;
    std::string namespace_ =
        own_namespace.empty() ? std::string(core::find_string(*ref, {"namespace"})) : own_namespace;
    return AuthReference{kind, {std::move(namespace_), std::string(core::find_string(*ref, {"name"}))}};
  };
  if (auto basic = reference("basic", AuthReference::Kind::basic)) return basic;
  return reference("bearer", AuthReference::Kind::bearer);
}

std::vector<std::string> BrokerView::class_restrictions() const {
  return strings_at(spec(), {"catalogRestrictions", "serviceClass"});
}
std::vector<std::string> BrokerView::plan_restrictions() const {
  return strings_at(spec(), {"catalogRestrictions", "servicePlan"});
}

bool ClassView::removed_from_catalog() const {
  return is_removed(status());
}
bool PlanView::removed_from_catalog() const {
  return is_removed(status());
}

bool PlanView::bindable(const ClassView& of_class) const {
  return core::find_bool(spec(), {"bindable"}).value_or(of_class.bindable());
}
bool PlanView::plan_updatable(const ClassView& of_class) const {
  return core::find_bool(spec(), {"planUpdatable"}).value_or(of_class.plan_updatable());
}
std::optional<std::chrono::seconds> PlanView::maximum_polling_duration() const {
  std::optional<std::int64_t> count = core::find_int(spec(), {"maximumPollingDuration"});
  if (!count || *count <= 0) return std::nullopt;
  return std::chrono::seconds(*count);
}

bool OperatedView::async_op_in_progress() const {
  return core::find_bool(status(), {"asyncOpInProgress"}).value_or(false);
}
bool OperatedView::orphan_mitigation_in_progress() const {
  return core::find_bool(status(), {"orphanMitigationInProgress"}).value_or(false);
}
std::int64_t OperatedView::reconciled_generation() const {
  return core::find_int(status(), {"reconciledGeneration"}).value_or(0);
}
std::optional<core::SystemTime> OperatedView::operation_start_time() const {
  return core::parse_rfc3339(core::find_string(status(), {"operationStartTime"}));
}
bool OperatedView::ready() const {
  return condition_is_true(status(), condition_type::ready);
}
bool OperatedView::failed() const {
  return condition_is_true(status(), condition_type::failed);
}
std::optional<std::string_view> OperatedView::handled_secret_versions() const {
  const json::value* versions = core::find(status(), {"handled", "secretVersions"});
  if (!versions || !versions->is_string()) return std::nullopt;
  return std::string_view(versions->get_string());
}
std::uint32_t OperatedView::retry_attempts() const {
  return static_cast<std::uint32_t>(core::find_int(status(), {"retry", "attempts"}).value_or(0));
}
std::optional<core::SystemTime> OperatedView::next_retry_time() const {
  return core::parse_rfc3339(core::find_string(status(), {"retry", "nextTime"}));
}

std::int64_t InstanceView::observed_generation() const {
  return core::find_int(status(), {"observedGeneration"}).value_or(0);
}

bool InstanceView::worked_on() const {
  return observed_generation() == generation() && !has_status_of_another();
}

bool InstanceView::usable() const {
  bool is_there = ready() || provision_status() == "Provisioned";
  return is_there && current_operation().empty() && !async_op_in_progress() &&
         !condition_is_true(status(), condition_type::unusable);
}

const json::object& InstanceView::carried_out() const {
  return object_or_empty(status(), "externalProperties");
}

std::string_view InstanceView::plan_id_at_broker() const {
  std::string_view property = scope().plan_external_id_property;
  std::string_view known = core::find_string(carried_out(), {property});
  if (!known.empty()) return known;
  const json::array* unconfirmed = core::find_array(status(), {"unconfirmedProvision", "planIDs"});
  if (unconfirmed && !unconfirmed->empty() && unconfirmed->front().is_string())
    return std::string_view(unconfirmed->front().get_string());
  return core::find_string(status(), {"inProgressProperties", property});
}

Reference InstanceView::reference(const ReferenceFields& fields) const {
  for (std::string_view field : {fields.external_name, fields.external_id, fields.name}) {
    std::string_view value = core::find_string(spec(), {field});
    if (!value.empty()) return {field, value};
  }
  return {};
}

std::string_view BindingView::secret_name() const {
  std::string_view given = text("secretName");
  return given.empty() ? name() : given;
}

bool BindingView::worked_on() const {
  return reconciled_generation() == generation() && !has_status_of_another();
}

bool BindingView::bound() const {
  bool has_credentials = ready() || core::find_object(status(), {"externalProperties"});
  return has_credentials && current_operation().empty() && !orphan_mitigation_in_progress();
}
const json::object& BindingView::rotation() const {
  return object_or_empty(status(), "rotation");
}
std::string_view BindingView::binding_id() const {
  std::string_view rotated = core::find_string(rotation(), {"bindingID"});
  return rotated.empty() ? external_id() : rotated;
}
std::optional<std::chrono::milliseconds> BindingView::rotation_interval() const {
  return duration_of(core::find_string(spec(), {"rotation", "interval"}));
}
std::optional<std::chrono::milliseconds> BindingView::rotation_overlap() const {
  return duration_of(core::find_string(spec(), {"rotation", "overlap"}));
}

}  // namespace catalog
