#include "kube/selectors.hpp"

#include <gtest/gtest.h>

namespace kube {
namespace {

json::object labelled(json::object labels) {
  return {{"metadata", {{"labels", std::move(labels)}}}};
}

TEST(LabelSelector, matches_as_kubectl_does) {
  struct Case {
    std::string selector;
    json::object labels;
    bool matches;
  };
  const json::object web{{"app", "web"}, {"tier", "front"}, {"size", "4"}};
  const std::vector<Case> cases{
      {"", web, true},
      {"app=web", web, true},
      {"app==web", web, true},
      {" app = web , tier = front ", web, true},
      {"app=web,tier=back", web, false},
      {"app=db", web, false},
      {"app!=db", web, true},
      {"app!=web", web, false},
      {"owner!=me", web, true},
      {"app in (db, web)", web, true},
      {"app in (db)", web, false},
      {"owner in (me)", web, false},
      {"app notin (db,cache)", web, true},
      {"app notin (web)", web, false},
      {"owner notin (me)", web, true},
      {"app", web, true},
      {"owner", web, false},
      {"!owner", web, true},
      {"! app", web, false},
      {"size>3", web, true},
      {"size<4", web, false},
      {"app>3", web, false},
      {"empty=", {{"empty", ""}}, true},
      {"empty=", web, false},
      {"empty in (,a)", {{"empty", ""}}, true},
      {"example.com/role=db", {{"example.com/role", "db"}}, true},
      {"in in (in)", {{"in", "in"}}, true},
      {"app", {}, false},
  };
  for (const Case& test : cases) {
    const auto selector = LabelSelector::parse(test.selector);
    ASSERT_TRUE(selector) << test.selector << ": " << selector.error().message;
    EXPECT_EQ(selector->matches(labelled(test.labels)), test.matches) << test.selector;
    // Its text means the same.
    EXPECT_EQ(LabelSelector::parse(selector->to_string()).value().matches(labelled(test.labels)),
              test.matches)
        << selector->to_string();
  }
  EXPECT_TRUE(LabelSelector::parse("!a").value().matches(json::object()));
}

TEST(LabelSelector, says_what_is_wrong_and_where) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"app=web,", "expected a label key at position 9, found the end"},
      {",", "expected a label key at position 1, found ','"},
      {"app web",
       "expected an operator (=, ==, !=, in, notin, >, <), ',' or the end at position 5, found 'web'"},
      {"app in web", "expected '(' before the values at position 8, found 'web'"},
      {"app in (a", "expected ',' or ')' at position 10, found the end"},
      {"app in (a b)", "expected ',' or ')' at position 11, found 'b'"},
      {"a=b=c", "expected ',' or the end at position 4, found '='"},
      {"size>big", "must be an integer"},
      {"size>", "expected an integer"},
      {"-app=web", "the key \"-app\""},
      {"/app", "prefix part must be non-empty"},
      {"app=we/b", "the value \"we/b\""},
      {"app=" + std::string(64, 'a'), "no more than 63 characters"},
  };
  for (const auto& [text, complaint] : cases) {
    const auto selector = LabelSelector::parse(text);
    ASSERT_FALSE(selector) << text;
    EXPECT_EQ(selector.error().kind, core::ErrorKind::invalid);
    EXPECT_NE(selector.error().message.find(complaint), std::string::npos) << selector.error().message;
  }
}

TEST(LabelSelector, reads_matchLabels_and_matchExpressions) {
  const json::value text = core::parse_json(R"({"matchLabels": {"app": "web"},
      "matchExpressions": [{"key": "tier", "operator": "In", "values": ["front", "middle"]},
                           {"key": "legacy", "operator": "DoesNotExist"}]})")
                               .value();
  const LabelSelector selector = LabelSelector::from_json(text.get_object()).value();
  EXPECT_EQ(selector.to_string(), "app=web,tier in (front,middle),!legacy");
  EXPECT_TRUE(selector.matches(labelled({{"app", "web"}, {"tier", "middle"}})));
  EXPECT_FALSE(selector.matches(labelled({{"app", "web"}, {"tier", "middle"}, {"legacy", ""}})));
  for (const std::string_view wrong :
       {R"({"matchExpressions": [{"key": "a", "operator": "Like", "values": ["b"]}]})",
        R"({"matchExpressions": [{"key": "a", "operator": "In"}]})",
        R"({"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]})",
        R"({"matchExpressions": [{"key": "", "operator": "Exists"}]})", R"({"matchLabels": {"a": 3}})"}) {
    EXPECT_FALSE(LabelSelector::from_json(core::parse_json(wrong).value().get_object())) << wrong;
  }
}

TEST(LabelSelector, matches_anything_that_has_named_values) {
  const LabelSelector selector =
      LabelSelector::parse("spec.externalName in (s3, sqs), spec.free != true").value();
  EXPECT_TRUE(selector.matches([](std::string_view key) -> std::optional<std::string_view> {
    return key == "spec.externalName" ? "s3" : "false";
  }));
}

TEST(FieldSelector, compares_fields_by_path) {
  const json::object object =
      core::parse_json(
          R"({"metadata": {"name": "x"}, "spec": {"externalName": "a,b=c\\", "free": true, "size": 3}})")
          .value()
          .get_object();
  const std::vector<std::pair<std::string, bool>> cases{
      {"", true},
      {"metadata.name=x", true},
      {"metadata.name==x", true},
      {"metadata.name!=x", false},
      {"metadata.name=x,metadata.namespace=", true},
      {"metadata.name=y", false},
      {"spec.missing!=x", true},
      {"spec.free=true", true},
      {"spec.size=3", true},
      {"metadata.name.deeper=x", false},
      {R"(spec.externalName=a\,b\=c\\)", true},
  };
  for (const auto& [text, matches] : cases) {
    const auto selector = FieldSelector::parse(text);
    ASSERT_TRUE(selector) << text << ": " << selector.error().message;
    EXPECT_EQ(selector->matches(object), matches) << text;
    EXPECT_EQ(FieldSelector::parse(selector->to_string()).value().matches(object), matches)
        << selector->to_string();
  }
  EXPECT_EQ(FieldSelector::parse("a!=b,metadata.name=x").value().required_value("metadata.name"), "x");
  EXPECT_EQ(FieldSelector::parse("metadata.name!=x").value().required_value("metadata.name"), std::nullopt);
}

TEST(FieldSelector, refuses_terms_that_are_no_comparison) {
  for (const std::string_view text : {"metadata.name", "=x", "!=x", "a=b=c", R"(a=b\n)", R"(a=b\)"}) {
    const auto selector = FieldSelector::parse(text);
    ASSERT_FALSE(selector) << text;
    EXPECT_EQ(selector.error().kind, core::ErrorKind::invalid);
  }
}

}  // namespace
}  // namespace kube
