// From what a user, the environment and a plan give to what the stack is made with.
#include "broker/parameters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace broker {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

constexpr const char* text = R"yaml(
Description: d
Metadata:
  AWS::ServiceBroker::Specification:
    Name: small
    ServicePlans:
      plain: {Description: d}
      set: {Description: d, ParameterDefaults: {Size: 7, Name: plan}, ParameterValues: {Mode: slow}}
Parameters:
  Size: {Type: Number, Default: 5}
  Mode: {Type: String, Default: fast, AllowedValues: [fast, slow]}
  Name: {Type: String}
  Code: {Type: String, Default: a, AllowedPattern: "[a-z]+"}
Resources: {R: {Type: T}}
)yaml";

class Merging : public testing::Test {
 protected:
  core::Result<StackParameters> merge(const char* plan, std::string_view user, const Values& overrides = {}) {
    const Ids ids = *Ids::make("0", "test");
    TemplateSet set;
    set.templates.push_back(std::make_shared<const Template>(*parse_template(text, "small-main.yaml")));
    const Catalog catalog(ids, std::move(set), {.hidden_parameters = hidden_});
    const auto selection = catalog.find(ids.class_id("small"), ids.plan_id("small", plan));
    return merge_parameters(*selection, overrides, *core::parse_json(user));
  }
  std::string refusal(const char* plan, std::string_view user, const Values& overrides = {}) {
    const auto merged = merge(plan, user, overrides);
    if (merged) return "accepted";
    EXPECT_EQ(merged.error().kind, core::ErrorKind::invalid);
    return merged.error().message;
  }
  std::set<std::string, std::less<>> hidden_;
};

using Sent = std::vector<std::pair<std::string, std::string>>;

TEST_F(Merging, lets_the_plan_the_overrides_the_prescribed_values_and_the_user_win_in_this_order) {
  const struct {
    const char* why;
    const char* plan;
    Values overrides;
    const char* user;
    Sent sent;
  } table[] = {
      {"the template's own defaults are left to CloudFormation",
       "plain",
       {},
       R"({"Name":"u"})",
       {{"Name", "u"}}},
      {"the plan's defaults and prescribed values",
       "set",
       {},
       "null",
       {{"Size", "7"}, {"Mode", "slow"}, {"Name", "plan"}}},
      {"an override over a plan's default",
       "set",
       {{"Size", "8"}},
       "{}",
       {{"Size", "8"}, {"Mode", "slow"}, {"Name", "plan"}}},
      {"a prescribed value over an override",
       "set",
       {{"Mode", "fast"}},
       "{}",
       {{"Size", "7"}, {"Mode", "slow"}, {"Name", "plan"}}},
      {"the user over an override and a plan's default",
       "set",
       {{"Name", "o"}},
       R"({"Name":"u","Size":9})",
       {{"Size", "9"}, {"Mode", "slow"}, {"Name", "u"}}},
      {"an override gives what is required", "plain", {{"Name", "o"}}, "{}", {{"Name", "o"}}},
      {"an override for another class is not a parameter here",
       "plain",
       {{"Name", "o"}, {"Else", "x"}},
       "{}",
       {{"Name", "o"}}},
  };
  for (const auto& each : table) {
    const auto merged = merge(each.plan, each.user, each.overrides);
    ASSERT_TRUE(merged) << each.why << ": " << merged.error().message;
    EXPECT_EQ(merged->template_values, each.sent) << each.why;
  }
}

TEST_F(Merging, writes_values_as_cloudformation_has_them) {
  const struct {
    const char *user, *sent;
  } table[] = {
      {R"("text")", "text"},
      {R"("")", ""},
      {"5", "5"},
      {"-5", "-5"},
      {"true", "true"},
      {"0.5", "0.5"},
      {"1e3", "1000"},
      {"123456789012", "123456789012"},
      {"[1,2]", "[1,2]"},
      {R"({"a":"b"})", R"({"a":"b"})"},
  };
  for (const auto& each : table) {
    const auto merged = merge("plain", R"({"Name":)" + std::string(each.user) + "}");
    ASSERT_TRUE(merged) << each.user;
    EXPECT_THAT(merged->template_values, ElementsAre(Pair("Name", each.sent)));
  }
}

