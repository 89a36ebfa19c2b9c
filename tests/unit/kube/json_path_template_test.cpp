#include "kube/json_path_template.hpp"

#include <gtest/gtest.h>

namespace kube {
namespace {

core::Result<std::string> evaluated(std::string_view text) {
  static const json::value credentials = core::parse_json(R"({
    "foo": {"bar": "foobar"}, "host": "db.example.com", "port": 5432, "tls": true,
    "users": [{"name": "reader", "roles": ["r"]}, {"name": "writer", "roles": ["r", "w"]}]})")
                                             .value();
  auto parsed = JsonPathTemplate::parse(text);
  if (!parsed) return core::fail(parsed.error());
  return parsed->evaluate(credentials);
}

TEST(JsonPathTemplate, writes_text_and_what_the_paths_find) {
  struct Case {
    const char *text, *result;
  };
  for (const Case& each : {
           Case{"{.foo.bar}", "foobar"},
           Case{"{$.foo.bar}", "foobar"},
           Case{"{.host}:{.port}", "db.example.com:5432"},
           Case{"only text", "only text"},
           Case{"", ""},
           Case{"{.tls}{\"\\n\"}{'{}'}", "true\n{}"},
           Case{"{.foo}", R"({"bar":"foobar"})"},
           Case{"{.users[*].name}", "reader writer"},
           Case{"{.users[?(@.name==\"writer\")].roles[1]}", "w"},
           Case{"{..name}", "reader writer"},
           Case{"{range .users[*]}{.name}={.roles[*]};{end}", "reader=r;writer=r w;"},
       }) {
    auto result = evaluated(each.text);
    ASSERT_TRUE(result) << each.text << ": " << result.error().message;
    EXPECT_EQ(*result, each.result) << each.text;
  }
}

TEST(JsonPathTemplate, names_what_is_missing_but_no_value) {
  EXPECT_EQ(evaluated("{.foo.baz}").error().message, "there is no \"baz\"");
  EXPECT_EQ(evaluated("{.users[2].name}").error().message, "there is no element 2");
}

TEST(JsonPathTemplate, refuses_what_is_not_well_formed) {
  for (const char* text : {"{.a", "{}", "{end}", "{range .a[*]}{.b}", "{\"a}", "{a}", "{.a[}"}) {
    auto parsed = JsonPathTemplate::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind, core::ErrorKind::invalid) << text;
  }
}

// Ways that meet again count once, and there is an end to what is looked at and to what is written.
TEST(JsonPathTemplate, looks_at_no_more_than_its_budget) {
  json::value deep = "x";
  for (int i = 0; i < 30; ++i)
    deep = json::object{{"a", deep}, {"b", deep.is_string() ? deep : json::value("y")}};
  json::value wide = json::array();
  for (int i = 0; i < 1'000; ++i)
    wide.as_array().push_back(json::array(100, json::value(std::string(20, 'z'))));
  const json::value credentials{{"deep", deep}, {"wide", wide}};
  const auto evaluate = [&](const char* text) {
    return JsonPathTemplate::parse(text)->evaluate(credentials);
  };
  const auto once = evaluate("{.deep..[*]..[*]..[*]}");
  ASSERT_TRUE(once) << once.error().message;
  EXPECT_LT(once->size(), 10'000U);
  for (const char* text : {"{.wide..[*]..[*]..[*]}", "{range .wide[*]}{..[*]}{..[*]}{end}"}) {
    const auto result = evaluate(text);
    ASSERT_FALSE(result) << text;
    EXPECT_NE(result.error().message.find("too many values"), std::string::npos) << result.error().message;
    EXPECT_EQ(result.error().message.find("zzz"), std::string::npos);
  }
  const auto longer = evaluate("{.wide}{.wide}{.wide}");
  ASSERT_FALSE(longer);
  EXPECT_NE(longer.error().message.find("longer than 1 MiB"), std::string::npos) << longer.error().message;
}

}  // namespace
}  // namespace kube
