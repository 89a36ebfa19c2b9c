// What the controllers know of the API: one informer per kind, with the indexes they look things up by.
// Executor: the loop's thread. run() ends by cancellation.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "async/task_group.hpp"
#include "catalog/api/resources.hpp"
#include "runtime/informer.hpp"

namespace catalog {

using runtime::Object;

// The names of the indexes, and how their values are made.
namespace indexes {
inline constexpr const char* by_broker = "broker";  // classes, plans: "<namespace>/<broker>"
inline constexpr const char* by_class =
    "class";  // plans, instances: "<namespace>/<class>" (cluster scope: "/<class>")
inline constexpr const char* by_field = "field";        // classes: "<namespace>/<field>=<value>"
inline constexpr const char* by_instance = "instance";  // bindings: "<namespace>/<instance>"
inline constexpr const char* by_secret = "secret";      // what reads or writes a Secret: "<namespace>/<name>"
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

  void spawn(async::TaskGroup& tasks);
  [[nodiscard]] bool synced() const;

  // Where an object of that scope would be looked for from an instance's namespace.
  [[nodiscard]] static std::string namespace_in(const Scope& scope, std::string_view namespace_) {
    return scope.namespaced() ? std::string(namespace_) : std::string();
  }
  [[nodiscard]] static std::string index_key(std::string_view namespace_, std::string_view name) {
    return std::string(namespace_) + "/" + std::string(name);
  }

 private:
  [[nodiscard]] std::vector<runtime::Informer*> all();

  OfScope cluster_, namespaced_;
  runtime::Informer instances_, bindings_, secrets_;
};

}  // namespace catalog
