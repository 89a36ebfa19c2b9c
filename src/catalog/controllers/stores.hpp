// What the controllers know of the API: one informer per kind, with the indexes they look things up by.
// Executor: the loop's thread. run() ends by cancellation.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "async/task_group.hpp"
#include "catalog/api/views.hpp"
#include "runtime/informer.hpp"

namespace catalog {

using runtime::Object;

// The names of the indexes, and how their values are made.
namespace indexes {
inline constexpr const char* by_broker = "broker";  // classes, plans: "<namespace>/<broker>"
inline constexpr const char* by_class =
    "class";  // plans, instances: "<namespace>/<class>" (cluster scope: "/<class>")
// Classes by what they may be called, instances by what they call their class: "<namespace>/<field>=<value>",
// of externalName, externalID and name.
inline constexpr const char* by_field = "field";
inline constexpr const char* by_plan = "plan";  // instances, as by_class
inline constexpr const char* without_plan =
    "without plan";                                     // instances whose plan is not known yet, as by_field
inline constexpr const char* by_instance = "instance";  // bindings: "<namespace>/<instance>"
inline constexpr const char* by_external_id = "external id";  // instances, bindings: what the broker knows
inline constexpr const char* by_secret = "secret";  // what reads or writes a Secret: "<namespace>/<name>"
}  // namespace indexes

class Stores {
 public:
  Stores(const boost::asio::any_io_executor& executor, kube::Client& client, async::Clock& clock,
         std::chrono::milliseconds resync);

  struct OfScope {
    runtime::Informer brokers, classes, plans;
  };
  [[nodiscard]] OfScope& of(const Scope& scope) { return scope.namespaced() ? namespaced_ : cluster_; }
  [[nodiscard]] runtime::Informer& instances() { return instances_; }
  [[nodiscard]] runtime::Informer& bindings() { return bindings_; }
  [[nodiscard]] runtime::Informer& secrets() { return secrets_; }  // metadata only
  // A Secret as the API server just answered it.
  void saw_secret(json::object secret);

  void spawn(async::TaskGroup& tasks);
  [[nodiscard]] bool synced() const;
  [[nodiscard]] async::Task<> wait_until_synced();  // any number of tasks may wait

  // Where an object of that scope would be looked for from an instance's namespace.
  [[nodiscard]] static std::string namespace_in(const Scope& scope, std::string_view namespace_) {
    return scope.namespaced() ? std::string(namespace_) : std::string();
  }
  [[nodiscard]] static std::string index_key(std::string_view namespace_, std::string_view name) {
    return std::string(namespace_) + "/" + std::string(name);
  }
  // indexes::by_field: what an instance calls its class, and what a class may be called.
  [[nodiscard]] static std::string class_field_key(const InstanceView& instance);
  [[nodiscard]] static std::vector<std::string> field_keys_of_class(const json::object& service_class);

 private:
  [[nodiscard]] std::vector<runtime::Informer*> all();

  OfScope cluster_, namespaced_;
  runtime::Informer instances_, bindings_, secrets_;
};

// What policies take: the objects, for as long as the handles live.
[[nodiscard]] std::vector<const json::object*> pointers(const std::vector<Object>& objects);

}  // namespace catalog
