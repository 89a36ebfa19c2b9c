// Text with JSONPath in braces, as `kubectl -o jsonpath` and secretTransforms have it: {.host}:{.port},
// {range .hosts[*]}{.name},{end}, {"\n"}. Several values that one path finds are separated by spaces; what is
// no text is written as JSON. Source: https://kubernetes.io/docs/reference/kubectl/jsonpath/
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kube/json_path.hpp"

namespace kube {

class JsonPathTemplate {
 public:
  // Error: invalid, saying what is wrong.
  [[nodiscard]] static core::Result<JsonPathTemplate> parse(std::string_view text);
  // Errors: invalid, naming the member or element that is missing, never a value; too_large for more than 1
  // MiB of text (no Secret takes more), and for more than 100,000 values to be looked at.
  [[nodiscard]] core::Result<std::string> evaluate(const json::value& value) const;

 private:
  struct Node {
    enum class Kind { text, path, range } kind = Kind::text;
    std::string text;
    JsonPath path;
    std::vector<Node> body;  // of a range
  };
  struct Parser;
  static core::Result<> write(const std::vector<Node>& nodes, const json::value& value,
                              JsonPathBudget& budget, std::string& text);
  std::vector<Node> nodes_;
};

}  // namespace kube
