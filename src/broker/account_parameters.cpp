#include "broker/account_parameters.hpp"

#include <algorithm>
#include <array>

#include "aws/endpoints.hpp"

namespace broker {

namespace json = boost::json;

namespace {

json::array region_names() {
  json::array names;
  for (const std::string_view region : aws::known_regions()) names.emplace_back(region);
  return names;
}

json::object text_property(std::string_view description, std::string_view title,
                           std::string_view default_value) {
  return {{"description", description}, {"type", "string"}, {"default", default_value}, {"title", title}};
}

}  // namespace

std::span<const AccountParameter> account_parameters() {
  static const std::array parameters{
      AccountParameter{"target_account_id",
                       text_property("AWS account to create the resources in, if it is not the broker's own",
                                     "AWS Target Account ID", "")},
      AccountParameter{"target_role_name",
                       text_property("IAM role in the target account that the broker assumes",
                                     "AWS Target IAM Role Name", "")},
      AccountParameter{"region", json::object{{"description", "AWS region to create the resources in"},
                                              {"type", "string"},
                                              {"enum", region_names()},
                                              {"title", "AWS Region"}}},
      AccountParameter{
          "user_tags",
          text_property(R"(Tags for the resources, as a JSON list: [{"Key": "team", "Value": "blue"}])",
                        "User Tags", "[]")},
      AccountParameter{
          "admin_tags",
          text_property(
              R"(Tags that the administrator sets, as a JSON list: [{"Key": "cost-center", "Value": "42"}])",
              "Admin Tags", "[]")},
      AccountParameter{consent_parameter,
                       json::object{{"description",
                                     "Whether an update may replace or delete resources that hold data, "
                                     "which is then lost; applies to the update that it is sent with"},
                                    {"type", "boolean"},
                                    {"default", false},
                                    {"title", "Allow Replacement"}}},
  };
  return parameters;
}

bool is_key_parameter(std::string_view name) {
  return name == access_key_parameter || name == secret_key_parameter;
}

bool is_account_parameter(std::string_view name) {
  return is_key_parameter(name) ||
         std::ranges::any_of(account_parameters(), [name](const auto& each) { return each.name == name; });
}

}  // namespace broker
