// Reads the catalog's objects by what people call them.
//
// Executor: the loop's thread. Errors are the API server's, with what to do where Service Catalog is not
// installed.
#pragma once

#include <string>
#include <vector>

#include "kube/client.hpp"
#include "svcat/kind.hpp"

namespace svcat {

using Objects = std::vector<core::json::object>;

// Where to look.
struct Place {
  std::string namespace_ = "default";
  bool all_namespaces = false;
  ScopeChoice scope = ScopeChoice::all;
};

class Reader {
 public:
  // The client outlives this.
  explicit Reader(kube::Client& client) : client_(client) {}

  // Sorted by namespace (cluster-wide ones first) and name.
  [[nodiscard]] async::Task<core::Result<Objects>> list(Kind kind, Place place);
  // All that have the name: external or Kubernetes name; a plan's may be CLASS/PLAN. Error: not_found, naming
  // what there is.
  [[nodiscard]] async::Task<core::Result<Objects>> find(Kind kind, Place place, std::string name);
  // The only one; where several have the name the error says how to tell them apart.
  [[nodiscard]] async::Task<core::Result<core::json::object>> find_one(Kind kind, Place place,
                                                                       std::string name);
  // By its Kubernetes name alone, where get is allowed and list may not be.
  [[nodiscard]] async::Task<core::Result<core::json::object>> get(kube::Resource resource,
                                                                  kube::ObjectKey key);

 private:
  kube::Client& client_;
};

// Those of the objects that the name stands for. `classes` are needed for names of the form CLASS/PLAN.
[[nodiscard]] Objects named(Kind kind, const Objects& objects, const Objects& classes, std::string_view name);

// The object in `others` whose Kubernetes name and namespace the reference has; nullptr where there is none.
[[nodiscard]] const core::json::object* referenced(const Objects& others, std::string_view namespace_,
                                                   std::string_view name);
// The class that a plan belongs to.
[[nodiscard]] const core::json::object* class_of_plan(const core::json::object& plan, const Objects& classes);

// The scope that a broker, class or plan is in.
[[nodiscard]] const catalog::Scope& scope_of(const core::json::object& object);

}  // namespace svcat
