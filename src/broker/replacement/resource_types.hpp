// What is known of CloudFormation's resource types: whether they hold data, and which of their properties
// cannot be changed in place. From create_only.json (generated from CloudFormation's resource schemas by
// scripts/chandlery_dev/create_only.py) and data_resources.yaml (written by hand), both embedded.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/template_set.hpp"

namespace broker {

// A property whose change makes CloudFormation replace the resource.
struct CreateOnlyProperty {
  std::vector<std::string> path;     // {"EncryptionAtRestOptions", "Enabled"}; "*" for each element of a list
  bool in_place_when_added = false;  // not where it was absent or false before
};

struct ResourceType {
  std::string holds;                        // "its messages"; "" for a type that holds no data
  std::vector<std::string> data_elsewhere;  // a resource with one of these properties holds none after all
  std::vector<CreateOnlyProperty> create_only;
};

// nullptr for a type that is not known: one of another publisher, or newer than the tables.
[[nodiscard]] const ResourceType* find_resource_type(std::string_view type);

// AWS::CloudFormation::CustomResource and Custom::…: a function's doing, which holds no data itself.
[[nodiscard]] bool is_custom_resource(std::string_view type);

// The two files as they were when the program was built.
[[nodiscard]] std::span<const NamedText> resource_type_files();

}  // namespace broker
