#include "kube/patch.hpp"

#include <gtest/gtest.h>

namespace kube {
namespace {

struct Case {
  std::string title;
  std::string document;
  std::string patch;
  std::string result;
};

TEST(JsonPatch, applies_each_operation_of_the_standard) {
  const std::vector<Case> cases{
      {"add a member", R"({"a":1})", R"([{"op":"add","path":"/b","value":2}])", R"({"a":1,"b":2})"},
      {"add replaces", R"({"a":1})", R"([{"op":"add","path":"/a","value":[]}])", R"({"a":[]})"},
      {"insert", R"({"a":[1,3]})", R"([{"op":"add","path":"/a/1","value":2}])", R"({"a":[1,2,3]})"},
      {"insert at the end", R"({"a":[1]})", R"([{"op":"add","path":"/a/1","value":2}])", R"({"a":[1,2]})"},
      {"append", R"({"a":[1]})", R"([{"op":"add","path":"/a/-","value":2}])", R"({"a":[1,2]})"},
      {"add null", R"({})", R"([{"op":"add","path":"/a","value":null}])", R"({"a":null})"},
      {"the whole", R"({"a":1})", R"([{"op":"add","path":"","value":{"b":2}}])", R"({"b":2})"},
      {"remove a member", R"({"a":1,"b":2})", R"([{"op":"remove","path":"/a"}])", R"({"b":2})"},
      {"remove an element", R"({"a":[1,2,3]})", R"([{"op":"remove","path":"/a/1"}])", R"({"a":[1,3]})"},
      {"replace", R"({"a":{"b":1}})", R"([{"op":"replace","path":"/a/b","value":2}])", R"({"a":{"b":2}})"},
      {"escapes", R"({"a/b":{"m~n":1}})", R"([{"op":"replace","path":"/a~1b/m~0n","value":2}])",
       R"({"a/b":{"m~n":2}})"},
      {"an empty key", R"({"":1})", R"([{"op":"replace","path":"/","value":2}])", R"({"":2})"},
      {"move", R"({"a":{"b":1},"c":{}})", R"([{"op":"move","from":"/a/b","path":"/c/d"}])",
       R"({"a":{},"c":{"d":1}})"},
      {"move in a list", R"({"a":[1,2,3]})", R"([{"op":"move","from":"/a/0","path":"/a/2"}])",
       R"({"a":[2,3,1]})"},
      {"copy", R"({"a":{"b":1}})", R"([{"op":"copy","from":"/a","path":"/c"}])",
       R"({"a":{"b":1},"c":{"b":1}})"},
      {"copy into itself", R"({"a":{}})", R"([{"op":"copy","from":"/a","path":"/a/b"}])",
       R"({"a":{"b":{}}})"},
      {"test holds", R"({"a":{"b":[1]}})",
       R"([{"op":"test","path":"/a","value":{"b":[1]}},{"op":"remove","path":"/a"}])", R"({})"},
      {"no operation", R"({"a":1})", R"([])", R"({"a":1})"},
  };
  for (const Case& test : cases) {
    const auto result =
        apply_json_patch(core::parse_json(test.document).value(), core::parse_json(test.patch).value());
    ASSERT_TRUE(result) << test.title << ": " << result.error().message;
    EXPECT_EQ(*result, core::parse_json(test.result).value()) << test.title << ": " << core::to_text(*result);
  }
}

TEST(JsonPatch, tells_impossible_operations_from_malformed_ones) {
  struct WrongCase {
    std::string patch;
    core::ErrorKind kind;
    std::string message;
  };
  using enum core::ErrorKind;
  const std::vector<WrongCase> cases{
      {R"([{"op":"remove","path":"/x"}])", unprocessable, "operation 1: remove /x: does not exist"},
      {R"([{"op":"add","path":"/b","value":1},{"op":"replace","path":"/x/y","value":1}])", unprocessable,
       "operation 2: replace /x/y"},
      {R"([{"op":"add","path":"/x/y","value":1}])", unprocessable, "what should hold it"},
      {R"([{"op":"add","path":"/list/3","value":1}])", unprocessable, "not an index"},
      {R"([{"op":"add","path":"/list/01","value":1}])", unprocessable, "not an index"},
      {R"([{"op":"add","path":"/a/b","value":1}])", unprocessable, "what should hold it"},
      {R"([{"op":"remove","path":"/list/-"}])", unprocessable, "does not exist"},
      {R"([{"op":"test","path":"/a","value":2}])", unprocessable, "has another value"},
      {R"([{"op":"move","from":"/list","path":"/list/0"}])", unprocessable, "into itself"},
      {R"([{"op":"copy","from":"/x","path":"/y"}])", unprocessable, "does not exist"},
      {R"({})", invalid, "must be a list"},
      {R"([3])", invalid, "must be an object"},
      {R"([{"op":"frob","path":"/a"}])", invalid, "\"frob\""},
      {R"([{"op":"add","path":"/a"}])", invalid, "needs a value"},
      {R"([{"op":"add","path":"a","value":1}])", invalid, "not a JSON pointer"},
      {R"([{"op":"add","path":"/a~2","value":1}])", invalid, "not a JSON pointer"},
      {R"([{"op":"add","value":1}])", invalid, "must be a JSON pointer"},
      {R"([{"op":"move","path":"/a"}])", invalid, "\"from\" must be a JSON pointer"},
  };
  for (const WrongCase& test : cases) {
    const auto result = apply_json_patch(core::parse_json(R"({"a":1,"list":[1,2]})").value(),
                                         core::parse_json(test.patch).value());
    ASSERT_FALSE(result) << test.patch;
    EXPECT_EQ(result.error().kind, test.kind) << test.patch;
    EXPECT_NE(result.error().message.find(test.message), std::string::npos) << result.error().message;
  }
}

TEST(JsonPatch, bounds_what_copies_can_build) {
  json::array doubling{json::object{{"op", "add"}, {"path", "/a"}, {"value", json::array{1, 2, 3, 4}}}};
  for (int i = 0; i < 60; ++i)
    doubling.push_back(json::object{{"op", "copy"}, {"from", "/a"}, {"path", "/a/-"}});
  EXPECT_FALSE(apply_json_patch(json::object(), doubling));

  json::array deepening;
  for (int i = 0; i < 200; ++i)
    deepening.push_back(json::object{{"op", "copy"}, {"from", ""}, {"path", "/a"}});
  const auto deep = apply_json_patch(json::object{{"b", 1}}, deepening);
  ASSERT_FALSE(deep);
  EXPECT_NE(deep.error().message.find("too deep"), std::string::npos) << deep.error().message;
}

TEST(StrategicMergePatch, merges_maps_and_the_lists_that_have_a_merge_key) {
  const std::vector<Case> cases{
      {"maps merge, null removes", R"({"data":{"a":"1","b":"2"}})", R"({"data":{"b":null,"c":"3"}})",
       R"({"data":{"a":"1","c":"3"}})"},
      {"nulls of new maps are dropped", R"({})", R"({"data":{"a":null,"b":"1"}})", R"({"data":{"b":"1"}})"},
      {"other lists are replaced", R"({"subsets":[1,2]})", R"({"subsets":[3]})", R"({"subsets":[3]})"},
      {"finalizers are a set", R"({"metadata":{"finalizers":["a","b"]}})",
       R"({"metadata":{"finalizers":["b","c"]}})", R"({"metadata":{"finalizers":["a","b","c"]}})"},
      {"delete from a set", R"({"metadata":{"finalizers":["a","b"]}})",
       R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["a"]}})",
       R"({"metadata":{"finalizers":["b"]}})"},
      {"owners merge by uid",
       R"({"metadata":{"ownerReferences":[{"uid":"1","name":"x"},{"uid":"2","name":"y"}]}})",
       R"({"metadata":{"ownerReferences":[{"uid":"2","controller":true},{"uid":"3","name":"z"}]}})",
       R"({"metadata":{"ownerReferences":[{"uid":"1","name":"x"},{"uid":"2","name":"y","controller":true},{"uid":"3","name":"z"}]}})"},
      {"an element is deleted by its key", R"({"secrets":[{"name":"a"},{"name":"b"}]})",
       R"({"secrets":[{"$patch":"delete","name":"a"}]})", R"({"secrets":[{"name":"b"}]})"},
      {"a list is replaced on demand", R"({"secrets":[{"name":"a"},{"name":"b"}]})",
       R"({"secrets":[{"$patch":"replace"},{"name":"c"}]})", R"({"secrets":[{"name":"c"}]})"},
      {"the order is set", R"({"secrets":[{"name":"a"},{"name":"b"},{"name":"z"}]})",
       R"({"$setElementOrder/secrets":[{"name":"c"},{"name":"a"},{"name":"b"}],"secrets":[{"name":"c"}]})",
       R"({"secrets":[{"name":"c"},{"name":"a"},{"name":"b"},{"name":"z"}]})"},
      {"a map is replaced on demand", R"({"data":{"a":"1"}})", R"({"data":{"$patch":"replace","b":"2"}})",
       R"({"data":{"b":"2"}})"},
      {"a map is deleted on demand", R"({"data":{"a":"1"},"x":1})", R"({"data":{"$patch":"delete"}})",
       R"({"x":1})"},
      {"only some keys are retained", R"({"spec":{"a":1,"b":2}})",
       R"({"spec":{"$retainKeys":["b","c"],"c":3}})", R"({"spec":{"b":2,"c":3}})"},
      {"conditions merge by type", R"({"status":{"conditions":[{"type":"A","status":"True"}]}})",
       R"({"status":{"conditions":[{"type":"B","status":"False"},{"type":"A","status":"False"}]}})",
       R"({"status":{"conditions":[{"type":"A","status":"False"},{"type":"B","status":"False"}]}})"},
  };
  for (const Case& test : cases) {
    const auto result = apply_strategic_merge_patch(core::parse_json(test.document).value(),
                                                    core::parse_json(test.patch).value());
    ASSERT_TRUE(result) << test.title << ": " << result.error().message;
    EXPECT_EQ(*result, core::parse_json(test.result).value()) << test.title << ": " << core::to_text(*result);
  }
}

