#include "core/json.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace core {
namespace {

TEST(ParseJson, takes_what_is_json) {
  for (const char* text : {"{}", "[]", "null", "1", "-1.5e3", R"("ü")", R"({"a":[1,{"b":null}]})"})
    EXPECT_TRUE(parse_json(text)) << text;
}

TEST(ParseJson, refuses_the_rest_with_a_place) {
  for (const std::string_view text :
       {"", "{", "{\"a\":}", "[1,]", "nul", "{} {}", "\"\xff\"", "'a'", "01", "{\"a\" 1}"}) {
    const auto value = parse_json(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().kind, ErrorKind::invalid);
    EXPECT_FALSE(value.error().message.empty());
  }
}

TEST(ParseJson, has_limits) {
  const std::string deep = std::string(65, '[') + std::string(65, ']');
  EXPECT_FALSE(parse_json(deep));
  EXPECT_TRUE(parse_json(deep, {.max_bytes = 1000, .max_depth = 70}));
  const auto big = parse_json("\"" + std::string(100, 'x') + "\"", {.max_bytes = 50, .max_depth = 64});
  ASSERT_FALSE(big);
  EXPECT_EQ(big.error().kind, ErrorKind::too_large);
}

TEST(ParseJson, refuses_numbers_that_cannot_be_kept_with_their_path) {
  const struct {
    const char *text, *path;
  } cases[] = {{R"({"spec":{"parameters":{"a":1e400}}})", "spec.parameters.a: "},
               {R"({"spec":{"list":[1,{"b":[0,-1e999]}]}})", "spec.list[1].b[1]: "},
               {R"([1e99999])", "[0]: "},
               {R"({"a":18446744073709551616})", "a: "},
               {R"({"a":-9223372036854775809})", "a: "},
               {R"({"a":123456789012345678901234567890})", "a: "},
               {R"({"k\u0065y":1e400})", "key: "},
               {R"(1e400)", "the number"}};
  for (const auto& [text, path] : cases) {
    const auto value = parse_json(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().kind, ErrorKind::invalid);
    EXPECT_TRUE(value.error().message.starts_with(path)) << value.error().message;
    EXPECT_NE(value.error().message.find("in quotes"), std::string::npos) << value.error().message;
  }
  const auto digits = parse_json(R"({"pin":)" + std::string(400, '7') + "}");
  ASSERT_FALSE(digits);
  EXPECT_EQ(digits.error().message.find("777"), std::string::npos) << "it may be a secret";
}

// What other programs write for a double that is a whole number, and what double rounds as everybody expects.
TEST(ParseJson, takes_the_numbers_that_go_and_javascript_write) {
  const struct {
    const char* text;
    double number;
  } cases[] = {{"100000000000000000000", 1e20},
               {"18446744073709552000", 18446744073709551616.0},
               {"1e308", 1e308},
               {"1e-400", 0.0},
               {"0.1", 0.1},
               {"5e-324", 5e-324},
               {"123456789.12345678", 123456789.12345678},
               {"-100000000000000000000", -1e20}};
  for (const auto& [text, number] : cases) {
    const auto value = parse_json(text);
    ASSERT_TRUE(value) << text << ": " << value.error().message;
    EXPECT_EQ(value->get_double(), number) << text;
  }
  EXPECT_EQ(parse_json("18446744073709551615")->get_uint64(), UINT64_MAX);
  EXPECT_EQ(parse_json("-9223372036854775808")->get_int64(), INT64_MIN);
}

TEST(ParseJson, reports_what_it_cannot_keep_and_gives_the_rest) {
  std::vector<JsonProblem> problems;
  const std::string deep = std::string(10, '[') + "\"]\\\"\"" + std::string(10, ']');
  const auto value = parse_json(R"({"items":[{"a":1e400},{"a/b":)" + deep + R"(,"c":"x"},{"d":[1]}]})",
                                {.max_bytes = 1000, .max_depth = 6}, problems);
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ(to_text(*value), R"({"items":[{"a":null},{"a/b":[[[null]]],"c":"x"},{"d":[1]}]})");
  ASSERT_EQ(problems.size(), 2);
  EXPECT_EQ(problems[0].pointer, "/items/0/a");
  EXPECT_EQ(problems[1].pointer, "/items/1/a~1b/0/0/0");
  EXPECT_EQ(problems[1].message, "items[1].a/b[0][0][0]: is nested too deep");
  problems.clear();
  const std::string abyss = R"({"a":)" + std::string(200'000, '[') + std::string(200'000, ']') + "}";
  EXPECT_TRUE(parse_json(abyss, {.max_bytes = 1'000'000, .max_depth = 64}, problems));
  EXPECT_EQ(problems.size(), 1);
  EXPECT_FALSE(parse_json("{", {}, problems));
}

// The writer never makes what the reader refuses.
TEST(ToText, is_read_again) {
  const json::value value{{"a", std::numeric_limits<double>::infinity()},
                          {"b", {-std::numeric_limits<double>::infinity(), std::nan("")}},
                          {"c", {1e20, 1.7976931348623157e308, 5e-324, -0.0, UINT64_MAX, INT64_MIN}}};
  for (const std::string& text : {to_text(value), to_canonical_text(value), to_pretty_text(value)}) {
    const auto again = parse_json(text);
    ASSERT_TRUE(again) << text;
    EXPECT_TRUE(again->at("a").is_null());
    EXPECT_EQ(again->at("c"), value.at("c"));
  }
}

TEST(CanonicalText, does_not_depend_on_the_order_of_members) {
  EXPECT_EQ(to_canonical_text(*parse_json(R"({"b":{"d":1,"c":2},"a":[2,1]})")),
            R"({"a":[2,1],"b":{"c":2,"d":1}})");
}

TEST(Find, ends_where_a_step_is_missing_or_of_another_type) {
  const auto value = *parse_json(R"({"a":{"b":"text","n":7,"t":true,"list":[1]}})");
  EXPECT_EQ(find_string(value, {"a", "b"}), "text");
  EXPECT_EQ(find_int(value, {"a", "n"}), 7);
  EXPECT_EQ(find_bool(value, {"a", "t"}), true);
  EXPECT_NE(find_array(value, {"a", "list"}), nullptr);
  EXPECT_EQ(find_string(value, {"a", "n"}), "");
  EXPECT_EQ(find(value, {"a", "b", "c"}), nullptr);
  EXPECT_EQ(find_object(value, {"x"}), nullptr);
}

TEST(Set, makes_the_way_and_erase_removes) {
  json::object object{{"a", 1}};
  set(object, {"a", "b", "c"}, 2);
  EXPECT_EQ(to_text(object), R"({"a":{"b":{"c":2}}})");
  EXPECT_TRUE(erase(object, {"a", "b", "c"}));
  EXPECT_FALSE(erase(object, {"a", "b", "c"}));
  EXPECT_EQ(to_text(object), R"({"a":{"b":{}}})");
}

// RFC 7386, appendix A.
TEST(MergePatch, does_what_the_rfc_s_table_says) {
  const struct {
    const char *original, *patch, *result;
  } rows[] = {
      {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
      {R"({"a":"b"})", R"({"a":null})", R"({})"},
      {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
      {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
      {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
      {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
      {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
      {R"({"a":"b"})", R"(["c"])", R"(["c"])"},
      {R"({"a":"foo"})", "null", "null"},
      {R"({"a":"foo"})", R"("bar")", R"("bar")"},
      {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
      {R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
      {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
  };
  for (const auto& row : rows) {
    json::value target = *parse_json(row.original);
    merge_patch(target, *parse_json(row.patch));
    EXPECT_EQ(target, *parse_json(row.result)) << row.original << " + " << row.patch;
  }
}

TEST(MergePatch, of_a_difference_makes_one_of_the_other) {
  const char* texts[] = {R"({})", R"({"a":1,"b":{"c":[1,2],"d":null}})", R"({"b":{"c":[2]},"e":"x"})",
                         R"({"a":{"a":{"a":1}}})"};
  for (const char* from : texts) {
    for (const char* to : texts) {
      // A merge patch cannot set a null.
      if (std::string_view(to).contains("null")) continue;
      json::value value = *parse_json(from);
      merge_patch(value, diff_as_merge_patch(value, *parse_json(to)));
      EXPECT_EQ(value, *parse_json(to)) << from << " → " << to;
    }
  }
}

}  // namespace
}  // namespace core
