// A template's text → class, plans and parameters, and what is said of a wrong one.
#include "broker/template.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/hash.hpp"

namespace broker {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

constexpr const char* whole = R"yaml(
AWSTemplateFormatVersion: 2010-09-09
Transform: AWS::LanguageExtensions
Description: A queue of messages (qs-1nt0fs9sp)
Metadata:
  AWS::ServiceBroker::Specification:
    Version: 1.0
    Name: queue
    DisplayName: The Queue
    LongDescription: longer
    ImageUrl: https://example.com/q.png
    DocumentationUrl: https://example.com/doc
    ProviderDisplayName: Example
    Tags: [one, 2]
    OutputsAsIs: true
    CloudFoundry: "True"
    BindViaLambda: false
    UpdatableParameters: [Size]
    ServicePlans:
      zebra:
        DisplayName: Zebra
        Description: striped
        LongDescription: very striped
        Cost: https://example.com/cost
        Costs: [{Amount: {usd: 0.5}, Unit: MONTHLY}]
        ParameterValues: {Fifo: true, Size: 10, Secret: null}
      ant:
        Description: small
        ParameterDefaults: {Rate: 0.25}
  AWS::CloudFormation::Interface:
    ParameterGroups:
      - Label: {default: Basics}
        Parameters: [Size, Fifo]
    ParameterLabels:
      Size: {default: How big}
Parameters:
  Size: {Type: Number, Default: 5, AllowedValues: [5, 10], Description: in bytes}
  Fifo: {Type: String, Default: "false"}
  Rate: {Type: Number, Default: 1.5}
  Secret: {Type: String, NoEcho: true}
Resources:
  Queue: {Type: AWS::SQS::Queue, Properties: {Name: !Sub "${AWS::StackName}-q"}}
  AWSSBInjectedIAMUser: {Type: AWS::IAM::User}
)yaml";

TEST(Template, is_read_with_all_that_the_catalog_shows_of_the_class) {
  const auto read = parse_template(whole, "queue-main.yaml");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->name, "queue");
  EXPECT_EQ(read->display_name, "The Queue");
  EXPECT_EQ(read->description, "A queue of messages");
  EXPECT_EQ(read->long_description, "longer");
  EXPECT_EQ(read->image_url, "https://example.com/q.png");
  EXPECT_EQ(read->documentation_url, "https://example.com/doc");
  EXPECT_EQ(read->provider_display_name, "Example");
  EXPECT_THAT(read->tags, ElementsAre("one", "2"));
  EXPECT_TRUE(read->outputs_as_is);
  EXPECT_TRUE(read->cloud_foundry);
  EXPECT_FALSE(read->bind_via_lambda);
  EXPECT_TRUE(read->has_injected_user);
  EXPECT_TRUE(read->has_transform);
  EXPECT_EQ(read->resource_count, 2U);
  EXPECT_THAT(read->updatable_parameters, ElementsAre("Size"));
  EXPECT_EQ(read->body, whole) << "CloudFormation gets the bytes of the file";
  EXPECT_EQ(read->digest, core::sha256_hex(whole));
}

TEST(Template, is_known_to_need_the_transform_s_capability_wherever_that_stands) {
  const auto read = [](std::string_view resources, std::string_view top = "") {
    const std::string text = std::string(top) +
                             "Description: d\nMetadata:\n  AWS::ServiceBroker::Specification: {Name: a, "
                             "ServicePlans: {b: {Description: d}}}\nResources:\n" +
                             std::string(resources);
    return *parse_template(text, "t");
  };
  const Template plain = read("  Q: {Type: AWS::SQS::Queue}\n");
  EXPECT_FALSE(plain.has_transform);
  EXPECT_FALSE(plain.needs_auto_expand());
  EXPECT_TRUE(read("  Q: {Type: AWS::SQS::Queue}\n", "Transform: Macro\n").has_transform);
  EXPECT_TRUE(
      read("  Q: {Type: AWS::SQS::Queue, Properties: {A: [{B: {Fn::Transform: {Name: AWS::Include}}}]}}\n")
          .has_transform);
  EXPECT_TRUE(
      read("  Q: {Type: AWS::SQS::Queue, Properties: {A: !Transform {Name: Macro}}}\n").has_transform);
  const Template nested = read("  S: {Type: AWS::CloudFormation::Stack}\n");
  EXPECT_FALSE(nested.has_transform);
  EXPECT_TRUE(nested.needs_auto_expand());
}

TEST(Template, takes_patterns_and_lists_of_parameters) {
  std::string text = whole;
  text.replace(
      text.find("  Fifo: {Type: String"), 0,
      "  Nets: {Type: CommaDelimitedList, AllowedPattern: a+, ConstraintDescription: only a, Default: a}\n");
  const auto read = parse_template(text, "t");
  ASSERT_TRUE(read) << read.error().message;
  const TemplateParameter* nets = read->find_parameter("Nets");
  EXPECT_TRUE(nets->is_list);
  EXPECT_EQ(nets->allowed_pattern, "a+");
  EXPECT_EQ(nets->constraint_description, "only a");
  EXPECT_FALSE(read->find_parameter("Fifo")->is_list);
  EXPECT_EQ(document_of(*read)->at("Parameters").as_object().size(), 5U);
}

TEST(Template, keeps_the_order_of_plans_and_parameters) {
  const auto read = parse_template(whole, "queue-main.yaml");
  ASSERT_TRUE(read) << read.error().message;
  std::vector<std::string> parameters;
  for (const auto& each : read->parameters) parameters.push_back(each.name);
  EXPECT_THAT(parameters, ElementsAre("Size", "Fifo", "Rate", "Secret"));
  ASSERT_EQ(read->plans.size(), 2U);
  EXPECT_EQ(read->plans[0].name, "zebra");
  EXPECT_EQ(read->plans[1].name, "ant");
  ASSERT_EQ(read->groups.size(), 1U);
  EXPECT_EQ(read->groups[0].title, "Basics");
  EXPECT_THAT(read->groups[0].parameters, ElementsAre("Size", "Fifo"));
}

