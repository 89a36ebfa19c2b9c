// A binding's status after each thing that can happen to it. Pure functions on the status object.
#pragma once

#include <string>
#include <string_view>

#include "catalog/api/views.hpp"
#include "catalog/policies/instance_status.hpp"

namespace catalog::binding_status {

enum class Operation { bind, unbind };
using instance_status::Failure;

// Every field that a status has from its first write on.
void complete(json::object& status);
// This spec of this object is carried out, or given up.
void observe(json::object& status, const BindingView& binding);
[[nodiscard]] json::object properties(const BindingView& binding, const MergedParameters& parameters);

void blocked(json::object& status, const Problem& problem, core::SystemTime now);
void started(json::object& status, Operation operation, json::object properties, core::SystemTime now);
void asynchronous(json::object& status, Operation operation, std::string_view operation_key,
                  core::SystemTime now);
// The Secret holds the credentials, in the version that secret_version_of() tells (binding_upkeep.hpp).
void bound(json::object& status, const BindingView& binding, std::string_view secret_version,
           core::SystemTime now);
// `description`: what the broker last said of it, or "".
void unbound(json::object& status, std::string_view description, core::SystemTime now);
// The object lets go of the credentials that the broker has: they stay there, and the object may go.
void let_go(json::object& status);
// The broker has made credentials, but the Secret could not be written: repeated.
void injection_failed(json::object& status, std::string message, core::SystemTime now);
void bind_failed(json::object& status, const Failure& failure, const BindingView& binding,
                 core::SystemTime now);
void unbind_failed(json::object& status, const Failure& failure, const BindingView& binding,
                   core::SystemTime now);
void polling_failed(json::object& status, std::string message, core::SystemTime now);

}  // namespace catalog::binding_status
