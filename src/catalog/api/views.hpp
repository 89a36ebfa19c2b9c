// Typed views over the catalog's JSON objects: what the spec and status fields are called stands here and
// nowhere else. A view borrows its object and reads it in place; absent fields read as "", 0, false or null.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/api/resources.hpp"
#include "core/error.hpp"
#include "core/json.hpp"
#include "core/time.hpp"

namespace catalog {

class ObjectView {
 public:
  explicit ObjectView(const json::object& object) : object_(&object) {}

  [[nodiscard]] const json::object& object() const { return *object_; }
  [[nodiscard]] kube::ObjectKey key() const { return kube::key_of(*object_); }
  [[nodiscard]] std::string_view name() const { return kube::name_of(*object_); }
  [[nodiscard]] std::int64_t generation() const { return kube::generation_of(*object_); }
  [[nodiscard]] bool deleting() const { return kube::is_being_deleted(*object_); }
  [[nodiscard]] bool has_our_finalizer() const { return kube::has_finalizer(*object_, finalizer); }
  [[nodiscard]] const json::object& spec() const;    // an empty one where absent
  [[nodiscard]] const json::object& status() const;  // an empty one where absent
  // The status was written for another object, from whose backup this one was restored (status.handled.uid).
  [[nodiscard]] bool has_status_of_another() const;

 protected:
  [[nodiscard]] std::string_view text(std::string_view field) const {
    return core::find_string(spec(), {field});
  }
  [[nodiscard]] bool flag(std::string_view field) const {
    return core::find_bool(spec(), {field}).value_or(false);
  }

 private:
  const json::object* object_;
};

// A Secret (and the kind of credentials in it) that a broker's authInfo names.
struct AuthReference {
  enum class Kind { basic, bearer } kind = Kind::basic;
  kube::ObjectKey secret;
};

class BrokerView : public ObjectView {
 public:
  using ObjectView::ObjectView;
  [[nodiscard]] std::string_view url() const { return text("url"); }
  [[nodiscard]] bool insecure_skip_tls_verify() const { return flag("insecureSkipTLSVerify"); }
  [[nodiscard]] std::string_view ca_bundle() const { return text("caBundle"); }  // base64
  [[nodiscard]] bool relists_by_itself() const { return text("relistBehavior") != "Manual"; }
  // nullopt where absent or no duration.
  [[nodiscard]] std::optional<std::chrono::milliseconds> relist_duration() const;
  // Of a namespaced broker the Secret is in the broker's namespace. nullopt where requests carry no
  // credentials.
  [[nodiscard]] std::optional<AuthReference> auth() const;
  [[nodiscard]] std::vector<std::string> class_restrictions() const;
  [[nodiscard]] std::vector<std::string> plan_restrictions() const;
};

class ClassView : public ObjectView {
 public:
  using ObjectView::ObjectView;
  [[nodiscard]] std::string_view external_name() const { return text("externalName"); }
  [[nodiscard]] std::string_view external_id() const { return text("externalID"); }
  [[nodiscard]] std::string_view broker_name(const Scope& scope) const {
    return text(scope.broker_name_field);
  }
  [[nodiscard]] bool bindable() const { return flag("bindable"); }
  [[nodiscard]] bool binding_retrievable() const { return flag("bindingRetrievable"); }
  [[nodiscard]] bool instances_retrievable() const { return flag("instancesRetrievable"); }
  [[nodiscard]] bool allow_context_updates() const { return flag("allowContextUpdates"); }
  [[nodiscard]] bool plan_updatable() const { return flag("planUpdatable"); }
  [[nodiscard]] bool removed_from_catalog() const;
};

class PlanView : public ObjectView {
 public:
  using ObjectView::ObjectView;
  [[nodiscard]] std::string_view external_name() const { return text("externalName"); }
  [[nodiscard]] std::string_view external_id() const { return text("externalID"); }
  [[nodiscard]] std::string_view broker_name(const Scope& scope) const {
    return text(scope.broker_name_field);
  }
  [[nodiscard]] std::string_view class_name(const Scope& scope) const {
    return core::find_string(spec(), {scope.class_fields.ref, "name"});
  }
  [[nodiscard]] bool bindable(const ClassView& of_class) const;        // the plan's word, else the class's
  [[nodiscard]] bool plan_updatable(const ClassView& of_class) const;  // the same
  [[nodiscard]] bool binding_rotatable() const { return flag("bindingRotatable"); }
  [[nodiscard]] std::optional<std::chrono::seconds> maximum_polling_duration() const;
  // {version, description}, or nullptr.
  [[nodiscard]] const json::object* maintenance_info() const {
    return core::find_object(spec(), {"maintenanceInfo"});
  }
  [[nodiscard]] bool removed_from_catalog() const;
};

// How an instance refers to its class or plan; field is empty where it does not.
struct Reference {
  std::string_view field;  // "clusterServiceClassExternalName"
  std::string_view value;
};

// What instances and bindings have in common.
class OperatedView : public ObjectView {
 public:
  using ObjectView::ObjectView;
  [[nodiscard]] std::string_view external_id() const { return text("externalID"); }
  [[nodiscard]] const json::object* parameters() const { return core::find_object(spec(), {"parameters"}); }
  [[nodiscard]] const json::array* parameters_from() const {
    return core::find_array(spec(), {"parametersFrom"});
  }
  [[nodiscard]] const json::object* user_info() const { return core::find_object(spec(), {"userInfo"}); }