TEST(Template, has_texts_for_the_typed_scalars_of_yaml_as_cloudformation_does) {
  const auto read = parse_template(whole, "queue-main.yaml");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_THAT(read->plans[0].prescribed,
              ElementsAre(Pair("Fifo", "true"), Pair("Size", "10"), Pair("Secret", "")));
  EXPECT_THAT(read->plans[1].defaults, ElementsAre(Pair("Rate", "0.25")));
  EXPECT_EQ(read->find_parameter("Rate")->default_value, "1.5");
  const TemplateParameter& size = *read->find_parameter("Size");
  EXPECT_TRUE(size.is_number);
  EXPECT_EQ(size.default_value, "5");
  EXPECT_EQ(size.label, "How big");
  EXPECT_EQ(size.description, "in bytes");
  EXPECT_THAT(size.allowed_values, ElementsAre("5", "10"));
  const TemplateParameter& secret = *read->find_parameter("Secret");
  EXPECT_FALSE(secret.default_value) << "required";
  EXPECT_TRUE(secret.no_echo);
  EXPECT_EQ(read->find_parameter("secret"), nullptr);
  EXPECT_EQ(read->find_plan("elephant"), nullptr);
}

std::string with_description(const std::string& description) {
  return "Description: '" + description + "'\n" + R"yaml(
Metadata: {AWS::ServiceBroker::Specification: {Name: a, ServicePlans: {p: {Description: d}}}}
Resources: {R: {Type: T}}
)yaml";
}

TEST(Template, loses_only_a_quickstart_id_at_the_end_of_its_description) {
  const struct {
    const char *written, *read;
  } table[] = {
      {"Amazon S3 (qs-1nt0fs9sp)", "Amazon S3"},
      {"Amazon S3 (qs-1nt0fs9sp)  ", "Amazon S3"},
      {"Amazon S3 (private)", "Amazon S3 (private)"},
      {"(qs-1nt0fs9sp) Amazon S3", "(qs-1nt0fs9sp) Amazon S3"},
      {"Amazon S3 (qs-1nt0fs9sp) for buckets (private)", "Amazon S3 (qs-1nt0fs9sp) for buckets (private)"},
  };
  for (const auto& each : table) {
    const auto read = parse_template(with_description(each.written), "a-main.yaml");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->description, each.read);
  }
}

// `specification` stands under Metadata, `rest` at the top.
std::string with(const std::string& specification, const std::string& rest) {
  return "Description: d\nMetadata: {AWS::ServiceBroker::Specification: " + specification + "}\n" + rest;
}

TEST(Template, that_is_wrong_is_refused_with_the_file_and_what_is_wrong_in_it) {
  const std::string plans = "{Name: a, ServicePlans: {p: {Description: d}}}";
  const std::string resources = "Resources: {R: {Type: T}}\n";
  const struct {
    std::string text, said;
  } table[] = {
      {"a: [", "line"},
      {"a: 1\na: 2\n", "a"},
      {"- a list\n", "not a YAML map"},
      {"", "not a YAML map"},
      {"Description: d\n", "Metadata has no AWS::ServiceBroker::Specification"},
      {"Metadata: text\n", "Metadata has no AWS::ServiceBroker::Specification"},
      {with("{ServicePlans: {p: {Description: d}}}", resources), "has no Name"},
      {with("{Name: [a], ServicePlans: {p: {Description: d}}}", resources), "Name"},
      {"Metadata: {AWS::ServiceBroker::Specification: " + plans + "}\n" + resources, "has no Description"},
      {with("{Name: a}", resources), "has no ServicePlans"},
      {with("{Name: a, ServicePlans: {}}", resources), "has no ServicePlans"},
      {with("{Name: a, ServicePlans: [p]}", resources), "has no ServicePlans"},
      {with("{Name: a, ServicePlans: {p: text}}", resources), "plan p is not a map"},
      {with("{Name: a, ServicePlans: {p: {}}}", resources), "plan p has no Description"},
      {with(plans, ""), "has no Resources"},
      {with(plans, "Resources: {}\n"), "has no Resources"},
      {with(plans, resources + "Parameters: {X: text}\n"), "parameter X is not a map"},
      {with("{Name: a, ServicePlans: {p: {Description: d, ParameterValues: {X: 1}}}}", resources),
       "plan p sets X, which is not a parameter"},
      {with("{Name: a, ServicePlans: {p: {Description: d, ParameterDefaults: {X: 1}}}}", resources),
       "plan p sets X, which is not a parameter"},
      {with("{Name: a, UpdatableParameters: [X], ServicePlans: {p: {Description: d}}}", resources),
       "UpdatableParameters names X"},
      {with(plans, resources + "Deep: " + std::string(100, '[') + std::string(100, ']')), "deep"},
      {with(plans, resources + "# " + std::string(1024 * 1024, 'x')), "1048576"},
  };
  for (const auto& each : table) {
    const std::string shown = each.text.substr(0, 200);
    const auto read = parse_template(each.text, "some-main.yaml");
    ASSERT_FALSE(read) << shown;
    EXPECT_EQ(read.error().kind, core::ErrorKind::invalid) << shown;
    EXPECT_THAT(read.error().message, AllOf(HasSubstr("some-main.yaml"), HasSubstr(each.said))) << shown;
  }
}

}  // namespace
}  // namespace broker
