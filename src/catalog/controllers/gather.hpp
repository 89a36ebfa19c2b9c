// What instances and bindings need to know before a call: class, plan, broker, parameters, who asks.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "catalog/api/views.hpp"
#include "catalog/controllers/broker_clients.hpp"
#include "catalog/policies/parameters.hpp"

namespace catalog {

struct ClassAndPlan {
  Object service_class, plan;
};
// From the instance's references, or from its spec where they are not resolved yet.
[[nodiscard]] std::expected<ClassAndPlan, Problem> resolve(Stores& stores, const InstanceView& instance);

// The status was written for another object and says nothing of this one before the broker has confirmed it
// (instance/restored.cpp).
[[nodiscard]] bool is_unproven(Stores& stores, const InstanceView& instance);

// Whom to call about what the broker already has. Asks for as little as can be: a class or plan that is gone
// is replaced by what the instance itself remembers, its broker's name too; only the broker has to be there.
struct BrokerTarget {
  std::shared_ptr<BrokerSession> session;
  std::string service_id, plan_id;
};
[[nodiscard]] async::Task<std::expected<BrokerTarget, Problem>> locate(Context& context, Object instance);

// The broker's object that a name means to an instance.
[[nodiscard]] kube::ObjectKey broker_key(const InstanceView& instance, std::string_view name);
// The broker that offers the instance's class, or offered it when it was called last; nullopt where neither
// is known.
[[nodiscard]] std::optional<kube::ObjectKey> broker_of(Stores& stores, const InstanceView& instance);

// How long the broker may work on an operation of the instance or of its bindings: the plan's word, within
// the controllers' own limit.
[[nodiscard]] std::chrono::milliseconds polling_limit(const Context& context, const InstanceView& instance);

// The session of the broker that offers the class.
[[nodiscard]] async::Task<std::expected<std::shared_ptr<BrokerSession>, Problem>> session_of_class(
    Context& context, Object instance, Object service_class);

// Reads the Secrets of parametersFrom. `object`: an instance or a binding. Errors: those of the API that pass
// (it is to be tried again); a Problem is for a person to repair.
[[nodiscard]] async::Task<core::Result<std::expected<MergedParameters, Problem>>> gather_parameters(
    Context& context, Object object, json::object defaults);
// The versions of those Secrets as the store has them: "name=version;…", "" where there are none. What
// gather_parameters() has read is in the store.
[[nodiscard]] std::string secret_versions(Stores& stores, const OperatedView& object);
// Another version than the last call was made with.
[[nodiscard]] bool has_new_secrets(Stores& stores, const OperatedView& object);

// X-Broker-API-Originating-Identity: who asked for the object.
[[nodiscard]] std::optional<osb::OriginatingIdentity> identity_of(const OperatedView& object);

}  // namespace catalog
