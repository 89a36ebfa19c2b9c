// Everything that is wrong with a template, with its place.
#include "broker/template_lint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/template_set.hpp"

namespace broker {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* right = R"yaml(
Description: A queue
Metadata:
  AWS::ServiceBroker::Specification:
    Version: 1.0
    Name: queue
    ServicePlans:
      dev:
        Description: small
        ParameterValues: {Kind: fifo}
        ParameterDefaults: {Size: 10}
  AWS::CloudFormation::Interface:
    ParameterGroups:
      - {Label: {default: Basics}, Parameters: [Size, Kind]}
    ParameterLabels:
      Size: {default: How big}
      Kind: {default: Which}
Parameters:
  Size: {Type: Number, Default: 5, AllowedValues: [5, 10], Description: in bytes}
  Kind: {Type: String, AllowedValues: [fifo, plain], Description: of queue}
Resources:
  Queue: {Type: AWS::SQS::Queue, DeletionPolicy: Delete}
Outputs:
  QueueUrl: {Value: !Ref Queue}
)yaml";

// "error path: what" of each.
std::vector<std::string> findings(std::string_view body) {
  std::vector<std::string> texts;
  for (const TemplateFinding& each : lint_template(body)) {
    const bool is_error = each.severity == TemplateFinding::Severity::error;
    texts.push_back((is_error ? "error " : "warning ") + each.path + ": " + each.what);
  }
  return texts;
}

std::string with(std::string_view old_text, std::string_view new_text) {
  std::string body = right;
  const std::size_t at = body.find(old_text);
  EXPECT_NE(at, std::string::npos) << old_text;
  return body.replace(at, old_text.size(), new_text);
}

TEST(TemplateLint, finds_nothing_in_a_right_one) {
  EXPECT_THAT(findings(right), IsEmpty());
  EXPECT_THAT(findings(with("Name: queue\n", "Name: queue\n    MaximumPollingDuration: 600\n")), IsEmpty());
}

TEST(TemplateLint, finds_nothing_in_those_built_in) {
  // But that names which users give are told to applications again.
  for (const NamedText& each : built_in_templates())
    EXPECT_THAT(findings(each.text), Each(HasSubstr("which users can set to anything"))) << each.name;
}

struct Wrong {
  const char* name;
  const char* old_text;
  const char* new_text;
  const char* finding;
};

#define SPECIFICATION "Metadata/AWS::ServiceBroker::Specification"
#define INTERFACE "Metadata/AWS::CloudFormation::Interface"

