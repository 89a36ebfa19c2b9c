#include "broker/injection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/yaml.hpp"

namespace broker {
namespace {

namespace json = boost::json;

using testing::HasSubstr;

json::object document(const std::string& iam,
                      const std::string& resources = "  Queue: {Type: AWS::SQS::Queue}\n") {
  return core::parse_yaml("Metadata:\n  AWS::ServiceBroker::Specification:\n    Bindings:\n      IAM: " +
                              iam + "\nResources:\n" + resources,
                          core::YamlTags::cloudformation)
      ->as_object();
}

TEST(Injection, adds_the_user_and_its_policies) {
  json::object expanded = document(
      "{AddKeypair: true, Policies: [{PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, "
      "Action: "
      "'sqs:*', Resource: !GetAtt Queue.Arn}]}}, {PolicyDocument: {Version: '2012-10-17', Statement: []}}]}");
  ASSERT_EQ(inject(expanded), true);
  std::vector<std::string> names;
  for (const auto& entry : expanded["Resources"].as_object()) names.emplace_back(entry.key());
  EXPECT_THAT(names, testing::ElementsAre("Queue", "AWSSBInjectedIAMUser", "AWSSBInjectedIAMUserRole",
                                          "AWSSBInjectedIAMUserLambda", "AWSSBInjectedIAMUserCreator",
                                          "AWSSBInjectedIAMUserPolicy1", "AWSSBInjectedIAMUserPolicy2"));
  const json::value whole(expanded);
  EXPECT_EQ(
      core::to_text(*core::find(whole, {"Resources", "AWSSBInjectedIAMUserPolicy1"})),
      R"({"Type":"AWS::IAM::Policy","Properties":{"PolicyName":"AWSSBInjectedIAMUserPolicy1",)"
      R"("Users":[{"Ref":"AWSSBInjectedIAMUser"}],"PolicyDocument":{"Version":"2012-10-17","Statement":)"
      R"([{"Effect":"Allow","Action":"sqs:*","Resource":{"Fn::GetAtt":["Queue","Arn"]}}]}}})");
  EXPECT_EQ(inject(expanded), false) << "once is enough";
}

TEST(Injection, makes_resources_where_there_are_none) {
  json::object expanded = document("{AddKeypair: true}");
  expanded.erase("Resources");
  ASSERT_EQ(inject(expanded), true);
  EXPECT_EQ(expanded["Resources"].as_object().size(), 4U);
}

TEST(Injection, leaves_alone_what_does_not_ask_for_it) {
  for (const char* iam : {"{AddKeypair: false}", "{}", "null", "{AddKeypair: [1]}"}) {
    json::object untouched = document(iam);
    EXPECT_EQ(inject(untouched), false) << iam;
    EXPECT_EQ(untouched, document(iam));
  }
}

TEST(Injection, adds_subnets_under_a_condition) {
  json::object expanded = core::parse_yaml(
                              "Metadata: {'AWS::ServiceBroker::Specification': {MakesSubnets: true}}\n"
                              "Conditions: {Other: !Equals [a, b]}\n",
                              core::YamlTags::cloudformation)
                              ->as_object();
  ASSERT_EQ(inject(expanded), true);
  EXPECT_TRUE(expanded["Conditions"].as_object().contains("Other"));
  EXPECT_TRUE(expanded["Conditions"].as_object().contains("AWSSBMakesSubnets"));
  for (const auto& [name, resource] : expanded["Resources"].as_object())
    EXPECT_EQ(core::find_string(resource, {"Condition"}), "AWSSBMakesSubnets") << name;
  EXPECT_TRUE(expanded["Resources"].as_object().contains("AWSSBInjectedSubnets"));
  EXPECT_EQ(inject(expanded), false) << "once is enough";
}

TEST(Injection, lets_a_template_give_what_it_has_no_parameters_for) {
  json::object expanded =
      core::parse_yaml(
          "Metadata: {'AWS::ServiceBroker::Specification': {MakesSubnets: {CidrBlocks: [!Ref Block]}}}\n",
          core::YamlTags::cloudformation)
          ->as_object();
  ASSERT_EQ(inject(expanded), true);
  const auto& properties =
      core::find(expanded, {"Resources", "AWSSBInjectedSubnets", "Properties"})->as_object();
  EXPECT_EQ(core::to_text(properties.at("CidrBlocks")), R"([{"Ref":"Block"}])");
  EXPECT_EQ(core::to_text(properties.at("CidrSize")), R"({"Ref":"CidrSize"})");
}

TEST(Injection, says_what_is_in_its_way) {
  json::object no_document = document("{AddKeypair: 'true', Policies: [{Statement: []}]}");
  const auto unread = inject(no_document);
  ASSERT_FALSE(unread);
  EXPECT_THAT(unread.error().message, HasSubstr("Bindings.IAM.Policies[0] has no PolicyDocument"));
  json::object taken = document("{AddKeypair: true}", "  AWSSBInjectedIAMUserRole: {Type: AWS::IAM::Role}\n");
  const auto refused = inject(taken);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("AWSSBInjectedIAMUserRole"));
}

}  // namespace
}  // namespace broker
