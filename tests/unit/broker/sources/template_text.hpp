// Small templates for tests of their sources.
#pragma once

#include <string>
#include <vector>

#include "broker/template_set.hpp"

namespace broker::test {

inline std::string template_of(const std::string& class_name, const std::string& description = "d") {
  return "Description: " + description +
         "\nMetadata: {AWS::ServiceBroker::Specification: {Name: " + class_name +
         ", ServicePlans: {p: {Description: d}}}}\nResources: {R: {Type: T}}\n";
}

inline std::vector<std::string> names_of(const TemplateSet& set) {
  std::vector<std::string> names;
  for (const auto& each : set.templates) names.push_back(each->name);
  return names;
}

}  // namespace broker::test