constexpr Wrong wrongs[] = {
    {"no_description", "Description: A queue\n", "", "error Description: it is missing"},
    {"no_specification", "AWS::ServiceBroker::Specification", "Other",
     "error " SPECIFICATION ": it is missing"},
    {"no_name", "Name: queue\n", "DisplayName: Queue\n", "error " SPECIFICATION "/Name: it is missing"},
    {"unknown_key", "Name: queue\n", "Name: queue\n    Tag: [a]\n",
     "error " SPECIFICATION "/Tag: the broker does not know this key"},
    {"unknown_key_of_a_plan", "Description: small", "Description: small\n        Price: 1",
     "error " SPECIFICATION "/ServicePlans/dev/Price: the broker does not know this key"},
    {"unknown_key_of_bindings", "Name: queue\n", "Name: queue\n    Bindings: {IAM: {AddKeyPair: true}}\n",
     "error " SPECIFICATION "/Bindings/IAM/AddKeyPair: the broker does not know this key"},
    {"version_that_is_none", "Name: queue\n", "Name: queue\n    TemplateVersion: newest\n",
     "error " SPECIFICATION "/TemplateVersion: it is not a semantic version, as \"1.2.3\" is one"},
    {"polling_that_never_ends", "Name: queue\n", "Name: queue\n    MaximumPollingDuration: 0\n",
     "error " SPECIFICATION "/MaximumPollingDuration: it is not a positive number of seconds"},
    {"no_plans", "ServicePlans:", "ServicePlans: {}\n    DisplayName:",
     "error " SPECIFICATION "/ServicePlans: there must be at least one plan"},
    {"plan_that_is_no_map", "dev:\n", "tiny: 1\n      dev:\n",
     "error " SPECIFICATION "/ServicePlans/tiny: it is not a map"},
    {"plan_without_description", "Description: small\n", "Cost: none\n",
     "error " SPECIFICATION "/ServicePlans/dev/Description: it is missing"},
    {"prescribed_of_no_parameter", "{Kind: fifo}", "{Kind: fifo, Foo: 1}",
     "error " SPECIFICATION "/ServicePlans/dev/ParameterValues/Foo: there is no parameter Foo"},
    {"default_of_no_parameter", "ParameterDefaults: {Size: 10}", "ParameterDefaults: {Foo: 10}",
     "error " SPECIFICATION "/ServicePlans/dev/ParameterDefaults/Foo: there is no parameter Foo"},
    {"prescribed_value_not_allowed", "{Kind: fifo}", "{Kind: lifo}",
     "error " SPECIFICATION
     "/ServicePlans/dev/ParameterValues/Kind: \"lifo\" is not among the AllowedValues of Kind"},
    {"plan_s_default_not_allowed", "{Size: 10}", "{Size: 11}",
     "error " SPECIFICATION
     "/ServicePlans/dev/ParameterDefaults/Size: \"11\" is not among the AllowedValues of Size"},
    {"default_of_what_is_prescribed", "{Size: 10}", "{Kind: plain}",
     "error " SPECIFICATION
     "/ServicePlans/dev/ParameterDefaults/Kind: ParameterValues set it, so the default is never used"},
    {"own_default_not_allowed", "Default: 5", "Default: 6",
     "error Parameters/Size/Default: \"6\" is not among the AllowedValues of Size"},
    {"updatable_of_no_parameter", "Name: queue\n", "Name: queue\n    UpdatableParameters: [Foo]\n",
     "error " SPECIFICATION "/UpdatableParameters/Foo: there is no parameter Foo"},
    {"grouped_of_no_parameter", "[Size, Kind]", "[Size, Kind, Foo]",
     "error " INTERFACE "/ParameterGroups[0]/Parameters/Foo: there is no parameter Foo"},
    {"grouped_twice", "[Size, Kind]", "[Size, Kind, Size]",
     "error " INTERFACE "/ParameterGroups[0]/Parameters/Size: it is already in a group"},
    {"group_without_label", "{Label: {default: Basics}, Para", "{Para",
     "error " INTERFACE "/ParameterGroups[0]/Label/default: it is missing"},
    {"not_grouped", "[Size, Kind]", "[Size]",
     "warning Parameters/Kind: it is in no group of " INTERFACE "/ParameterGroups"},
    {"label_of_no_parameter", "Kind: {default: Which}", "Kind: {default: Which}\n      Foo: {default: No}",
     "error " INTERFACE "/ParameterLabels/Foo: there is no parameter Foo"},
    {"no_label", "      Kind: {default: Which}\n", "",
     "error Parameters/Kind: it has no label in " INTERFACE "/ParameterLabels"},
    {"parameter_without_description", ", Description: of queue", "",
     "error Parameters/Kind/Description: it is missing"},
    {"parameter_without_type", "{Type: String, Allowed", "{Allowed",
     "error Parameters/Kind/Type: it is missing"},
    {"parameter_that_is_no_map",
     "Parameters:\n  Size:", "Parameters:\n  Odd: 1\n  Size:", "error Parameters/Odd: it is not a map"},
    {"no_resources", "Resources:\n  Queue: {Type: AWS::SQS::Queue, DeletionPolicy: Delete}\n", "",
     "error Resources: there must be at least one"},
    {"data_without_policy", ", DeletionPolicy: Delete", "",
     "warning Resources/Queue: it holds data, but has no DeletionPolicy"},
    {"outputs_of_one_key", "{Value: !Ref Queue}", "{Value: !Ref Queue}\n  queueURL: {Value: x}",
     "error Outputs/queueURL: its key in credentials, QUEUE_URL, is also that of the output QueueUrl"},
    {"output_without_value", "{Value: !Ref Queue}", "{Description: none}",
     "error Outputs/QueueUrl/Value: it is missing"},
    {"no_function_to_bind_with", "Name: queue\n", "Name: queue\n    BindViaLambda: true\n",
     "error Outputs/BindLambda: it is missing, but BindViaLambda is true"},
    {"policy_without_document", "Name: queue\n",
     "Name: queue\n    Bindings: {IAM: {AddKeypair: true, Policies: [{}]}}\n",
     "error : Bindings.IAM.Policies[0] has no PolicyDocument"},
};

