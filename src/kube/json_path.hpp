// The JSONPath of Kubernetes, in which printer columns and secretTransforms are written: .a.b, ['a.b'], ..a,
// [0], [-1], [0:2], [*], [?(@.type=="Ready")]; a leading $ or @ is left out. Source:
// https://kubernetes.io/docs/reference/kubectl/jsonpath/
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/json.hpp"

namespace kube {

namespace json = boost::json;

// What evaluating paths may take: values looked at, and those found. Shared by the paths of one template.
struct JsonPathBudget {
  std::size_t values = 100'000;
};

class JsonPath {
 public:
  // Error: invalid, with the position.
  [[nodiscard]] static core::Result<JsonPath> parse(std::string_view text);
  // What the path leads to, each value once after ".."; empty where a step is missing, and
  // where more than a budget's values would have to be looked at.
  [[nodiscard]] std::vector<const json::value*> find(const json::object& object) const;
  // The same. Errors: invalid where a member or an element is missing, naming it (never a value); too_large
  // where the budget is used up.
  [[nodiscard]] core::Result<std::vector<const json::value*>> find_existing(const json::value& value,
                                                                            JsonPathBudget& budget) const;

 private:
  struct Step {
    enum class Kind { member, index, slice, every, every_below, filter };
    Kind kind = Kind::member;
    std::string name;        // of the member; of a filter: the path of members after '@', joined by '.'
    std::int64_t index = 0;  // of a slice: where it begins
    std::optional<std::int64_t> end;  // of a slice
    bool equal = true;
    std::string value;  // that the filter compares with
  };
  struct Parser;
  struct Search;
  std::vector<Step> steps_;
};

}  // namespace kube
