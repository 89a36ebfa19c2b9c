// The JSON-Schema-Test-Suite (Debian package json-schema-test-suite), draft 6, required part; and our
// messages.
#include "core/schema.hpp"

#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.hpp"

namespace core {
namespace {

const std::filesystem::path suite = "/usr/share/json-schema-test-suite/tests/draft6";

// What names schemas by URL, the draft's own among them: we refuse those when the schema is compiled.
bool needs_other_documents(const std::string& file, std::string_view group) {
  static const std::set<std::string> files{"refRemote.json", "definitions.json"};
  return files.contains(file) || group.contains("remote ref") ||
         group == "Recursive references between schemas";
}

std::vector<std::string> suite_files() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(suite)) {
    if (entry.is_regular_file()) files.push_back(entry.path().filename());
  }
  std::ranges::sort(files);
  return files;
}

class Draft6Suite : public testing::TestWithParam<std::string> {};

TEST_P(Draft6Suite, every_required_test_passes) {
  const auto text = read_file(suite / GetParam());
  ASSERT_TRUE(text) << text.error().message;
  const auto groups = parse_json(*text, {.max_bytes = 1 << 24, .max_depth = 200});
  ASSERT_TRUE(groups) << groups.error().message;
  for (const json::value& group : groups->as_array()) {
    const std::string_view about = find_string(group, {"description"});
    if (needs_other_documents(GetParam(), about)) continue;
    const auto schema = JsonSchema::compile(group.at("schema"));
    if (!schema) {
      ADD_FAILURE() << about << ": " << schema.error().message;
      continue;
    }
    for (const json::value& test : group.at("tests").as_array()) {
      const bool is_valid = schema->validate(test.at("data")).empty();
      EXPECT_EQ(is_valid, test.at("valid").as_bool())
          << about << ": " << find_string(test, {"description"}) << ": " << to_text(test.at("data"));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Files, Draft6Suite, testing::ValuesIn(suite_files()), [](const auto& info) {
  std::string name = info.param;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
});

JsonSchema compiled(std::string_view text) {
  return *JsonSchema::compile(*parse_json(text));
}

TEST(JsonSchema, says_where_and_what) {
  const JsonSchema schema =
      compiled(R"({"type": "object", "required": ["Name"], "additionalProperties": false,
      "properties": {"Name": {"type": "string"}, "Flag": {"enum": ["True", "False"]}, "Days": {"type": "integer", "minimum": 1}}})");
  const auto violations = schema.validate(*parse_json(R"({"Flag": "Perhaps", "Days": 0, "Colour": 1})"));
  std::vector<std::string> paths;
  for (const SchemaViolation& violation : violations) paths.push_back(violation.path);
  EXPECT_THAT(paths, testing::UnorderedElementsAre("/Name", "/Flag", "/Days", "/Colour"));
}

TEST(JsonSchema, refuses_what_it_cannot_use) {
  for (const std::string_view text : {R"({"$ref": "http://example.com/other.json"})", R"({"pattern": "("})",
                                      R"({"type": "colour"})", R"([])", R"("x")"}) {
    EXPECT_FALSE(JsonSchema::compile(*parse_json(text))) << text;
  }
}

TEST(JsonSchema, matches_hostile_patterns_and_long_texts_in_time) {
  const json::value text = json::string(std::string(1'000'000, 'a'));
  EXPECT_THAT(compiled(R"({"pattern": "^(a+)+$"})").validate(text), testing::IsEmpty());
  EXPECT_THAT(compiled(R"({"pattern": "^(a|aa)+b$"})").validate(text), testing::SizeIs(1));
  EXPECT_FALSE(JsonSchema::compile(*parse_json(R"({"pattern": "(?=a)a"})")));
  EXPECT_FALSE(JsonSchema::compile(*parse_json(R"({"pattern": "((a{100}){100}){100}"})")));
}

TEST(JsonSchema, takes_property_patterns_and_references_that_lead_nowhere_for_none) {
  const JsonSchema schema =
      compiled(R"({"patternProperties": {"(": {"type": "string"}}, "properties": {"A": {"$ref": "#/%zz"}}})");
  EXPECT_NO_THROW(std::ignore = schema.validate(*parse_json(R"({"A": 1, "B": 2})")));
}

TEST(JsonSchema, tells_no_more_than_twenty_things) {
  json::array list(100, json::value(1));
  EXPECT_EQ(compiled(R"({"items": {"type": "string"}})").validate(list).size(), 20U);
}

// Each of these kept a thread busy for minutes or for ever.
TEST(JsonSchema, gives_up_with_the_path_where_a_check_takes_too_many_steps) {
  std::string doubling = R"({"definitions":{"d0":{"type":"integer"})";
  for (int i = 1; i < 40; ++i) {
    const std::string below = R"({"$ref":"#/definitions/d)" + std::to_string(i - 1) + "\"}";
    doubling += ",\"d" + std::to_string(i) + R"(":{"oneOf":[)" + below + "," + below + "]}";
  }
  doubling += R"(},"properties":{"a":{"$ref":"#/definitions/d39"}}})";
  std::string every = "[";
  for (int i = 0; i < 20'000; ++i) every += (i > 0 ? "," : "") + std::to_string(i);
  every += "]";
  const json::value long_list = *parse_json(every);
  const struct {
    std::string schema;
    json::value value;
  } cases[] = {{doubling, *parse_json(R"({"a":1})")},
               {R"({"properties":{"a":{"items":{"enum":)" + every + "}}}}", json::object{{"a", long_list}}},
               {R"({"properties":{"a":{"items":{"not":{"contains":{"const":-1}}}}}})",
                json::object{{"a", json::array(100, long_list)}}},
               {R"({"properties":{"a":{"pattern":"^((a?){50}(b?){50}){9}$"}}})",
                json::object{{"a", json::string(std::string(1'000'000, 'a'))}}}};
  for (const auto& [text, value] : cases) {
    const auto schema = JsonSchema::compile(*parse_json(text));
    ASSERT_TRUE(schema) << schema.error().message;
    const auto violations = schema->validate(value);
    ASSERT_EQ(violations.size(), 1U) << text.substr(0, 100);
    EXPECT_TRUE(violations[0].path.starts_with("/a")) << violations[0].path;
    EXPECT_THAT(violations[0].message, testing::HasSubstr("steps"));
  }
}

TEST(JsonSchema, finds_a_duplicate_among_many_items_in_time) {
  json::array list;
  for (int i = 0; i < 60'000; ++i) list.emplace_back(i);
  const JsonSchema schema = compiled(R"({"properties":{"a":{"uniqueItems":true}}})");
  EXPECT_THAT(schema.validate(json::object{{"a", list}}), testing::IsEmpty());
  list.emplace_back(17.0);
  const auto violations = schema.validate(json::object{{"a", list}});
  ASSERT_EQ(violations.size(), 1U);
  EXPECT_EQ(violations[0].path, "/a/60000");
}

TEST(JsonSchema, refuses_a_schema_that_contains_itself_without_end) {
  for (
      const std::string_view text :
      {R"({"$ref":"#"})", R"({"allOf":[{"$ref":"#"},{"$ref":"#"}]})",
       R"({"properties":{"a":{"anyOf":[{"type":"null"},{"$ref":"#/properties/a"}]}}})",
       R"({"definitions":{"x":{"$ref":"#/definitions/y"},"y":{"not":{"$ref":"#/definitions/x"}}},"properties":{"a":{"$ref":"#/definitions/x"}}})",
       R"({"dependencies":{"a":{"$ref":"#"}}})"}) {
    const auto schema = JsonSchema::compile(*parse_json(text));
    ASSERT_FALSE(schema) << text;
    EXPECT_THAT(schema.error().message, testing::HasSubstr("contains itself")) << text;
  }
  // A tree of whatever depth is no such thing: the value ends.
  const auto tree =
      JsonSchema::compile(*parse_json(R"({"type":"object","additionalProperties":{"$ref":"#"}})"));
  ASSERT_TRUE(tree);
  std::string deep;
  for (int i = 0; i < 60; ++i) deep += R"({"a":)";
  EXPECT_EQ(tree->validate(*parse_json(deep + "{}" + std::string(60, '}'))).size(), 0U);
  EXPECT_EQ(tree->validate(*parse_json(deep + "1" + std::string(60, '}'))).size(), 1U);
}

TEST(JsonSchema, refuses_schemas_of_too_many_parts) {
  json::array parts(60'000, json::object{});
  EXPECT_FALSE(JsonSchema::compile(json::object{{"anyOf", parts}}));
  json::object patterns;
  for (int i = 0; i < 1'001; ++i)
    patterns[std::to_string(i)] = json::object{{"pattern", "a" + std::to_string(i)}};
  EXPECT_FALSE(JsonSchema::compile(json::object{{"properties", patterns}}));
}

TEST(JsonSchema, shows_a_few_of_many_allowed_values) {
  json::array allowed;
  for (int i = 0; i < 1'000; ++i) allowed.emplace_back(i);
  const auto violations = JsonSchema::compile(json::object{{"enum", allowed}})->validate("x");
  ASSERT_EQ(violations.size(), 1U);
  EXPECT_LT(violations[0].message.size(), 300U);
  EXPECT_THAT(violations[0].message, testing::HasSubstr("and 980 more"));
}

}  // namespace
}  // namespace core
