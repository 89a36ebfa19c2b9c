// What intrinsic functions give for known parameters.
#include "broker/replacement/value_resolver.hpp"

#include <gtest/gtest.h>

#include "core/yaml.hpp"

namespace broker {
namespace {

namespace json = boost::json;

constexpr const char* text = R"yaml(
Parameters:
  Name: {Type: String}
  Size: {Type: Number}
  List: {Type: CommaDelimitedList}
  Image: {Type: "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"}
  Missing: {Type: String}
Mappings:
  Sizes:
    small: {Nodes: 1, Zones: [a, b]}
    large: {Nodes: 3}
  ByRegion:
    us-east-1: {Id: x}
Conditions:
  IsBig: !Equals [!Ref Size, 9]
  IsSmall: !Not [!Condition IsBig]
  IsBoth: !And [!Condition IsBig, !Condition IsSmall]
  IsEither: !Or [!Condition IsBig, !Condition IsSmall]
  IsHere: !Equals [!Ref AWS::Region, us-east-1]
  IsSame: !Equals [!Ref AWS::Region, !Sub "${AWS::Region}"]
  IsHereOrBig: !Or [!Condition IsHere, !Condition IsBig]
  IsHereAndSmall: !And [!Condition IsHere, !Condition IsSmall]
  IsCircle: !Not [!Condition IsCircle]
)yaml";

class Resolver : public testing::Test {
 protected:
  static json::object parse(std::string_view yaml) {
    return core::parse_yaml(yaml, core::YamlTags::cloudformation)->as_object();
  }
  // As JSON; "none" for AWS::NoValue.
  std::string resolved(const std::string& yaml) {
    ValueResolver resolver(document_, parameters_);
    const json::object holder = parse("V: " + yaml);
    const auto value = resolver.resolve(holder.at("V"));
    EXPECT_FALSE(resolver.is_exhausted());
    return value ? core::to_canonical_text(*value) : "none";
  }
  json::value condition(std::string_view name) {
    return ValueResolver(document_, parameters_).condition(name);
  }

