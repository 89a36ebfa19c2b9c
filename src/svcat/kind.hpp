// The five things that svcat shows, each of them one resource or, in both scopes, two.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/api/resources.hpp"

namespace svcat {

enum class Kind { broker, service_class, plan, instance, binding };
enum class ScopeChoice { cluster, namespaced, all };

[[nodiscard]] std::string_view singular(Kind kind);  // "class"
[[nodiscard]] std::string_view plural(Kind kind);    // "classes"

// Cluster-wide first. Instances and bindings are always namespaced.
[[nodiscard]] std::vector<kube::Resource> resources_of(Kind kind, ScopeChoice scope);

// What people call it: the external name of classes and plans, else the object's name.
[[nodiscard]] std::string_view display_name(Kind kind, const core::json::object& object);

}  // namespace svcat
