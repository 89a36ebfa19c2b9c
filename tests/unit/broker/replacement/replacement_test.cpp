// Which resources an update would replace or delete.
#include "broker/replacement/replacement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/replacement/resource_types.hpp"
#include "core/yaml.hpp"

namespace broker {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* text = R"yaml(
Parameters:
  Name: {Type: String}
  Mode: {Type: String}
  Tag: {Type: String}
Mappings:
  Modes: {a: {Class: x}, b: {Class: x}, c: {Class: y}}
Conditions:
  IsC: !Equals [!Ref Mode, c]
Resources:
)yaml";

json::object parse(const std::string& yaml) {
  return core::parse_yaml(yaml, core::YamlTags::cloudformation)->as_object();
}
json::object with(const std::string& resources) {
  return parse(text + resources);
}

std::string told(const Replacement& loss) {
  constexpr const char* kinds[] = {"replaced", "deleted", "unclear"};
  std::string line = loss.resource + " " + kinds[static_cast<int>(loss.kind)];
  if (!loss.property.empty()) line += " " + loss.property;
  for (const std::string& parameter : loss.parameters) line += " by " + parameter;
  if (!loss.policy.empty()) line += ", " + loss.policy;
  return line;
}

std::vector<std::string> losses(const json::object& before, const json::object& after, const Values& changed,
                                const ReplacementOptions& options = {}) {
  Values old_values{{"Name", "n"}, {"Mode", "a"}, {"Tag", "t"}};
  Values new_values = old_values;
  for (const auto& [name, value] : changed) new_values[name] = value;
  std::vector<std::string> lines;
  for (const Replacement& loss : find_replacements({.document = before, .parameters = old_values},
                                                   {.document = after, .parameters = new_values}, options))
    lines.push_back(told(loss));
  return lines;
}
std::vector<std::string> losses(const std::string& resources, const Values& changed,
                                const ReplacementOptions& options = {}) {
  const json::object document = with(resources);
  return losses(document, document, changed, options);
}

TEST(Replacements, are_of_create_only_properties_that_a_changed_parameter_reaches) {
  const std::string queue = R"yaml(
  Queue:
    Type: AWS::SQS::Queue
    UpdateReplacePolicy: Retain
    Properties: {QueueName: !Ref Name, DelaySeconds: !Ref Tag}
)yaml";
  EXPECT_THAT(losses(queue, {{"Name", "m"}}), ElementsAre("Queue replaced QueueName by Name, Retain"));
  EXPECT_THAT(losses(queue, {{"Tag", "u"}, {"Mode", "b"}}), IsEmpty());
  EXPECT_THAT(losses(queue, {}), IsEmpty());
}

TEST(Replacements, follow_functions_maps_and_conditions) {
  const auto queue = [](const char* name) {
    return "  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: " + std::string(name) + "}}\n";
  };
  const std::vector<std::string> by_mode{"Queue replaced QueueName by Mode"};
  for (const char* name : {"!Sub 'q-${Mode}'", "!Join ['', [q, !Ref Mode]]", "!If [IsC, a, b]",
                           "!FindInMap [Modes, !Ref Mode, Class]",
                           "!Sub ['${X}', {X: !If [IsC, !Ref AWS::NoValue, x]}]", "!Select [0, [!Ref Mode]]",
                           "!If [IsC, !Ref AWS::NoValue, x]", "!Join ['', [!Ref AWS::Region, !Ref Mode]]"}) {
    EXPECT_EQ(losses(queue(name), {{"Mode", "c"}}), by_mode) << name;
    EXPECT_THAT(losses(queue(name), {{"Tag", "u"}}), IsEmpty()) << name;
  }
  EXPECT_THAT(losses(queue("!FindInMap [Modes, !Ref Mode, Class]"), {{"Mode", "b"}}), IsEmpty())
      << "the map has the same for both";
  EXPECT_THAT(losses(queue("!If [IsC, a, b]"), {{"Mode", "b"}}), IsEmpty());
}

TEST(Replacements, are_also_what_a_condition_removes) {
  const std::string queue = R"yaml(
  Queue: {Type: AWS::SQS::Queue, Condition: IsC, DeletionPolicy: !If [IsC, Retain, Delete]}
)yaml";
  EXPECT_THAT(losses(queue, {{"Mode", "c"}}), IsEmpty()) << "it is made";
  const json::object document = with(queue);
  const Values before{{"Name", "n"}, {"Mode", "c"}, {"Tag", "t"}};
  const Values after{{"Name", "n"}, {"Mode", "b"}, {"Tag", "t"}};
  const auto found = find_replacements({.document = document, .parameters = before},
                                       {.document = document, .parameters = after}, {});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(told(found[0]), "Queue deleted by Mode, Retain");
  EXPECT_EQ(found[0].holds, "its messages");
}