class WrongTemplate : public testing::TestWithParam<Wrong> {};
INSTANTIATE_TEST_SUITE_P(, WrongTemplate, testing::ValuesIn(wrongs),
                         [](const auto& info) { return info.param.name; });

TEST_P(WrongTemplate, is_told_with_its_place) {
  const Wrong& wrong = GetParam();
  EXPECT_THAT(findings(with(wrong.old_text, wrong.new_text)), Contains(wrong.finding));
}

TEST(TemplateLint, tells_which_outputs_hold_what_users_write) {
  const std::string body = with("Parameters:\n", "Parameters:\n  Free: {Type: String, Description: text}\n");
  const auto findings_of = [&](const std::string& output) {
    std::string text = body;
    const std::size_t at = text.find("  QueueUrl:");
    return findings(text.replace(at, std::string::npos, "  " + output + "\n"));
  };
  EXPECT_THAT(findings_of("Url: {Value: !Sub 'x${Free}'}"),
              Contains("warning Outputs/Url: it has the parameter Free, which users can set to anything: add "
                       "an AllowedPattern or AllowedValues to it"));
  for (const char* name : {"BindLambda", "PolicyArnRead"})
    EXPECT_THAT(findings_of(std::string(name) + ": {Value: !Ref Free}"),
                Contains(HasSubstr("error Outputs/" + std::string(name) + ": users set its parameter Free")));
  EXPECT_THAT(findings_of("Url: {Value: !Sub '${Kind}${Size}'}"), Not(Contains(HasSubstr("Outputs/"))));
}

TEST(TemplateLint, tells_everything_in_one_go) {
  std::string body = with("{Kind: fifo}", "{Kind: lifo}");
  body.replace(body.find("{Size: 10}"), 10, "{Foo: 1}");
  body.replace(body.find(", DeletionPolicy: Delete"), 24, "");
  EXPECT_THAT(
      findings(body),
      ElementsAre("error " SPECIFICATION
                  "/ServicePlans/dev/ParameterValues/Kind: \"lifo\" is not among the AllowedValues of Kind",
                  "error " SPECIFICATION "/ServicePlans/dev/ParameterDefaults/Foo: there is no parameter Foo",
                  "warning Resources/Queue: it holds data, but has no DeletionPolicy"));
}

TEST(TemplateLint, says_where_the_text_is_no_template) {
  EXPECT_THAT(findings("[]"), ElementsAre("error : it is not a YAML map"));
  EXPECT_THAT(findings(with("dev:\n", "dev: {Description: one}\n      dev:\n")),
              ElementsAre(testing::HasSubstr("the key \"dev\" is there twice")))
      << "two plans of one name";
}

TEST(TemplateLint, measures_what_cloudformation_gets) {
  const auto padded = [](std::size_t more) {
    return with("Description: A queue", "Description: A queue" + std::string(more, '.'));
  };
  EXPECT_THAT(findings(padded(max_request_bytes)),
              ElementsAre(testing::AllOf(
                  testing::StartsWith("warning "),
                  testing::HasSubstr("bytes as JSON without spaces, but CloudFormation accepts 51200"),
                  testing::HasSubstr("--s3Bucket"))));
  EXPECT_TRUE(parse_template(padded(max_request_bytes), "queue-main.yaml"));

  // As text it is within what is read; JSON escapes each quotation mark.
  const std::string quoted =
      with("Description: A queue", "Description: 'A queue" + std::string(max_template_bytes / 2, '"') + "'");
  const auto says_what_to_do = testing::AllOf(testing::HasSubstr("CloudFormation accepts 1000000"),
                                              testing::HasSubstr("nested stack"));
  EXPECT_THAT(findings(quoted), ElementsAre(testing::AllOf(testing::StartsWith("error "), says_what_to_do)));
  const auto refused = parse_template(quoted, "queue-main.yaml");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, says_what_to_do) << "the broker's own words, of the same template";
}

}  // namespace
}  // namespace broker
