// What CloudFormation's intrinsic functions give for known parameters, as far as that can be told from the
// template's text. What only the stack knows (attributes of resources, pseudo parameters, macros) stays as
// the function with its arguments resolved: {"Ref": "AWS::Region"}, {"Fn::GetAtt": ["Queue", "Arn"]}. So two
// values that are equal here are equal in the stack, unless what they refer to has changed. Pure.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "broker/parameters.hpp"
#include "core/json.hpp"

namespace broker {

class ValueResolver {
 public:
  // `document`: the template; it outlives this. `parameters`: their values, defaults included.
  ValueResolver(const boost::json::object& document, const Values& parameters);

  // Scalars become texts, as CloudFormation compares them. nullopt: AWS::NoValue.
  [[nodiscard]] std::optional<boost::json::value> resolve(const boost::json::value& value);
  // A condition by its name: true, false, or a text that stands for what is not known before the stack runs.
  [[nodiscard]] boost::json::value condition(std::string_view name);

  // The template asked for more than a check may cost; what was resolved since then is worth nothing.
  [[nodiscard]] bool is_exhausted() const { return budget_ == 0; }

 private:
  using Value = boost::json::value;
  struct Text;

  [[nodiscard]] std::optional<Value> resolve_object(const boost::json::object& object);
  [[nodiscard]] std::optional<Value> call(std::string_view function, const Value& argument);
  [[nodiscard]] Value reference(std::string_view name) const;
  [[nodiscard]] Value argument(const Value& value);  // null for AWS::NoValue
  [[nodiscard]] std::optional<Value> choose(const Value& argument);
  [[nodiscard]] Value find_in_map(const Value& argument);
  [[nodiscard]] Value join(const Value& argument);
  [[nodiscard]] Value split(const Value& argument);
  [[nodiscard]] Value select(const Value& argument);
  [[nodiscard]] Value substitute(const Value& argument);
  [[nodiscard]] Value attribute(const Value& argument);
  // What a condition's expression comes to, as condition().
  [[nodiscard]] Value truth(const Value& expression);
  [[nodiscard]] Value all_or_any(const Value& list, bool decides);
  void spend(std::size_t cost) { budget_ -= std::min(budget_, cost); }

  const boost::json::object& document_;
  const Values& parameters_;
  std::map<std::string, Value, std::less<>> conditions_;
  std::set<std::string, std::less<>> being_resolved_;
  std::size_t depth_ = 0;
  std::size_t budget_ = 1'000'000;  // nodes and bytes of texts
};

// Whether the value stands for itself, and for nothing that only the stack knows.
[[nodiscard]] bool is_literal(const boost::json::value& value);

// The name of the function where an object is the call of one: "Ref", "Condition", "Fn::…"; "" otherwise.
[[nodiscard]] std::string_view function_of(const boost::json::object& object);

}  // namespace broker