TEST(Replacements, reach_through_resources_that_are_replaced) {
  const std::string both = R"yaml(
  Group: {Type: AWS::RDS::DBSubnetGroup, Properties: {DBSubnetGroupName: !Ref Name, SubnetIds: [!Ref Tag]}}
  Database: {Type: AWS::RDS::DBInstance, Properties: {DBSubnetGroupName: !Ref Group}}
)yaml";
  EXPECT_THAT(losses(both, {{"Name", "m"}}), ElementsAre("Database replaced DBSubnetGroupName by Name"));
  EXPECT_THAT(losses(both, {{"Tag", "u"}}), IsEmpty()) << "the group is changed in place";
  const std::string custom = R"yaml(
  Maker: {Type: Custom::Maker, Properties: {ServiceToken: x, For: !Ref Tag}}
  Broker: {Type: AWS::AmazonMQ::Broker, Properties: {SubnetIds: [!GetAtt Maker.Subnet]}}
)yaml";
  EXPECT_THAT(losses(custom, {{"Tag", "u"}}), ElementsAre("Broker replaced SubnetIds by Tag"));
  const std::string known = R"yaml(
  Key: {Type: AWS::KMS::Key, Properties: {Description: !Ref Tag}}
  Files: {Type: AWS::EFS::FileSystem, Properties: {KmsKeyId: !GetAtt Key.Arn}}
)yaml";
  EXPECT_THAT(losses(known, {{"Tag", "u"}}), IsEmpty()) << "an ARN stays as long as its resource";
}

TEST(Replacements, leave_out_what_holds_no_data) {
  EXPECT_THAT(losses("  Role: {Type: AWS::IAM::Role, Properties: {RoleName: !Ref Name}}\n", {{"Name", "m"}}),
              IsEmpty());
  EXPECT_THAT(losses("  Role: {Type: AWS::IAM::Role, Condition: IsC}\n", {{"Mode", "c"}}), IsEmpty());
  EXPECT_THAT(losses("  Maker: {Type: Custom::Maker, Properties: {For: !Ref Name}}\n", {{"Name", "m"}}),
              IsEmpty());
  EXPECT_THAT(losses("  Reader: {Type: AWS::RDS::DBInstance, Properties: {DBClusterIdentifier: c, "
                     "DBInstanceIdentifier: !Ref Name}}\n",
                     {{"Name", "m"}}),
              IsEmpty())
      << "the data is the cluster's";
}

TEST(Replacements, know_conditional_create_only_properties) {
  const auto database = [](const char* properties) {
    return "  D: {Type: AWS::RDS::DBInstance, Properties: " + std::string(properties) + "}\n";
  };
  EXPECT_THAT(losses(database("{MultiAZ: !Ref Mode, BackupRetentionPeriod: !Ref Mode}"), {{"Mode", "c"}}),
              IsEmpty());
  EXPECT_THAT(losses(database("{Engine: !Ref Mode}"), {{"Mode", "c"}}),
              ElementsAre("D replaced Engine by Mode"));
  EXPECT_THAT(
      losses("  T: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: [{AttributeName: !Ref Name}]}}\n",
             {{"Name", "m"}}),
      ElementsAre("T replaced KeySchema by Name"));
  const auto domain = [](const char* before, const char* after) {
    const std::string resource =
        "  D: {Type: AWS::OpenSearchService::Domain, Properties: {EncryptionAtRestOptions: {Enabled: !Ref "
        "Mode}}}\n";
    const json::object document = with(resource);
    return find_replacements({.document = document, .parameters = {{"Mode", before}}},
                             {.document = document, .parameters = {{"Mode", after}}}, {})
        .size();
  };
  EXPECT_EQ(domain("false", "true"), 0U) << "encryption is added in place";
  EXPECT_EQ(domain("true", "false"), 1U);
}

TEST(Replacements, are_found_where_the_template_changes) {
  const json::object before = with(R"yaml(
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: a}}
  Topic: {Type: AWS::SNS::Topic, DeletionPolicy: Retain}
  Role: {Type: AWS::IAM::Role}
)yaml");
  EXPECT_THAT(losses(before, with("  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: b}}\n"), {}),
              ElementsAre("Queue replaced QueueName", "Topic deleted, Retain"));
  EXPECT_THAT(
      losses(before, with("  Queue: {Type: AWS::SNS::Topic}\n  Topic: {Type: AWS::SNS::Topic}\n"), {}),
      ElementsAre("Queue replaced Type"));
  EXPECT_THAT(losses(before, with(R"yaml(
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub "a", DelaySeconds: 5}}
  Topic: {Type: AWS::SNS::Topic}
)yaml"),
                     {}),
              IsEmpty())
      << "it comes to the same";
}

TEST(Replacements, are_unclear_for_types_that_are_not_known) {
  const std::string unknown = "  X: {Type: Company::Data::Store, Properties: {Size: !Ref Mode}}\n";
  EXPECT_THAT(losses(unknown, {{"Mode", "c"}}), ElementsAre("X unclear by Mode"));
  EXPECT_THAT(losses(unknown, {{"Tag", "u"}}), IsEmpty());
  EXPECT_THAT(losses(unknown, {{"Mode", "c"}}, {.with_unclear = false}), IsEmpty())
      << "its author says that the parameter can be changed";
  const std::string nested =
      "  X: {Type: AWS::CloudFormation::Stack, Properties: {Parameters: {Mode: !Ref Mode}}}\n";
  EXPECT_THAT(losses(nested, {{"Mode", "c"}}), ElementsAre("X unclear by Mode"));
  EXPECT_THAT(losses(with(unknown), with("  Role: {Type: AWS::IAM::Role}\n"), {}), ElementsAre("X deleted"));
}