TEST_F(Merging, refuses_what_cannot_be_and_names_it) {
  const struct {
    const char *plan, *user, *said;
  } table[] = {
      {"plain", R"({"Name":"n","Colour":"red"})", "The parameter Colour is not available."},
      {"plain", R"({"Name":"n","name":"n"})", "The parameter name is not available."},
      {"set", R"({"Mode":"fast"})", "The parameter Mode is not available."},
      {"plain", R"({"Name":"n","aws_access_key":"k"})", "The parameter aws_access_key is not available."},
      {"plain", R"({"Name":"n","aws_secret_key":"k"})", "The parameter aws_secret_key is not available."},
      {"plain", "{}", "The parameter Name is required."},
      {"plain", R"({"Name":null})", "The parameter Name must have a value."},
      {"plain", R"({"Name":"n","Mode":"Fast"})",
       R"(The parameter Mode must be one of "fast", "slow", not "Fast".)"},
      {"plain", R"({"Name":"n","Size":"big"})", R"(The parameter Size must be of type integer, not "big".)"},
      {"plain", R"({"Name":"n","Size":""})", R"(The parameter Size must be of type integer, not "".)"},
      {"plain", R"({"Name":"n","Size":true})", R"(The parameter Size must be of type integer, not "true".)"},
      {"plain", R"({"Name":"n","Size":[5]})", R"(The parameter Size must be of type integer, not "[5]".)"},
  };
  for (const auto& each : table) EXPECT_EQ(refusal(each.plan, each.user), each.said);
  for (const char* no_number : {R"(" 5")", R"("5 ")", R"("0x5")", R"("nan")", "{}", "0.5"}) {
    EXPECT_NE(refusal("plain", R"({"Name":"n","Size":)" + std::string(no_number) + "}"), "accepted")
        << no_number;
  }
  for (const char* number : {"5", "-1", R"("5")", R"("1e3")"})
    EXPECT_EQ(refusal("plain", R"({"Name":"n","Size":)" + std::string(number) + "}"), "accepted") << number;
}

TEST_F(Merging, holds_values_to_the_template_s_pattern) {
  EXPECT_TRUE(merge("plain", R"({"Name":"n","Code":"abc"})"));
  EXPECT_EQ(
      refusal("plain", R"({"Name":"n","Code":"abc*"})"),
      "The parameter Code has a value that the template does not allow: it must match the pattern [a-z]+.");
  EXPECT_THAT(refusal("plain", R"({"Name":"n"})", {{"Code", "1"}}), HasSubstr("The parameter Code"));
}

TEST_F(Merging, refuses_an_override_that_the_template_does_not_allow) {
  EXPECT_THAT(refusal("plain", R"({"Name":"n"})", {{"Mode", "other"}}), HasSubstr("Mode"));
}

TEST_F(Merging, refuses_a_users_value_for_what_the_administrator_prescribes_to_everyone) {
  hidden_ = {"Name", "region"};
  const Values overrides{{"Name", "o"}, {"region", "eu-west-1"}};
  EXPECT_EQ(refusal("plain", R"({"Name":"u"})", overrides), "The parameter Name is not available.");
  EXPECT_EQ(refusal("plain", R"({"region":"us-east-1"})", overrides),
            "The parameter region is not available.");
  const auto merged = merge("plain", "{}", overrides);
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->region, "eu-west-1");
}

TEST_F(Merging, takes_region_account_and_tags_for_itself) {
  const auto merged = merge("plain", R"({"Name":"n","region":"eu-west-1","target_role_name":"r",
      "target_account_id":"123456789012","user_tags":"[{\"Key\":\"team\",\"Value\":\"blue\"}]"})",
                            {{"admin_tags", R"([{"Key":"cost","Value":"42"},{"Key":"empty","Value":""}])"},
                             {"aws_access_key", "AKIA"},
                             {"aws_secret_key", "s"}});
  ASSERT_TRUE(merged) << merged.error().message;
  EXPECT_THAT(merged->template_values, ElementsAre(Pair("Name", "n")));
  EXPECT_EQ(merged->region, "eu-west-1");
  EXPECT_EQ(merged->target_role_name, "r");
  EXPECT_EQ(merged->target_account_id, "123456789012");
  EXPECT_EQ(merged->access_key_id, "AKIA");
  EXPECT_THAT(merged->tags, ElementsAre(Pair("team", "blue"), Pair("cost", "42"), Pair("empty", "")));
  const auto none = merge("plain", R"({"Name":"n","user_tags":""})");
  ASSERT_TRUE(none);
  EXPECT_THAT(none->tags, IsEmpty());
  EXPECT_EQ(none->region, "");
  EXPECT_EQ(none->access_key_id, "");
  const auto as_list = merge("plain", R"({"Name":"n","user_tags":[{"Key":"k","Value":"v"}]})");
  ASSERT_TRUE(as_list) << "people write the list itself, too";
  EXPECT_THAT(as_list->tags, ElementsAre(Pair("k", "v")));
}

TEST_F(Merging, refuses_tags_that_are_no_list_of_key_and_value) {
  for (const char* tags :
       {"x", "{}", "[1]", "[{}]", R"([{"Key":"k"}])", R"([{"Value":"v"}])", R"([{"Key":"","Value":"v"}])",
        R"([{"Key":1,"Value":"v"}])", R"([{"Key":"k","Value":1}])"}) {
    const json::object user{{"Name", "n"}, {"user_tags", tags}};
    EXPECT_THAT(refusal("plain", core::to_text(user)), HasSubstr("user_tags")) << tags;
  }
}

}  // namespace
}  // namespace broker
