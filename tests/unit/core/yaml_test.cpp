#include "core/yaml.hpp"

#include <gtest/gtest.h>

namespace core {
namespace {

std::string as_json(std::string_view yaml, YamlTags tags = YamlTags::reject) {
  const auto value = parse_yaml(yaml, tags);
  return value ? to_text(*value) : "error: " + value.error().message;
}

TEST(ParseYaml, gives_plain_scalars_their_type) {
  const struct {
    const char *yaml, *json;
  } rows[] = {
      {"a: 1", R"({"a":1})"},
      {"a: -1.5", R"({"a":-1.5E0})"},
      {"a: true", R"({"a":true})"},
      {"a: null", R"({"a":null})"},
      {"a:", R"({"a":null})"},
      {"a: yes", R"({"a":"yes"})"},
      {"a: \"1\"", R"({"a":"1"})"},
      {"a: '1'", R"({"a":"1"})"},
      {"a: 2012-10-17", R"({"a":"2012-10-17"})"},
      {"a: 0x1F", R"({"a":31})"},
      {"- 1\n- b\n", R"([1,"b"])"},
      {"a: |\n  x\n  y\n", R"({"a":"x\ny\n"})"},
      {"a: >-\n  x\n  y\n", R"({"a":"x y"})"},
      {"{a: [1, {b: c}]}", R"({"a":[1,{"b":"c"}]})"},
      {"a: &x {b: 1}\nc: *x\n", R"({"a":{"b":1},"c":{"b":1}})"},
      {"a: ü€", R"({"a":"ü€"})"},
  };
  for (const auto& row : rows) EXPECT_EQ(as_json(row.yaml), row.json) << row.yaml;
}

TEST(ParseYaml, reads_short_intrinsic_functions) {
  const struct {
    const char *yaml, *json;
  } rows[] = {
      {"!Ref Name", R"({"Ref":"Name"})"},
      {"!GetAtt Bucket.Arn", R"({"Fn::GetAtt":["Bucket","Arn"]})"},
      {"!Sub 'a-${b}'", R"({"Fn::Sub":"a-${b}"})"},
      {"!If [C, !Ref a, b]", R"({"Fn::If":["C",{"Ref":"a"},"b"]})"},
      {"!Condition C", R"({"Condition":"C"})"},
      {"!Equals [!Ref a, 'True']", R"({"Fn::Equals":[{"Ref":"a"},"True"]})"},
  };
  for (const auto& row : rows) EXPECT_EQ(as_json(row.yaml, YamlTags::cloudformation), row.json) << row.yaml;
}

TEST(ParseYaml, says_where_it_is_wrong) {
  for (const std::string_view yaml :
       {"a: [1", "a: b: c", "\ta: 1", "a: 1\na: 2\n", "a: *nothing", "a: !Ref x", "a: 1\n---\nb: 2\n"}) {
    const auto value = parse_yaml(yaml);
    ASSERT_FALSE(value) << yaml << " became " << to_text(*value);
    EXPECT_EQ(value.error().kind, ErrorKind::invalid);
  }
}

TEST(ParseYaml, refuses_what_is_no_utf_8) {
  for (const char* text : {"a: b\xff\xfe", "\xff: b", "a: \"\\ud800\""}) {
    const auto parsed = parse_yaml(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::invalid);
  }
  EXPECT_TRUE(parse_yaml("a: \xc3\xa4"));
}

TEST(ParseYaml, does_not_explode) {
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int j = 0; j < 9; ++j) laughs += ", " + before;
    laughs += "]\n";
  }
  EXPECT_FALSE(parse_yaml(laughs));
  EXPECT_FALSE(parse_yaml(std::string(5000, '[') + std::string(5000, ']')));
  std::string nested;
  for (int i = 0; i < 200; ++i) nested += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_FALSE(parse_yaml(nested));
}

TEST(ToYaml, is_read_back_as_the_same) {
  for (const char* text :
       {R"({"a":1,"b":[1,"x",{"c":null}],"d":{},"e":[]})",
        R"({"t":"true","n":"1","y":"yes","s":" x ","m":"a\nb\n"})",
        R"({"colon":"a: b","hash":"a #b","dash":"- a","quote":"it's","empty":"","star":"*x","at":"@x"})",
        R"([[1,[2]],{"a":[{"b":1},{"c":2}]}])", R"({"u":"ü€😀","c":"\u0001","null":"null","tilde":"~"})"}) {
    const json::value value = *parse_json(text);
    const auto again = parse_yaml(to_yaml(value));
    ASSERT_TRUE(again) << again.error().message << "\n" << to_yaml(value);
    EXPECT_EQ(*again, value) << to_yaml(value);
  }
}

TEST(ParseYaml, refuses_numbers_that_json_cannot_keep_and_leaves_texts_alone) {
  for (const std::string_view text :
       {"a: 1e400", "a: -1E999", "a: .inf", "a: -.Inf", "a: .NaN", "a: [1, 18446744073709551616]",
        "a: {b: 123456789012345678901234567890}"}) {
    const auto value = parse_yaml(text);
    ASSERT_FALSE(value) << text << " → " << to_text(*value);
    EXPECT_EQ(value.error().kind, ErrorKind::invalid);
    EXPECT_NE(value.error().message.find("line 1, column"), std::string::npos) << value.error().message;
  }
  const auto texts = parse_yaml(
      R"({a: "1e400", b: '.inf', c: 1.2.3, d: 10.0.0.1, e: 1e400x, f: 100000000000000000000, g: 1e-400})");
  ASSERT_TRUE(texts) << texts.error().message;
  EXPECT_EQ(to_text(*texts),
            R"({"a":"1e400","b":".inf","c":"1.2.3","d":"10.0.0.1","e":"1e400x","f":1E20,"g":"1e-400"})");
}

// A template's author means what stands there.
TEST(ParseYaml, keeps_such_numbers_of_templates_as_they_are_written) {
  const auto value = parse_yaml("a: 12e4567\nb: 18446744073709551616\nc: .inf\n", YamlTags::cloudformation);
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ(to_text(*value), R"({"a":"12e4567","b":"18446744073709551616","c":".inf"})");
}

TEST(ParseYaml, does_not_explode_by_long_texts_either) {
  std::string text = "a: &a \"" + std::string(100'000, 'x') + "\"\nb:\n";
  for (int i = 0; i < 1'000; ++i) text += "  - *a\n";
  const auto value = parse_yaml(text);
  ASSERT_FALSE(value);
  EXPECT_NE(value.error().message.find("bytes of text"), std::string::npos) << value.error().message;
}

}  // namespace
}  // namespace core
