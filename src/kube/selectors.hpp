// Label and field selectors: parsed once, matched against objects. The syntax is kubectl's.
// Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/json.hpp"

namespace kube {

namespace json = boost::json;

// "app=web, tier in (a, b), !legacy, owner, size > 3". All requirements have to hold; none: everything
// matches.
class LabelSelector {
 public:
  enum class Operator { equals, not_equals, in, not_in, exists, not_exists, greater_than, less_than };
  struct Requirement {
    std::string key;
    Operator op = Operator::exists;
    std::vector<std::string> values;
  };
  using ValueOf = std::function<std::optional<std::string_view>(std::string_view key)>;

  // Errors: invalid, with the position and what was expected there.
  [[nodiscard]] static core::Result<LabelSelector> parse(std::string_view text);
  // A metav1.LabelSelector: {matchLabels, matchExpressions}.
  [[nodiscard]] static core::Result<LabelSelector> from_json(const json::object& selector);

  [[nodiscard]] bool matches(const json::object& object) const;  // by its metadata.labels
  [[nodiscard]] bool matches(const ValueOf& value_of) const;     // by anything that has named values
  [[nodiscard]] bool empty() const { return requirements_.empty(); }
  [[nodiscard]] const std::vector<Requirement>& requirements() const { return requirements_; }
  [[nodiscard]] std::string to_string() const;

 private:
  std::vector<Requirement> requirements_;
};

// "metadata.name=x,spec.externalName!=y": a value may escape ',', '=' and '\' by '\'.
class FieldSelector {
 public:
  struct Requirement {
    std::string path;  // "spec.externalName"
    bool equal = true;
    std::string value;
  };

  [[nodiscard]] static core::Result<FieldSelector> parse(std::string_view text);

  // A field that is missing counts as "". Numbers and booleans compare by their JSON text.
  [[nodiscard]] bool matches(const json::object& object) const;
  [[nodiscard]] bool empty() const { return requirements_.empty(); }
  // For a server, which has to refuse the fields it does not know.
  [[nodiscard]] const std::vector<Requirement>& requirements() const { return requirements_; }
  // The value that `path` has to have, where the selector says so ("metadata.name": one object instead of a
  // scan).
  [[nodiscard]] std::optional<std::string_view> required_value(std::string_view path) const;
  [[nodiscard]] std::string to_string() const;

 private:
  std::vector<Requirement> requirements_;
};

}  // namespace kube
