// Where templates come from: built in, a folder, an S3 bucket; a file for each.
#pragma once

#include <optional>
#include <string>

#include "async/task.hpp"
#include "broker/template_set.hpp"

namespace broker {

// On the program's one loop; one refresh at a time.
class TemplateSource {
 public:
  virtual ~TemplateSource() = default;

  // For people: "s3://bucket/templates/latest/ in us-east-1".
  [[nodiscard]] virtual std::string name() const = 0;
  // What it has now; nullopt where that is what it had at the last call. An error is of the source as a
  // whole: what it had before still holds. Errors: not_found, forbidden, unavailable.
  [[nodiscard]] virtual async::Task<core::Result<std::optional<TemplateSet>>> refresh() = 0;
};

}  // namespace broker