  [[nodiscard]] std::string_view current_operation() const {
    return core::find_string(status(), {"currentOperation"});
  }
  [[nodiscard]] bool async_op_in_progress() const;
  [[nodiscard]] bool orphan_mitigation_in_progress() const;
  [[nodiscard]] std::string_view last_operation() const {
    return core::find_string(status(), {"lastOperation"});
  }
  [[nodiscard]] std::int64_t reconciled_generation() const;
  [[nodiscard]] std::optional<core::SystemTime> operation_start_time() const;
  [[nodiscard]] bool ready() const;
  [[nodiscard]] bool failed() const;
  // The versions of the Secrets of parametersFrom that the last call was made with; nullopt where unknown.
  [[nodiscard]] std::optional<std::string_view> handled_secret_versions() const;
  // status.retry: a failed call that will be repeated.
  [[nodiscard]] std::uint32_t retry_attempts() const;
  [[nodiscard]] std::optional<core::SystemTime> next_retry_time() const;
};

class InstanceView : public OperatedView {
 public:
  using OperatedView::OperatedView;
  [[nodiscard]] const Scope& scope() const { return scope_of_instance(object()); }
  [[nodiscard]] Reference class_reference() const { return reference(scope().class_fields); }
  [[nodiscard]] Reference plan_reference() const { return reference(scope().plan_fields); }
  [[nodiscard]] std::string_view class_ref() const {
    return core::find_string(spec(), {scope().class_fields.ref, "name"});
  }
  [[nodiscard]] std::string_view plan_ref() const {
    return core::find_string(spec(), {scope().plan_fields.ref, "name"});
  }
  [[nodiscard]] std::int64_t observed_generation() const;
  // The controller has worked on this spec, whatever came of it. Compared for equality: a restored status may
  // be ahead of an object whose generation starts at 1 again.
  [[nodiscard]] bool worked_on() const;
  [[nodiscard]] std::string_view provision_status() const {
    return core::find_string(status(), {"provisionStatus"});
  }
  [[nodiscard]] std::string_view deprovision_status() const {
    return core::find_string(status(), {"deprovisionStatus"});
  }
  // What the broker has carried out; an empty object before.
  [[nodiscard]] const json::object& carried_out() const;
  // The plan that the broker knows the instance by: during an update still the old one; of a provision whose
  // outcome is unclear the one that it asked for. "" where it knows nothing.
  [[nodiscard]] std::string_view plan_id_at_broker() const;
  // Its broker has it, works on nothing, and did not say that it cannot be used. What a failed update has
  // left is usable where the broker does not say (OSB, "Updating a Service Instance").
  [[nodiscard]] bool usable() const;
  // The broker that was asked last; "" where none was.
  [[nodiscard]] std::string_view broker_name() const { return core::find_string(status(), {"brokerName"}); }

 private:
  [[nodiscard]] Reference reference(const ReferenceFields& fields) const;
};

class BindingView : public OperatedView {
 public:
  using OperatedView::OperatedView;
  [[nodiscard]] std::string_view instance_name() const {
    return core::find_string(spec(), {"instanceRef", "name"});
  }
  [[nodiscard]] std::string_view secret_name() const;
  [[nodiscard]] std::string_view unbind_status() const {
    return core::find_string(status(), {"unbindStatus"});
  }
  // The controller has given up or carried out this spec (compared for equality, see
  // InstanceView::worked_on).
  [[nodiscard]] bool worked_on() const;
  // The broker has made credentials, and nothing is being done with them.
  [[nodiscard]] bool bound() const;
  // Under which the broker knows the credentials in the Secret: spec.externalID until they are rotated.
  [[nodiscard]] std::string_view binding_id() const;
  [[nodiscard]] std::string_view secret_version() const {
    return core::find_string(status(), {"secretVersion"});
  }
  [[nodiscard]] const json::object& rotation() const;  // status.rotation; an empty one where absent
  // Of spec.rotation; nullopt where absent or no duration.
  [[nodiscard]] std::optional<std::chrono::milliseconds> rotation_interval() const;
  [[nodiscard]] std::optional<std::chrono::milliseconds> rotation_overlap() const;
};

}  // namespace catalog