TEST(Replacements, are_unclear_where_a_macro_makes_the_template) {
  json::object document = with("  Role: {Type: AWS::IAM::Role}\n");
  for (const char* transform : {"AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"}) {
    document["Transform"] = transform;
    EXPECT_THAT(losses(document, document, {{"Mode", "c"}}), IsEmpty()) << transform;
  }
  document["Transform"] = json::array{"AWS::LanguageExtensions", "OurMacro"};
  EXPECT_THAT(losses(document, document, {{"Mode", "c"}}), ElementsAre(" unclear by Mode"));
  EXPECT_THAT(losses(document, document, {{"Mode", "c"}}, {.with_unclear = false}), IsEmpty());
  const std::string included = R"yaml(
  Queue:
    Type: AWS::SQS::Queue
    Properties: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: !Ref Name}}}
)yaml";
  EXPECT_THAT(losses(included, {{"Name", "m"}}, {.with_unclear = false}),
              ElementsAre("Queue replaced FifoQueue by Name"));
  EXPECT_THAT(losses(included, {{"Mode", "c"}}), IsEmpty());
}

TEST(Replacements, write_loops_out) {
  const std::string loop = R"yaml(
  Fn::ForEach::Queues:
    - Each
    - !Split [",", !Ref Name]
    - Queue${Each}:
        Type: AWS::SQS::Queue
        Properties: {QueueName: !Sub "${Each}-${Tag}"}
)yaml";
  const json::object document = with(loop);
  const auto found = find_replacements(
      {.document = document, .parameters = {{"Name", "a,b,c"}, {"Tag", "t"}, {"Mode", "a"}}},
      {.document = document, .parameters = {{"Name", "a,c"}, {"Tag", "t"}, {"Mode", "a"}}}, {});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(told(found[0]), "Queueb deleted by Name");
  EXPECT_THAT(losses(loop, {{"Tag", "u"}}), ElementsAre("Queuen replaced QueueName by Tag"));
  const std::string of_the_stack = R"yaml(
  Fn::ForEach::Queues: [Each, !Split [",", !Ref AWS::Region], {"Queue${Each}": {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Name}}}]
)yaml";
  EXPECT_THAT(losses(of_the_stack, {{"Name", "m"}}), ElementsAre("Fn::ForEach::Queues unclear by Name"));
}

TEST(Replacements, count_tags_of_the_stack_where_a_type_cannot_change_its_tags) {
  const std::string cluster = "  C: {Type: AWS::MSK::ServerlessCluster, Properties: {ClusterName: c}}\n";
  EXPECT_THAT(losses(cluster, {}, {.tags_change = true}), ElementsAre("C replaced Tags"));
  EXPECT_THAT(losses("  Queue: {Type: AWS::SQS::Queue}\n", {}, {.tags_change = true}), IsEmpty());
}

TEST(Replacements, give_up_on_loops_without_end) {
  const std::string loop = R"yaml(
  Fn::ForEach::A: [A, [1,2,3,4,5,6,7,8,9,10], {"Fn::ForEach::B${A}": [B, [1,2,3,4,5,6,7,8,9,10], {"Fn::ForEach::C${A}${B}": [C, [1,2,3,4,5,6,7,8,9,10],
    {"Fn::ForEach::D${A}${B}${C}": [D, [1,2,3,4,5,6,7,8,9,10], {"Fn::ForEach::E${A}${B}${C}${D}": [E, [1,2,3,4,5,6,7,8,9,10],
      {"Q${A}${B}${C}${D}${E}": {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Name}}}]}]}]}]}]
)yaml";
  EXPECT_THAT(losses(loop, {{"Name", "m"}}), ElementsAre(" unclear by Name"));
}

TEST(ResourceTypes, are_known_with_their_properties) {
  const ResourceType* queue = find_resource_type("AWS::SQS::Queue");
  ASSERT_NE(queue, nullptr);
  EXPECT_EQ(queue->holds, "its messages");
  ASSERT_EQ(queue->create_only.size(), 2U);
  EXPECT_THAT(queue->create_only[0].path, ElementsAre("FifoQueue"));
  EXPECT_EQ(find_resource_type("AWS::IAM::Role")->holds, "");
  EXPECT_EQ(find_resource_type("Company::Data::Store"), nullptr);
  const auto& of_emr = find_resource_type("AWS::EMR::Cluster")->create_only;
  EXPECT_TRUE(std::ranges::any_of(of_emr, [](const CreateOnlyProperty& each) {
    return each.path == std::vector<std::string>{"Instances", "Ec2KeyName"};
  }));
}

}  // namespace
}  // namespace broker
