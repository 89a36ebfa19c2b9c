// Where records are kept. Every write is conditional: on the record being absent (version 0), or on the
// version it was read with. So several broker replicas on one store are safe: of two that decide on the same
// record, one is told `conflict` and reads again. Templates never change under their digest, so they need no
// condition but for being removed; settings never change at all.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "broker/records.hpp"

namespace broker {

// A template that instances were made from.
struct StoredTemplate {
  std::string digest;
  std::string body;
  std::int64_t kept_at = 0;  // seconds since 1970
};

// How often a decision is taken anew that another replica's write came between.
inline constexpr int most_decisions = 3;

class Store {
 public:
  virtual ~Store() = default;

  // nullopt: no such record.
  [[nodiscard]] virtual async::Task<core::Result<std::optional<InstanceRecord>>> get_instance(
      std::string id) = 0;
  // Writes the record and gives it its next version. Errors: conflict, unavailable.
  [[nodiscard]] virtual async::Task<core::Result<InstanceRecord>> put_instance(InstanceRecord record) = 0;
  // Error: conflict.
  [[nodiscard]] virtual async::Task<core::Result<>> remove_instance(InstanceRecord record) = 0;
  // Shows every instance, those too whose record cannot be read (InstanceRecord::readable): one damaged
  // record must not take the others. So do the lists of bindings. There may be more than should be in memory
  // at once.
  using InstanceVisitor = std::function<void(InstanceRecord)>;
  [[nodiscard]] virtual async::Task<core::Result<>> visit_instances(InstanceVisitor visit) = 0;
  // All of them, where there are few.
  [[nodiscard]] async::Task<core::Result<std::vector<InstanceRecord>>> list_instances();
  // By phase ("ready"); "unreadable" for records that cannot be read.
  [[nodiscard]] virtual async::Task<core::Result<std::map<std::string, std::int64_t>>> count_instances();

  [[nodiscard]] virtual async::Task<core::Result<std::optional<BindingRecord>>> get_binding(
      std::string id) = 0;
  [[nodiscard]] virtual async::Task<core::Result<BindingRecord>> put_binding(BindingRecord record) = 0;
  [[nodiscard]] virtual async::Task<core::Result<>> remove_binding(BindingRecord record) = 0;
  [[nodiscard]] virtual async::Task<core::Result<std::vector<BindingRecord>>> list_bindings(
      std::string instance_id) = 0;
  [[nodiscard]] virtual async::Task<core::Result<std::vector<BindingRecord>>> list_all_bindings() = 0;

  // nullopt: no such template.
  [[nodiscard]] virtual async::Task<core::Result<std::optional<StoredTemplate>>> get_template(
      std::string digest) = 0;
  // Idempotent: the same digest is the same body. The last `kept_at` stays.
  [[nodiscard]] virtual async::Task<core::Result<>> put_template(StoredTemplate kept) = 0;
  // Error: conflict (it was kept again meanwhile, or is gone).
  [[nodiscard]] virtual async::Task<core::Result<>> remove_template(StoredTemplate kept) = 0;
  [[nodiscard]] virtual async::Task<core::Result<std::vector<StoredTemplate>>> list_templates() = 0;

  // What the replicas on one store have settled for all of them; nullopt: nobody has yet.
  [[nodiscard]] virtual async::Task<core::Result<std::optional<std::string>>> get_setting(
      std::string name) = 0;
  // Error: conflict (another was first).
  [[nodiscard]] virtual async::Task<core::Result<>> add_setting(std::string name, std::string value) = 0;
};

}  // namespace broker
