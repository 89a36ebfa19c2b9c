// From an instance as it is and a PATCH to the instance as it is wanted.
#include "broker/operations/wanted_update.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/stack_tags.hpp"

namespace broker {
namespace {

namespace json = boost::json;

constexpr const char* text = R"yaml(
Description: d
Metadata:
  AWS::ServiceBroker::Specification:
    Name: small
    UpdatableParameters: [Size, Mode]
    ServicePlans:
      plain: {Description: d}
      set: {Description: d, ParameterDefaults: {Size: 7}, ParameterValues: {Mode: slow}}
Parameters:
  Size: {Type: Number, Default: 5}
  Mode: {Type: String, Default: fast, AllowedValues: [fast, slow]}
  Name: {Type: String, Default: n}
Resources: {R: {Type: T}}
)yaml";

json::object object(std::string_view written) {
  return core::parse_json(written)->as_object();
}

class WantedUpdate : public testing::Test {
 protected:
  Selection select(const char* plan, std::string template_text = text) {
    return *catalog_.select(std::make_shared<const Template>(*parse_template(std::move(template_text), "t")),
                            ids_.plan_id("small", plan));
  }
  core::Result<InstanceValues> wanted(const UpdateTarget& target, const json::value& parameters,
                                      const json::value& context = nullptr) {
    osb::UpdateRequest request;
    request.parameters = parameters;
    request.context = context;
    return wanted_values(values_, target, {}, request);
  }
  std::string refusal(const UpdateTarget& target, std::string_view parameters) {
    const auto values = wanted(target, object(parameters));
    if (values) return "accepted";
    EXPECT_EQ(values.error().kind, core::ErrorKind::invalid);
    return values.error().message;
  }

