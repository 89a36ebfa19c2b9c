// JSON Schema (drafts 4 and 6, what OSB plans carry) without external references.
#pragma once

#include <string>
#include <vector>

#include "core/json.hpp"

namespace core {

struct SchemaViolation {
  std::string path;     // JSON pointer into the checked value: "/Tags/0"; empty for the whole
  std::string message;  // "must be one of \"True\", \"False\""
};

class JsonSchema {
 public:
  // Compiles and checks the schema itself. Errors: invalid (external $ref, bad pattern, a schema that
  // contains itself without looking into the value, more than 50,000 nodes or 1,000 patterns), with the path.
  [[nodiscard]] static Result<JsonSchema> compile(const json::value& schema);
  // Every violation, at most 20. A check takes at most 200,000 steps, about a tenth of a second: what needs
  // more is one violation, which says so.
  [[nodiscard]] std::vector<SchemaViolation> validate(const json::value& value) const;

 private:
  explicit JsonSchema(json::value schema) : schema_(std::move(schema)) {}
  json::value schema_;
};

}  // namespace core
