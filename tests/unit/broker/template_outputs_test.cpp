// Which outputs name a secret: the template's text decides, whatever a value resolves to.
#include "broker/template_outputs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/template.hpp"
#include "core/yaml.hpp"

namespace broker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<TemplateOutput> outputs_of(const std::string& outputs) {
  const std::string text =
      "Parameters:\n  Prefix: {Type: String}\n  Other: {Type: String}\nOutputs:\n" + outputs;
  return template_outputs(core::parse_yaml(text, core::YamlTags::cloudformation)->as_object());
}

TemplateOutput output(const std::string& value) {
  return outputs_of("  It: {Value: " + value + "}\n").at(0);
}

TEST(TemplateOutputs, name_an_ssm_parameter_where_their_text_begins_so) {
  for (const char* text : {"'ssm:/asb/x/id'", "!Sub 'ssm:/asb/${AWS::StackName}/id'",
                           "!Sub ['ssm:${A}', {A: b}]", "!Join ['', ['ssm:', !Ref Name]]",
                           "!Join [':', [ssm, !Ref Name]]", "!Join ['', [!Sub 'ss', 'm:', !Ref Name]]",
                           "!If [A, !Ref Prefix, !Sub 'ssm:${Name}']", "!If [A, !If [B, x, 'ssm:y'], z]"}) {
    EXPECT_TRUE(output(text).names_ssm_parameter) << text;
    EXPECT_FALSE(output(text).names_secret) << text;
  }
}

TEST(TemplateOutputs, name_a_secret_where_their_text_begins_so) {
  for (const char* text : {"!Sub 'secretsmanager:${Secret}:SecretString'",
                           "!Join ['', ['secretsmanager:', !Ref Secret, ':SecretString:password']]"}) {
    EXPECT_TRUE(output(text).names_secret) << text;
    EXPECT_FALSE(output(text).names_ssm_parameter) << text;
  }
}

TEST(TemplateOutputs, name_nothing_where_only_their_value_may_begin_so) {
  for (const char* text :
       {"!Ref Prefix", "!Sub '${Prefix}'", "!Sub '${Prefix}ssm:/x'", "!Join ['', [!Ref Prefix, 'ssm:/x']]",
        "!GetAtt Zone.Name", "!Select [0, ['ssm:/x']]", "!If [A, !Ref Prefix, x]", "'see ssm:/x'", "''",
        "!Join [!Ref Prefix, ['ss', 'm:/x']]", "!Join ['', !Ref Prefix]", "7", "!If 'ssm:'"}) {
    EXPECT_FALSE(output(text).names_ssm_parameter || output(text).names_secret) << text;
  }
}

TEST(TemplateOutputs, tell_the_parameters_in_their_value) {
  EXPECT_THAT(output("!Ref Prefix").parameters, ElementsAre("Prefix"));
  EXPECT_THAT(output("!Sub '${Other}/${Prefix}/${AWS::Region}/${!Prefix}'").parameters,
              ElementsAre("Other", "Prefix"));
  EXPECT_THAT(output("!Sub ['${Other}/${Prefix}', {Other: !Ref Prefix}]").parameters, ElementsAre("Prefix"));
  EXPECT_THAT(output("!If [A, !Join [':', [!Ref Prefix]], x]").parameters, ElementsAre("Prefix"));
  EXPECT_THAT(output("!GetAtt Zone.Name").parameters, IsEmpty());
}

TEST(TemplateOutputs, of_a_loop_are_known_by_the_fixed_parts_of_their_names) {
  const auto outputs = outputs_of(R"yaml(
  Fn::ForEach::Users:
    - User
    - [A, B]
    - "Key${User}Secret": {Value: !Sub "ssm:/asb/${AWS::StackName}/${User}"}
)yaml");
  ASSERT_EQ(outputs.size(), 1U);
  EXPECT_TRUE(outputs[0].names_ssm_parameter);
  EXPECT_TRUE(outputs[0].is_called("KeyASecret"));
  for (const char* other : {"Key", "Secret", "KeyA", "ASecret"})
    EXPECT_FALSE(outputs[0].is_called(other)) << other;
}

TEST(TemplateOutputs, of_a_loop_give_way_to_one_with_the_very_name) {
  Template service;
  service.outputs = outputs_of(R"yaml(
  Fn::ForEach::Users:
    - User
    - [A, B]
    - "Key${User}Secret": {Value: !Sub "ssm:/asb/${AWS::StackName}/${User}"}
  KeyOwnSecret: {Value: !Ref Prefix}
)yaml");
  EXPECT_FALSE(service.find_output("KeyOwnSecret")->names_ssm_parameter);
  EXPECT_TRUE(service.find_output("KeyASecret")->names_ssm_parameter);
  EXPECT_EQ(service.find_output("Other"), nullptr);
}

}  // namespace
}  // namespace broker
