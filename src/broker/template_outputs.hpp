// What a template's own text says of its outputs: which of them name a secret, and which may hold what a user
// writes. Pure.
//
// Only the text decides what is a reference. A resolved value that looks like one may be a user's parameter
// that the template hands on, and would have the broker read whatever it names.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"

namespace broker {

inline constexpr std::string_view ssm_prefix = "ssm:";
inline constexpr std::string_view secret_prefix = "secretsmanager:";

struct TemplateOutput {
  // Of an output in a Fn::ForEach: what stands before and after the variable in its name.
  std::string name, name_end;
  bool is_pattern = false;
  // Its Value is a literal, a Fn::Sub or a Fn::Join that begins with that prefix, or one branch of its Fn::If
  // is.
  bool names_ssm_parameter = false;
  bool names_secret = false;
  // Its whole Value, where that is written in the template: nobody but the template's author chooses it.
  std::optional<std::string> literal;
  std::vector<std::string> parameters;  // that its Value holds, as Ref or in a Fn::Sub; sorted

  [[nodiscard]] bool is_called(std::string_view output) const;
};

// `document`: a template, whose short forms are read as Fn::….
[[nodiscard]] std::vector<TemplateOutput> template_outputs(const boost::json::object& document);

// The parameters that an expression holds, as Ref or in a Fn::Sub; sorted, each once.
[[nodiscard]] std::vector<std::string> parameters_in(const boost::json::value& expression,
                                                     const boost::json::object& parameters);

}  // namespace broker
