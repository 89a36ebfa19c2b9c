// Templates: functions, conditions, dynamic references, what they are refused for, and the project's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/injection.hpp"
#include "core/yaml.hpp"
#include "tests/unit/simulated_aws/world.hpp"

namespace simulation::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

class Templates : public testing::Test {
 protected:
  AccountWorld world;

  std::string refusal(const std::string& body, aws::NameValues parameters = {}) {
    const auto id =
        world.run(world.cloudformation.create_stack(stack_input("s", body, std::move(parameters))));
    return id ? "" : id.error().message;
  }
  std::string failures(const std::string& id) {
    std::string text;
    const auto events = world.run(world.cloudformation.describe_stack_events(id, 100));
    for (std::size_t i = 0; events && i < events->size(); ++i)
      if ((*events)[i].status.ends_with("_FAILED") || (*events)[i].status == "ROLLBACK_IN_PROGRESS")
        text += " " + (*events)[i].logical_id + ": " + (*events)[i].reason;
    return text;
  }
  std::map<std::string, std::string> outputs(const std::string& body, aws::NameValues parameters = {}) {
    const auto id =
        world.run(world.cloudformation.create_stack(stack_input("s", body, std::move(parameters))));
    EXPECT_TRUE(id) << id.error().message;
    EXPECT_EQ(world.settle("s"), "CREATE_COMPLETE") << world.describe("s").status_reason;
    std::map<std::string, std::string> found;
    for (const auto& [key, value] : world.describe("s").outputs) found[key] = value;
    return found;
  }
};

TEST_F(Templates, FunctionsAreEvaluated) {
  const auto found = outputs(R"(
Parameters:
  List: {Type: CommaDelimitedList, Default: "a, b,c"}
  Env: {Type: String, Default: prod}
Mappings: {Sizes: {prod: {Big: "10"}, dev: {Big: "1"}}}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  IsDev: !Not [!Condition IsProd]
  Both: !And [!Condition IsProd, !Or [!Condition IsDev, !Condition IsProd]]
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: !Join ["-", [!Select [1, !Ref List], t]]}}
  Never: {Type: AWS::SNS::Topic, Condition: IsDev}
Outputs:
  Joined: {Value: !Join [":", !Ref List]}
  Mapped: {Value: !FindInMap [Sizes, !Ref Env, Big]}
  Split: {Value: !Select [2, !Split ["/", "a/b/c"]]}
  If: {Value: !If [Both, yes, no]}
  Sub: {Value: !Sub ["${A}-${AWS::Region}-${!Literal}-${Topic.TopicName}", {A: !Ref Env}]}
  Ref: {Value: !Ref Topic}
  Dev: {Condition: IsDev, Value: x}
)");
  EXPECT_THAT(found,
              UnorderedElementsAre(Pair("Joined", "a:b:c"), Pair("Mapped", "10"), Pair("Split", "c"),
                                   Pair("If", "yes"), Pair("Sub", HasSubstr("prod-us-east-1-${Literal}-")),
                                   Pair("Ref", "arn:aws:sns:us-east-1:123456789012:b-t")));
}

TEST_F(Templates, BrokenOnesAreRefused) {
  EXPECT_THAT(refusal("Resources: {}"), HasSubstr("At least one Resources member must be defined"));
  EXPECT_THAT(refusal("Resources: {Q: {Properties: {}}}"), HasSubstr("must contain a Type member"));
  EXPECT_THAT(refusal("Resources: {Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref X}}}"),
              HasSubstr("Unresolved resource dependencies [X]"));
  EXPECT_THAT(
      refusal(
          "Resources: {A: {Type: AWS::SNS::Topic, DependsOn: B}, B: {Type: AWS::SNS::Topic, DependsOn: A}}"),
      HasSubstr("Circular dependency between resources: [A, B]"));
  EXPECT_THAT(refusal("Nothing: {}\nResources: {A: {Type: AWS::SNS::Topic}}"),
              HasSubstr("Invalid template property"));
  EXPECT_THAT(refusal("Resources: {A: {Type: AWS::SQS::Queue, DeletionPolicy: Snapshot}}"),
              HasSubstr("does not support deletion policy Snapshot"));
  EXPECT_THAT(refusal("Resources: ["), HasSubstr("not well-formed"));
  EXPECT_THAT(refusal("Resources: {A: {Type: AWS::SNS::Topic}}\nDescription: " + std::string(52'000, 'x')),
              HasSubstr("51200"));
}

TEST_F(Templates, RulesAreAsserted) {
  const std::string body = R"(
Parameters: {A: {Type: String}}
Rules:
  Own: {RuleCondition: !Equals [!Ref A, x], Assertions: [{Assert: !Contains [[y], !Ref A], AssertDescription: A is not x}]}
Resources: {Q: {Type: AWS::SQS::Queue}}
)";
  // The short form of Fn::Contains is for rules only.
  EXPECT_THAT(refusal(body, {{"A", "x"}}), HasSubstr("A is not x"));
  EXPECT_EQ(refusal(body, {{"A", "z"}}), "");
}

TEST_F(Templates, CapabilitiesAreAskedFor) {
  aws::StackInput input = stack_input("s", "Resources: {U: {Type: AWS::IAM::User}}");
  input.capabilities.clear();
  const auto id = world.run(world.cloudformation.create_stack(input));
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().code, "InsufficientCapabilitiesException");
}

