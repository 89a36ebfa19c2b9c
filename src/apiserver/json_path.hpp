// The JSONPath that printer columns are written in: .a.b, ['a.b'], [0], [-1], [*], [?(@.type=="Ready")].
// Source: https://kubernetes.io/docs/reference/kubectl/jsonpath/ (the part that CRDs may use)
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/json.hpp"

namespace apiserver {

namespace json = boost::json;

class JsonPath {
 public:
  // Error: invalid, with the position.
  [[nodiscard]] static core::Result<JsonPath> parse(std::string_view text);
  // What the path leads to; empty where a step is missing.
  [[nodiscard]] std::vector<const json::value*> find(const json::object& object) const;

 private:
  struct Step {
    enum class Kind { member, index, every, filter };
    Kind kind = Kind::member;
    std::string name;  // of the member; of a filter: the path of members after '@', joined by '.'
    std::int64_t index = 0;
    bool equal = true;
    std::string value;  // that the filter compares with
  };
  struct Parser;
  static void follow(const Step& step, const json::value& value, std::vector<const json::value*>& found);
  std::vector<Step> steps_;
};

}  // namespace apiserver