TEST(StrategicMergePatch, refuses_what_it_cannot_merge) {
  for (const std::string_view patch :
       {R"([])", R"({"secrets":[{"nam":"a"}]})", R"({"secrets":["a"]})", R"({"data":{"$patch":"frob"}})",
        R"({"metadata":{"$deleteFromPrimitiveList/finalizers":"a"}})", R"({"spec":{"$retainKeys":"a"}})"}) {
    const auto result = apply_strategic_merge_patch(json::object(), core::parse_json(patch).value());
    ASSERT_FALSE(result) << patch;
    EXPECT_EQ(result.error().kind, core::ErrorKind::invalid) << patch;
  }
}

// A hundred bytes that make gigabytes: 2^30 copies of one text, or the same list moved again and again.
TEST(JsonPatch, has_limits_to_what_it_copies_and_moves) {
  json::array doubling{json::object{{"op", "add"}, {"path", "/a"}, {"value", std::string(1000, 'x')}}};
  for (int i = 0; i < 30; ++i)
    doubling.push_back(json::object{{"op", "copy"}, {"from", ""}, {"path", "/b" + std::to_string(i)}});
  const auto doubled = apply_json_patch(json::object(), doubling);
  ASSERT_FALSE(doubled);
  EXPECT_EQ(doubled.error().kind, core::ErrorKind::too_large);
  EXPECT_NE(doubled.error().message.find("copies more than"), std::string::npos) << doubled.error().message;

  json::array shifting;
  for (int i = 0; i < 9'000; ++i)
    shifting.push_back(json::object{{"op", "add"}, {"path", "/list/0"}, {"value", 1}});
  const auto shifted =
      apply_json_patch(json::object{{"list", json::array(500'000, json::value(1))}}, shifting);
  ASSERT_FALSE(shifted);
  EXPECT_EQ(shifted.error().kind, core::ErrorKind::too_large);
}

TEST(StrategicMergePatch, has_limits_to_what_it_compares) {
  json::array many;
  for (int i = 0; i < 20'000; ++i) many.push_back(json::value("example.com/" + std::to_string(i)));
  const json::object object{{"metadata", {{"finalizers", many}}}};
  for (const char* member :
       {"finalizers", "$deleteFromPrimitiveList/finalizers", "$setElementOrder/finalizers"}) {
    const auto merged = apply_strategic_merge_patch(object, json::object{{"metadata", {{member, many}}}});
    ASSERT_FALSE(merged) << member;
    EXPECT_EQ(merged.error().kind, core::ErrorKind::too_large) << member;
  }
}

}  // namespace
}  // namespace kube