  json::object document_ = parse(text);
  Values parameters_{{"Name", "anna"}, {"Size", "9"}, {"List", "a, b,c"}, {"Image", "/images/1"}};
};

TEST_F(Resolver, gives_scalars_as_texts_and_leaves_out_no_value) {
  EXPECT_EQ(resolved("[1, true, 0.5, text, !Ref AWS::NoValue]"), R"(["1","true","0.5","text"])");
  EXPECT_EQ(resolved("{A: 1, B: !Ref AWS::NoValue}"), R"({"A":"1"})");
  EXPECT_EQ(resolved("!Ref AWS::NoValue"), "none");
}

TEST_F(Resolver, takes_parameters_by_their_types) {
  EXPECT_EQ(resolved("!Ref Name"), R"("anna")");
  EXPECT_EQ(resolved("!Ref List"), R"(["a","b","c"])");
  EXPECT_EQ(resolved("!Ref Image"), R"({"Ref":"Image","Value":"/images/1"})");
  EXPECT_EQ(resolved("!Ref Missing"), R"({"Ref":"Missing"})");
  EXPECT_EQ(resolved("!Ref Queue"), R"({"Ref":"Queue"})");
}

TEST_F(Resolver, joins_splits_and_selects) {
  EXPECT_EQ(resolved("!Join ['-', [a, !Ref Name, !Ref Size]]"), R"("a-anna-9")");
  EXPECT_EQ(resolved("!Join ['', [a, !Ref Queue, b, c]]"), R"({"Fn::Join":["",["a",{"Ref":"Queue"},"bc"]]})");
  EXPECT_EQ(resolved("!Join ['.', !Ref List]"), R"("a.b.c")");
  EXPECT_EQ(resolved("!Split ['n', !Ref Name]"), R"(["a","","a"])");
  EXPECT_EQ(resolved("!Select [1, !Ref List]"), R"("b")");
  EXPECT_EQ(resolved("!Select [7, !Ref List]"), R"({"Fn::Select":["7",["a","b","c"]]})");
  EXPECT_EQ(resolved("!Select [0, !Split ['/', !Ref AWS::StackId]]"),
            R"({"Fn::Select":["0",{"Fn::Split":["/",{"Ref":"AWS::StackId"}]}]})");
}

TEST_F(Resolver, substitutes) {
  EXPECT_EQ(resolved("!Sub 'x-${Name}-${Size}-${!Literal}'"), R"("x-anna-9-${Literal}")");
  EXPECT_EQ(resolved("!Sub ['${A}/${Name}', {A: !Ref Size}]"), R"("9/anna")");
  EXPECT_EQ(resolved("!Sub '${Queue.Arn}'"), R"({"Fn::GetAtt":["Queue","Arn"]})");
  EXPECT_EQ(resolved("!Sub '${AWS::Region}'"), R"({"Ref":"AWS::Region"})");
  EXPECT_EQ(resolved("!Sub '${Name'"), R"("${Name")");
}

TEST_F(Resolver, looks_up_maps) {
  EXPECT_EQ(resolved("!FindInMap [Sizes, large, Nodes]"), R"("3")");
  EXPECT_EQ(resolved("!FindInMap [Sizes, small, Zones]"), R"(["a","b"])");
  EXPECT_EQ(resolved("{Fn::FindInMap: [Sizes, none, Nodes, {DefaultValue: !Ref Size}]}"), R"("9")");
  const std::string before = resolved("!FindInMap [ByRegion, !Ref AWS::Region, Id]");
  EXPECT_EQ(before, resolved("!FindInMap [ByRegion, !Ref AWS::Region, Id]"));
  document_["Mappings"].at("ByRegion").at("us-east-1").as_object()["Id"] = "y";
  EXPECT_NE(before, resolved("!FindInMap [ByRegion, !Ref AWS::Region, Id]")) << "an entry has changed";
}

TEST_F(Resolver, knows_what_conditions_come_to) {
  EXPECT_EQ(condition("IsBig"), true);
  EXPECT_EQ(condition("IsSmall"), false);
  EXPECT_EQ(condition("IsBoth"), false);
  EXPECT_EQ(condition("IsEither"), true);
  EXPECT_EQ(condition("IsSame"), true);
  EXPECT_TRUE(condition("IsHere").is_string());
  EXPECT_EQ(condition("IsHereOrBig"), true);
  EXPECT_EQ(condition("IsHereAndSmall"), false);
  EXPECT_TRUE(condition("IsCircle").is_string());
  EXPECT_TRUE(condition("IsNowhere").is_string());
}

TEST_F(Resolver, chooses_where_a_condition_is_known) {
  EXPECT_EQ(resolved("!If [IsBig, !Ref Name, b]"), R"("anna")");
  EXPECT_EQ(resolved("!If [IsSmall, a, !Ref AWS::NoValue]"), "none");
  EXPECT_EQ(resolved("!If [IsHere, a, a]"), R"("a")");
  const std::string either = resolved("!If [IsHere, a, b]");
  EXPECT_NE(either, resolved("!If [IsHere, a, c]"));
  EXPECT_EQ(either, resolved("!If [IsHere, a, b]"));
}

TEST_F(Resolver, keeps_what_it_does_not_know_with_its_arguments) {
  EXPECT_EQ(resolved("{Fn::Base64: !Ref Name}"), R"({"Fn::Base64":"anna"})");
  EXPECT_EQ(resolved("{Fn::ImportValue: !Sub '${Name}-x'}"), R"({"Fn::ImportValue":"anna-x"})");
}

TEST_F(Resolver, gives_up_on_what_grows_without_end) {
  std::string conditions = "Conditions:\n  C0: !Equals [!Ref AWS::Region, x]\n";
  for (int i = 1; i < 60; ++i) {
    const std::string before = "C" + std::to_string(i - 1);
    conditions +=
        "  C" + std::to_string(i) + ": !And [!Condition " + before + ", !Condition " + before + "]\n";
  }
  const json::object wide = parse(conditions);
  ValueResolver bounded(wide, parameters_);
  EXPECT_TRUE(bounded.condition("C59").is_string()) << "each is asked once";
  EXPECT_FALSE(bounded.is_exhausted());

  std::string nested = "a";
  for (int i = 0; i < 15; ++i) nested = "!Sub ['${A}${A}${A}', {A: " + nested + "}]";
  ValueResolver greedy(document_, parameters_);
  const json::object holder = parse("V: " + nested);
  (void)greedy.resolve(holder.at("V"));
  EXPECT_TRUE(greedy.is_exhausted());
}

}  // namespace
}  // namespace broker