  Ids ids_ = *Ids::make("0", "test");
  Catalog catalog_{ids_, {}, {}};
  InstanceValues values_{.given = {{"Name", "mine"}, {"region", "eu-west-1"}},
                         .sent = {{"Name", "mine"}},
                         .tags = {{instance_tag, "i1"}, {cluster_tag, "c"}, {namespace_tag, "n"}}};
};

TEST_F(WantedUpdate, changes_what_is_given_and_keeps_what_is_left_out) {
  const auto values = wanted({.now = select("plain"), .wanted = select("plain")}, object(R"({"Size":"9"})"));
  ASSERT_TRUE(values) << values.error().message;
  EXPECT_EQ(values->given, object(R"({"Name":"mine","region":"eu-west-1","Size":"9"})"));
  EXPECT_EQ(values->sent, object(R"({"Name":"mine","Size":"9"})"));
  EXPECT_EQ(values->tags, values_.tags);
}

TEST_F(WantedUpdate, finds_nothing_to_do_where_everything_is_as_it_was) {
  const UpdateTarget same{.now = select("plain"), .wanted = select("plain")};
  for (const char* parameters :
       {"{}", R"({"Name":"mine"})", R"({"Size":5})", R"({"Mode":"fast","region":"eu-west-1"})"})
    EXPECT_EQ(*wanted(same, object(parameters)), values_) << parameters;
  EXPECT_EQ(*wanted(same, nullptr), values_);
}

TEST_F(WantedUpdate, says_which_parameters_can_be_changed) {
  const UpdateTarget same{.now = select("plain"), .wanted = select("plain")};
  EXPECT_EQ(refusal(same, R"({"Name":"yours"})"),
            "The parameter Name of an instance cannot be changed; these can: Size, Mode.");
  EXPECT_EQ(refusal(same, R"({"Colour":"red"})"),
            "The parameter Colour of an instance cannot be changed; these can: Size, Mode.");
  EXPECT_EQ(refusal(same, R"({"region":"us-east-1"})"),
            "The parameter region of an instance cannot be changed; these can: Size, Mode.");
  EXPECT_EQ(refusal(same, R"({"Size":"big"})"), R"(The parameter Size must be of type integer, not "big".)");
  EXPECT_EQ(refusal(same, R"({"Mode":"other"})"),
            R"(The parameter Mode must be one of "fast", "slow", not "other".)");
  EXPECT_EQ(refusal(same, R"({"Size":null})"), "The parameter Size must have a value.");
  values_.sent["Mode"] = "slow";
  EXPECT_EQ(refusal({.now = select("set"), .wanted = select("set")}, R"({"Mode":"fast"})"),
            "The parameter Mode of an instance cannot be changed; these can: Size.")
      << "the plan prescribes it";
}

TEST_F(WantedUpdate, gives_another_plan_its_own_values_under_what_the_user_had_given) {
  values_.given["Mode"] = "fast";  // which the new plan prescribes
  values_.sent["Mode"] = "fast";
  const UpdateTarget other{.now = select("plain"), .wanted = select("set")};
  const auto values = wanted(other, object(R"({})"));
  ASSERT_TRUE(values) << values.error().message;
  EXPECT_EQ(values->given, object(R"({"Name":"mine","region":"eu-west-1"})"));
  EXPECT_EQ(values->sent, object(R"({"Size":"7","Mode":"slow","Name":"mine"})"));
  EXPECT_EQ(values->tags, values_.tags);
}

TEST_F(WantedUpdate, lets_another_plan_change_what_it_offers_but_not_the_place) {
  const UpdateTarget other{.now = select("plain"), .wanted = select("set")};
  EXPECT_EQ(wanted(other, object(R"({"Name":"yours"})"))->sent,
            object(R"({"Size":"7","Mode":"slow","Name":"yours"})"));
  EXPECT_EQ(refusal(other, R"({"Mode":"slow"})"), "The parameter Mode is not available.");
  EXPECT_EQ(refusal(other, R"({"region":"us-east-1"})"),
            "The parameter region of an instance cannot be changed; these can: Size.");
}

TEST_F(WantedUpdate, keeps_what_is_asked_for_though_the_old_plan_had_it_by_itself) {
  values_.sent = {{"Name", "mine"}, {"Mode", "slow"}, {"Size", "7"}};
  const UpdateTarget other{.now = select("set"), .wanted = select("plain")};
  const auto values = wanted(other, object(R"({"Mode":"slow","Size":7})"));
  ASSERT_TRUE(values) << values.error().message;
  EXPECT_EQ(values->given, object(R"({"Name":"mine","region":"eu-west-1","Mode":"slow","Size":7})"));
  EXPECT_EQ(values->sent, object(R"({"Name":"mine","Mode":"slow","Size":"7"})"));
  EXPECT_EQ(wanted(other, object("{}"))->sent, object(R"({"Name":"mine"})")) << "the new plan's own";
}

TEST_F(WantedUpdate, refuses_what_another_plan_does_not_offer_though_it_is_the_value_of_now) {
  const UpdateTarget other{.now = select("plain"), .wanted = select("set")};
  EXPECT_EQ(refusal(other, R"({"Mode":"fast"})"), "The parameter Mode is not available.");
}

TEST_F(WantedUpdate, takes_no_dynamic_reference_from_a_context) {
  const UpdateTarget same{.now = select("plain"), .wanted = select("plain")};
  EXPECT_FALSE(wanted(same, nullptr, object(R"({"namespace":"{{resolve:ssm:/x}}"})")));
}

TEST_F(WantedUpdate, gives_a_newer_template_its_own_values_and_drops_what_it_does_not_know) {
  std::string newer = text;
  newer.replace(newer.find("  Name: {Type: String, Default: n}"), 34,
                "  Colour: {Type: String, Default: red}");
  const auto values =
      wanted({.now = select("plain"), .wanted = select("plain", newer)}, object(R"({"Size":6})"));
  ASSERT_TRUE(values) << values.error().message;
  EXPECT_EQ(values->given, object(R"({"region":"eu-west-1","Size":6})"));
  EXPECT_EQ(values->sent, object(R"({"Size":"6"})"));
}

TEST_F(WantedUpdate, follows_an_instance_that_the_platform_moved) {
  const UpdateTarget same{.now = select("plain"), .wanted = select("plain")};
  const auto moved = wanted(same, nullptr, object(R"({"platform":"kubernetes","namespace":"other"})"));
  EXPECT_EQ(moved->tags.at(namespace_tag), "other");
  EXPECT_EQ(moved->tags.at(cluster_tag), "c");
  EXPECT_EQ(moved->sent, values_.sent);
  values_.tags = {};
  EXPECT_EQ(wanted(same, nullptr, object(R"({"namespace":"other"})"))->tags, json::object())
      << "the tags of an instance of the Go broker are not known";
}

TEST_F(WantedUpdate, knows_what_a_plan_gives_by_itself) {
  EXPECT_EQ(
      without_plans_own(object(R"({"Size":"7","Mode":"slow","Name":"mine","user_tags":"[]","region":"x"})"),
                        select("set")),
      object(R"({"Name":"mine","region":"x"})"));
}

}  // namespace
}  // namespace broker