// What a user's parameter holds is resolved with the keys of the stack: brokers must not let it through.
TEST_F(Templates, DynamicReferencesAreResolvedWhereverTheyStand) {
  (void)world.account.ssm().put("/plain", "from ssm", "String", false);
  (void)world.account.secrets().create("other", R"({"password": "of someone else"})", {});
  outputs(R"(
Parameters: {Value: {Type: String}}
Resources: {P: {Type: AWS::SSM::Parameter, Properties: {Name: /made, Type: String, Value: !Sub "${Value} {{resolve:ssm:/plain}}"}}}
)",
          {{"Value", "{{resolve:secretsmanager:other:SecretString:password}}"}});
  EXPECT_EQ(world.account.ssm().find("/made")->value, "of someone else from ssm");
}

TEST_F(Templates, SecretsAreGenerated) {
  const auto found = outputs(R"(
Resources:
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {GenerateSecretString: {PasswordLength: 30, ExcludePunctuation: true}}}
  Copy: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Sub "{{resolve:secretsmanager:${Secret}:SecretString}}"}}
Outputs: {Arn: {Value: !Ref Secret}, Copy: {Value: !Ref Copy}}
)");
  const auto text = world.run(world.secrets.get_secret_value(found.at("Arn"), ""));
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(text->size(), 30U);
  EXPECT_EQ(*world.run(world.ssm.get_parameter(found.at("Copy"))), *text);
}

TEST_F(Templates, UsersAreReallyThere) {
  const auto found = outputs(R"(
Resources:
  User: {Type: AWS::IAM::User, Properties: {Path: /p/, Policies: [{PolicyName: own, PolicyDocument: {Statement: []}}]}}
  Policy: {Type: AWS::IAM::Policy, Properties: {PolicyName: more, PolicyDocument: {Statement: []}, Users: [!Ref User]}}
  Key: {Type: AWS::IAM::AccessKey, Properties: {UserName: !Ref User}}
Outputs: {User: {Value: !Ref User}, Id: {Value: !Ref Key}, Secret: {Value: !GetAtt Key.SecretAccessKey}}
)");
  EXPECT_EQ(world.account.opens(found.at("Id"), found.at("Secret")), found.at("User"));
  EXPECT_THAT(*world.run(world.iam.list_user_policies(found.at("User"))),
              UnorderedElementsAre("own", "more"));
  // A key that someone else has made keeps the user.
  ASSERT_TRUE(world.run(world.iam.create_access_key(found.at("User"))));
  ASSERT_TRUE(world.run(world.cloudformation.delete_stack("s", "t")));
  EXPECT_EQ(world.settle("s"), "DELETE_FAILED");
}

TEST_F(Templates, LongOnesComeFromABucket) {
  world.account.buckets().put("templates", "a b.yaml", "Resources: {Q: {Type: AWS::SQS::Queue}}");
  aws::StackInput input{.stack_name = "s", .template_url = *world.s3.object_url("templates", "a b.yaml")};
  EXPECT_TRUE(world.run(world.cloudformation.create_stack(input)));
  input.stack_name = "t";
  input.template_url += "x";
  EXPECT_THAT(world.run(world.cloudformation.create_stack(input)).error().message, HasSubstr("S3 error"));
}

std::string value_for(const std::string& name) {
  static const std::map<std::string, std::string> values{{"S3Source", "s3://bucket/folder/"},
                                                         {"VpcId", "vpc-1"},
                                                         {"AccessCidr", "10.0.0.0/8"},
                                                         {"NewOrExisting", "New"}};
  const auto found = values.find(name);
  return found == values.end() ? "a" : found->second;
}

// The templates that the broker brings, as it sends them, are made and deleted.
TEST_F(Templates, TheBrokersOwn) {
  int count = 0;
  for (const broker::NamedText& file : broker::built_in_templates()) {
    auto document = core::parse_yaml(file.text, core::YamlTags::cloudformation);
    ASSERT_TRUE(document && broker::inject(document->as_object())) << file.name;
    const std::string name = "s" + std::to_string(++count);
    world.account.buckets().put("templates", name, core::to_text(*document));
    aws::StackInput input{.stack_name = name,
                          .template_url = *world.s3.object_url("templates", name),
                          .capabilities = {"CAPABILITY_NAMED_IAM"}};
    if (const auto* parameters = core::find_object(*document, {"Parameters"})) {
      for (const auto& entry : *parameters) {
        if (core::find(entry.value(), {"Default"}) != nullptr) continue;
        const auto* allowed = core::find_array(entry.value(), {"AllowedValues"});
        input.parameters.emplace_back(
            entry.key(), allowed != nullptr ? text_of(allowed->front()) : value_for(entry.key()));
      }
    }
    const auto id = world.run(world.cloudformation.create_stack(input));
    if (!id) {
      ADD_FAILURE() << file.name << ": " << id.error().message;
      continue;
    }
    const std::string end = world.settle(*id);
    EXPECT_EQ(end, "CREATE_COMPLETE")
        << file.name << ": " << world.describe(*id).status_reason << failures(*id);
    ASSERT_TRUE(world.run(world.cloudformation.delete_stack(*id, "t")));
    EXPECT_EQ(world.settle(*id), "DELETE_COMPLETE")
        << file.name << ": " << world.describe(*id).status_reason << failures(*id);
  }
  EXPECT_GT(count, 20);
  EXPECT_THAT(world.account.iam().users(), IsEmpty());
  EXPECT_THAT(world.account.iam().keys(), IsEmpty());
  EXPECT_THAT(world.account.ssm().parameters(), IsEmpty());
  EXPECT_THAT(world.account.journal().violations, IsEmpty());
}

}  // namespace
}  // namespace simulation::test
