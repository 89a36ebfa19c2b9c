// Where CloudFormation reads templates that are too long for a request, as an interface: tests put one with
// fault points here.
#pragma once

#include <memory>
#include <string>

#include "async/task.hpp"
#include "broker/template.hpp"
#include "core/error.hpp"

namespace broker {

class TemplateBucket {
 public:
  virtual ~TemplateBucket() = default;

  // Has the template's body lie there, under its digest, and tells its address (a TemplateURL). Idempotent.
  // Errors: those that may pass by themselves; internal, with what the operator has to mend.
  [[nodiscard]] virtual async::Task<core::Result<std::string>> put(
      std::shared_ptr<const Template> service) = 0;
};

}  // namespace broker
