// What is wrong with a template, all in one go (`aws-servicebroker lint`; docs/templates.md). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace broker {

struct TemplateFinding {
  enum class Severity {
    error,    // the broker, CloudFormation or a user would stumble over it
    warning,  // it works, but is likely not what was meant
  };
  Severity severity = Severity::error;
  std::string path;  // in the document: "Parameters/Size/Default"; "" for the whole of it
  std::string what;
};

// `body`: the author's text. In the order of the template's sections; empty where all is well.
[[nodiscard]] std::vector<TemplateFinding> lint_template(std::string_view body);

}  // namespace broker
