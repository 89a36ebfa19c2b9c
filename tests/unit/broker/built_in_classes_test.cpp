// The catalog of the built-in templates is that of the Go broker's templates of the same names.
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/account_parameters.hpp"
#include "core/file.hpp"
#include "core/yaml.hpp"
#include "testing/source_dir.hpp"
#include "tests/unit/broker/catalog_json.hpp"

namespace broker {
namespace {

namespace json = boost::json;
using namespace broker::test;
using testing::ElementsAre;

// What tests/data/classes.json, which was taken from the Go broker's templates, says of a parameter.
void expect_property(const json::object& property, const json::object& parameter) {
  const bool is_number = core::find_string(parameter, {"type"}) == "Number";
  EXPECT_EQ(core::find_string(property, {"type"}), is_number ? "integer" : "string");
  ASSERT_EQ(property.contains("default"), parameter.contains("default"));
  if (parameter.contains("default")) EXPECT_EQ(property.at("default"), parameter.at("default"));
  ASSERT_EQ(property.contains("enum"), parameter.contains("allowed"));
  if (parameter.contains("allowed")) EXPECT_EQ(property.at("enum"), parameter.at("allowed"));
  EXPECT_NE(core::find_string(property, {"description"}), "");
  EXPECT_NE(core::find_string(property, {"title"}), "");
}

json::object read_data(const std::string& file) {
  return core::parse_json(*core::read_file(fakes::source_path("tests/data/" + file)))->as_object();
}
const json::object& known_classes() {
  static const json::object classes = read_data("classes.json");
  return classes;
}
// What ours offer beyond those, in the same form.
json::object additions_to(const std::string& name) {
  static const json::object additions = read_data("additions.json");
  const json::object* const found = core::find_object(additions, {name});
  return found != nullptr ? *found : json::object();
}
json::object with_additions(const std::string& name) {
  json::object known = known_classes().at(name).as_object();
  const json::object added = additions_to(name);
  if (const json::object* parameters = core::find_object(added, {"parameters"})) {
    for (const auto& [parameter, value] : *parameters) known.at("parameters").as_object()[parameter] = value;
  }
  if (const json::array* updatable = core::find_array(added, {"updatableParameters"}))
    known["updatableParameters"] = *updatable;
  if (const json::array* outputs = core::find_array(added, {"outputs"})) {
    for (const json::value& each : *outputs) known.at("outputs").as_array().push_back(each);
  }
  return known;
}
std::vector<std::string> known_names() {
  std::vector<std::string> names;
  for (const auto& entry : known_classes()) names.emplace_back(entry.key());
  return names;
}

const TemplateSet& built_in() {
  static const TemplateSet loaded = load_built_in("");
  return loaded;
}

class BuiltInClasses : public testing::TestWithParam<std::string> {
 protected:
  json::object known_ = with_additions(GetParam());
  Catalog catalog_{ids(), built_in(), {}};
  json::object body_ = body_of(catalog_);
  const json::object& service_ = named(body_, "services", GetParam());
};
INSTANTIATE_TEST_SUITE_P(, BuiltInClasses, testing::ValuesIn(known_names()),
                         [](const auto& info) { return info.param; });

TEST(BuiltInTemplates, are_those_of_the_data) {
  std::vector<std::string> names;
  for (const auto& each : built_in().templates) names.push_back(each->name);
  EXPECT_THAT(names, testing::UnorderedElementsAreArray(known_names()));
}

TEST_P(BuiltInClasses, are_offered_as_by_the_go_broker) {
  EXPECT_EQ(core::find_string(service_, {"id"}), ids().class_id(GetParam()));
  EXPECT_EQ(core::find_string(service_, {"description"}), core::find_string(known_, {"description"}));
  EXPECT_EQ(core::find_string(service_, {"metadata", "displayName"}),
            core::find_string(known_, {"displayName"}));
  EXPECT_EQ(service_.at("tags"), known_.at("tags"));
  EXPECT_EQ(core::find_bool(service_, {"bindable"}), true);
  EXPECT_EQ(core::find_bool(service_, {"plan_updateable"}), true) << "unlike there";
}

TEST_P(BuiltInClasses, have_the_go_brokers_plans_parameters_and_values) {
  const json::object& plans = known_.at("plans").as_object();
  ASSERT_EQ(core::find_array(service_, {"plans"})->size(), plans.size());
  for (const auto& [name, known_plan] : plans) {
    SCOPED_TRACE(name);
    const json::object& plan = named(service_, "plans", name);
    EXPECT_EQ(core::find_string(plan, {"id"}), ids().plan_id(GetParam(), name));
    EXPECT_EQ(core::find_bool(plan, {"free"}), false);
    EXPECT_EQ(core::find_bool(plan, {"bindable"}), true);
    EXPECT_EQ(core::find_string(plan, {"metadata", "displayName"}),
              core::find_string(known_plan, {"displayName"}));
    const json::object& schema = create_schema(plan);
    const json::object& prescribed = known_plan.at("prescribed").as_object();
    const json::object& properties = schema.at("properties").as_object();
    std::vector<std::string> expected, required;
    for (const auto& [parameter, known] : known_.at("parameters").as_object()) {
      if (prescribed.contains(parameter)) continue;
      SCOPED_TRACE(parameter);
      expected.emplace_back(parameter);
      ASSERT_TRUE(properties.contains(parameter));
      expect_property(properties.at(parameter).as_object(), known.as_object());
      if (!known.as_object().contains("default")) required.emplace_back(parameter);
    }
    for (const AccountParameter& each : account_parameters()) expected.emplace_back(each.name);
    EXPECT_THAT(keys_of(properties), testing::UnorderedElementsAreArray(expected));
    const json::object* shown = core::find_object(schema, {"prescribed"});
    ASSERT_EQ(shown == nullptr, prescribed.empty());
    if (shown) EXPECT_EQ(*shown, prescribed);
    std::vector<std::string> listed;
    if (const json::array* names = core::find_array(schema, {"required"})) {
      for (const json::value& each : *names) listed.emplace_back(each.as_string());
    }
    EXPECT_EQ(schema.contains("required"), !listed.empty());
    EXPECT_EQ(listed, required);
    EXPECT_EQ(core::find_string(schema, {"$schema"}), "http://json-schema.org/draft-06/schema#");
    EXPECT_EQ(core::find_string(schema, {"type"}), "object");
  }
}

TEST_P(BuiltInClasses, offer_updates_of_what_a_plan_does_not_prescribe) {
  for (const auto& [name, known_plan] : known_.at("plans").as_object()) {
    SCOPED_TRACE(name);
    std::vector<std::string> expected;
    if (const json::array* updatable = known_.at("updatableParameters").if_array()) {
      for (const json::value& each : *updatable) {
        if (!known_plan.at("prescribed").as_object().contains(each.as_string()))
          expected.emplace_back(each.as_string());
      }
    }
    const json::object& plan = named(service_, "plans", name);
    const json::object* const properties =
        core::find_object(plan, {"schemas", "service_instance", "update", "parameters", "properties"});
    if (properties == nullptr) {
      EXPECT_TRUE(expected.empty());
      continue;
    }
    EXPECT_THAT(keys_of(*properties), testing::IsSupersetOf(expected)) << "ours may offer more";
    for (const std::string& each : keys_of(*properties))
      EXPECT_FALSE(known_plan.at("prescribed").as_object().contains(each)) << each;
  }
}

TEST_P(BuiltInClasses, give_bindings_the_go_brokers_keys) {
  const auto body = core::parse_yaml(built_in().find(GetParam())->body, core::YamlTags::cloudformation);
  std::vector<std::string> expected;
  for (const json::value& each : known_.at("outputs").as_array()) expected.emplace_back(each.as_string());
  EXPECT_THAT(keys_of(*core::find_object(*body, {"Outputs"})), testing::UnorderedElementsAreArray(expected));
}

TEST_P(BuiltInClasses, have_a_form_with_every_offered_parameter_once_in_its_group) {
  for (const json::value& plan : *core::find_array(service_, {"plans"})) {
    const json::object& schema = create_schema(plan.as_object());
    std::map<std::string, std::string> group_of;
    for (const json::value& fieldset : *core::find_array(schema, {"openshift_form_definition"})) {
      EXPECT_THAT(keys_of(fieldset.as_object()), ElementsAre("Type", "Title", "Items"));
      EXPECT_EQ(core::find_string(fieldset, {"Type"}), "fieldset");
      EXPECT_FALSE(core::find_array(fieldset, {"Items"})->empty());
      for (const json::value& item : *core::find_array(fieldset, {"Items"})) {
        const auto title = core::find_string(fieldset, {"Title"});
        EXPECT_TRUE(group_of.emplace(item.as_string(), title).second) << item.as_string();
      }
    }
    std::map<std::string, std::string> expected;
    for (const auto& entry : schema.at("properties").as_object()) {
      const auto group = core::find_string(known_, {"parameters", entry.key(), "group"});
      const bool is_own = core::find(known_, {"parameters", entry.key()}) != nullptr;
      // The Go broker's forms miss parameters without a group; ours have them in one of our choice.
      const std::string chosen(is_own ? group_of[entry.key()] : std::string(account_parameter_group));
      expected[entry.key()] = group.empty() ? chosen : std::string(group);
    }
    EXPECT_EQ(group_of, expected);
  }
}

}  // namespace
}  // namespace broker
