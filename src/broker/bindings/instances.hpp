// What operations on bindings need to know of instances.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "async/task.hpp"
#include "broker/records.hpp"
#include "broker/template.hpp"

namespace broker {

class Instances {
 public:
  // The record, with the outcome of an operation on the instance if CloudFormation knows it by now: nobody
  // polls for an instance that the Go broker made.
  [[nodiscard]] virtual async::Task<core::Result<std::optional<InstanceRecord>>> find_instance(
      std::string id) = 0;
  // The one that the instance was made from; the catalog's for an instance that the Go broker made. So a
  // class that has left the catalog can still be bound, unbound and deleted. Errors: invalid (nobody knows it
  // any more), unavailable.
  [[nodiscard]] virtual async::Task<core::Result<std::shared_ptr<const Template>>> template_of(
      const InstanceRecord& record) = 0;
  // Error: conflict, naming the attribute that is another's.
  [[nodiscard]] virtual async::Task<core::Result<>> check_origin_of(const InstanceRecord& record,
                                                                    const InstanceOrigin& asked) = 0;

 protected:
  ~Instances() = default;
};

}  // namespace broker
