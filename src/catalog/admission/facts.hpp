// The pure half of admission: one function per kind from the request and what was looked up to the object as
// it shall be stored, or the denial. Errors: forbidden (not now, not by this user) or invalid, with code
// "Invalid".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/admission/request.hpp"
#include "catalog/api/views.hpp"
#include "core/error.hpp"

namespace catalog::admission {

using Admitted = core::Result<json::object>;

// "spec.url: must be …; got …"
[[nodiscard]] std::unexpected<core::Error> invalid(std::string_view field, const std::string& why);
[[nodiscard]] std::unexpected<core::Error> forbidden(const std::string& why);
// The members of object["spec"], made where there is none.
[[nodiscard]] json::object& spec_of(json::object& object);
void add_finalizer(json::object& object);
void set_labels(json::object& object, const json::object& labels);  // others stay
// spec.userInfo: who last wished for something. What the request itself says of it is not believed.
void set_user_info(Request& request, bool new_wishes);
[[nodiscard]] core::Result<> check_secret_name(std::string_view field, std::string_view name);

// --- filling_in.cpp ---
// Of an update: what the stored object has and the new one leaves out, of all that is not the user's to say.
void fill_in_again(Request& request);

// --- annotations.cpp: of instances and bindings ---
// Whether the request switches `abandon` on, which takes a verb of its own.
[[nodiscard]] bool gives_up(const Request& request);
[[nodiscard]] core::Result<> check_abandon(const Request& request, bool may_abandon);
// Of a request to delete the object.
[[nodiscard]] core::Result<> check_removal(const Request& request);

// --- external_ids.cpp: of instances and bindings ---
// The object that has the external id which a new one names.
struct IdHolder {
  kube::ObjectKey key;
  bool visible = false;  // the user may get it, and is told its name
  bool deleting = false;
};
[[nodiscard]] core::Result<> check_external_id_is_free(const Request& request,
                                                       const std::optional<IdHolder>& holder);

// --- brokers.cpp ---
struct BrokerFacts {
  std::optional<bool> may_read_auth_secret;  // absent: no authInfo, or unchanged
};
[[nodiscard]] Admitted admit_broker(Request request, const Scope& scope, const BrokerFacts& facts);

// --- classes_and_plans.cpp ---
[[nodiscard]] Admitted admit_class(Request request, const Scope& scope);
[[nodiscard]] Admitted admit_plan(Request request, const Scope& scope);

// --- instances.cpp ---
struct InstanceFacts {
  std::vector<json::object> classes;  // those that the instance's class reference matches
  std::vector<json::object> plans;    // of the class, where it is the only one
  std::optional<IdHolder> id_holder = {};
};
[[nodiscard]] Admitted admit_instance(Request request, const InstanceFacts& facts);

// --- bindings.cpp ---
struct BindingFacts {
  std::optional<json::object> instance;
  std::optional<json::object> plan;                 // of the instance
  std::vector<kube::ObjectKey> unreadable_secrets;  // of addKeysFrom
  std::optional<IdHolder> id_holder = {};
};
[[nodiscard]] Admitted admit_binding(Request request, const BindingFacts& facts);

}  // namespace catalog::admission
