// The catalog that platforms see, of the built-in templates and of a small one.
#include "broker/catalog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/account_parameters.hpp"
#include "core/file.hpp"

namespace broker {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;

const Ids& ids() {
  static const Ids made = *Ids::make("000000000000", "awsservicebroker");
  return made;
}

json::object body_of(const Catalog& catalog) {
  return core::parse_json(*catalog.document().body)->as_object();
}

const json::object& named(const json::object& parent, std::string_view list, std::string_view name) {
  for (const json::value& each : *core::find_array(parent, {list})) {
    if (core::find_string(each, {"name"}) == name) return each.as_object();
  }
  throw std::runtime_error("no " + std::string(name) + " in " + std::string(list));
}

const json::object& create_schema(const json::object& plan) {
  return *core::find_object(plan, {"schemas", "service_instance", "create", "parameters"});
}

std::vector<std::string> keys_of(const json::object& object) {
  std::vector<std::string> keys;
  for (const auto& entry : object) keys.emplace_back(entry.key());
  return keys;
}

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

class BuiltInClasses : public testing::TestWithParam<const char*> {
 protected:
  json::object known_ = core::parse_json(*core::read_file(CHANDLERY_SOURCE_DIR "/tests/data/classes.json"))
                            ->at(GetParam())
                            .as_object();
  Catalog catalog_{ids(), load_built_in(""), {}};
  json::object body_ = body_of(catalog_);
  const json::object& service_ = named(body_, "services", GetParam());
};
INSTANTIATE_TEST_SUITE_P(, BuiltInClasses, testing::Values("s3", "sqs"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(BuiltInClasses, are_offered_as_by_the_go_broker) {
  EXPECT_EQ(core::find_string(service_, {"id"}), ids().class_id(GetParam()));
  EXPECT_EQ(core::find_string(service_, {"description"}), core::find_string(known_, {"description"}));
  EXPECT_EQ(core::find_string(service_, {"metadata", "displayName"}),
            core::find_string(known_, {"displayName"}));
  EXPECT_EQ(service_.at("tags"), known_.at("tags"));
  EXPECT_EQ(core::find_bool(service_, {"bindable"}), true);
  EXPECT_EQ(core::find_bool(service_, {"plan_updateable"}), false);
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
    EXPECT_EQ(core::find(plan, {"schemas", "service_instance", "update"}), nullptr);

    const json::object& schema = create_schema(plan);
    const json::object& prescribed = known_plan.at("prescribed").as_object();
    const json::object& properties = schema.at("properties").as_object();
    std::vector<std::string> expected;
    for (const auto& [parameter, known] : known_.at("parameters").as_object()) {
      if (prescribed.contains(parameter)) continue;
      SCOPED_TRACE(parameter);
      expected.emplace_back(parameter);
      ASSERT_TRUE(properties.contains(parameter));
      expect_property(properties.at(parameter).as_object(), known.as_object());
    }
    for (const AccountParameter& each : account_parameters()) expected.emplace_back(each.name);
    EXPECT_THAT(keys_of(properties), testing::UnorderedElementsAreArray(expected));
    const json::object* shown = core::find_object(schema, {"prescribed"});
    ASSERT_EQ(shown == nullptr, prescribed.empty());
    if (shown) EXPECT_EQ(*shown, prescribed);
    EXPECT_FALSE(schema.contains("required")) << "every parameter has a default";
    EXPECT_EQ(core::find_string(schema, {"$schema"}), "http://json-schema.org/draft-06/schema#");
    EXPECT_EQ(core::find_string(schema, {"type"}), "object");
  }
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
      expected[entry.key()] = group.empty() ? account_parameter_group : group;
    }
    EXPECT_EQ(group_of, expected);
  }
}

constexpr const char* small = R"yaml(
Description: small
Metadata:
  AWS::ServiceBroker::Specification:
    Name: small
    UpdatableParameters: [Size, Fixed]
    ServicePlans:
      one:
        Description: one
        Costs: [{Amount: {usd: 0.5}, Unit: MONTHLY}]
        ParameterDefaults: {Size: 7, Name: anna}
        ParameterValues: {Fixed: x}
      two: {Description: two, Cost: c}
  AWS::CloudFormation::Interface:
    ParameterGroups:
      - {Label: {default: Group}, Parameters: [Size, Fixed, Gone]}
      - {Label: {default: Empty}, Parameters: [Fixed]}
Parameters:
  Size: {Type: Number, Default: 5, AllowedValues: [5, 7]}
  Name: {Type: String}
  Fixed: {Type: String, Default: y}
Resources: {R: {Type: T}}
)yaml";

Catalog small_catalog(const CatalogOptions& options = {}) {
  TemplateSet set;
  set.templates.push_back(std::make_shared<const Template>(*parse_template(small, "small-main.yaml")));
  return {ids(), std::move(set), options};
}

TEST(Catalog, shows_a_plans_defaults_in_place_of_the_parameters_and_requires_what_has_none) {
  const json::object body = body_of(small_catalog());
  const json::object& service = named(body, "services", "small");
  const json::object& one = create_schema(named(service, "plans", "one"));
  EXPECT_EQ(core::find_int(one, {"properties", "Size", "default"}), 7);
  EXPECT_EQ(core::find_string(one, {"properties", "Name", "default"}), "anna");
  EXPECT_EQ(one.at("properties").at("Size").at("enum"), json::array({5, 7}));
  EXPECT_FALSE(one.at("properties").as_object().contains("Fixed"));
  EXPECT_FALSE(one.contains("required"));
  const json::object& two = create_schema(named(service, "plans", "two"));
  EXPECT_EQ(core::find_int(two, {"properties", "Size", "default"}), 5);
  EXPECT_EQ(two.at("required"), json::array({"Name"}));
  EXPECT_FALSE(two.contains("prescribed"));
  EXPECT_EQ(core::find_string(named(service, "plans", "two"), {"metadata", "cost"}), "c");
  EXPECT_EQ(core::to_text(*core::find(named(service, "plans", "one"), {"metadata", "costs"})),
            R"([{"Amount":{"usd":5E-1},"Unit":"MONTHLY"}])");
}

TEST(Catalog, offers_the_updatable_parameters_without_defaults_for_an_update) {
  const json::object body = body_of(small_catalog());
  const json::object& service = named(body, "services", "small");
  const auto properties = [&](const char* plan) {
    return *core::find_object(named(service, "plans", plan),
                              {"schemas", "service_instance", "update", "parameters", "properties"});
  };
  EXPECT_THAT(keys_of(properties("one")), ElementsAre("Size")) << "Fixed is prescribed";
  EXPECT_THAT(keys_of(properties("two")), ElementsAre("Size", "Fixed"));
  EXPECT_FALSE(properties("two").at("Size").as_object().contains("default"));
}

TEST(Catalog, leaves_out_what_an_override_prescribes_to_everyone) {
  const json::object body = body_of(small_catalog({.hidden_parameters = {"Size", "Name", "region"}}));
  const json::object& two = create_schema(named(named(body, "services", "small"), "plans", "two"));
  EXPECT_THAT(keys_of(two.at("properties").as_object()),
              ElementsAre("Fixed", "target_account_id", "target_role_name", "user_tags", "admin_tags"));
  EXPECT_FALSE(two.contains("required"));
  EXPECT_EQ(core::to_text(two).find("region\""), std::string::npos);
}

TEST(Catalog, finds_a_class_and_plan_by_their_ids_and_names_an_unknown_one) {
  const Catalog catalog = small_catalog();
  const std::string service = ids().class_id("small");
  const auto found = catalog.find(service, ids().plan_id("small", "two"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->service->name, "small");
  EXPECT_EQ(found->plan->name, "two");
  const auto no_service = catalog.find("nowhere", ids().plan_id("small", "two"));
  ASSERT_FALSE(no_service);
  EXPECT_EQ(no_service.error().kind, core::ErrorKind::invalid);
  EXPECT_THAT(no_service.error().message, HasSubstr("nowhere"));
  const auto no_plan = catalog.find(service, "elsewhere");
  ASSERT_FALSE(no_plan);
  EXPECT_THAT(no_plan.error().message, HasSubstr("elsewhere"));
}

TEST(Catalog, has_an_etag_that_changes_only_with_its_bytes) {
  EXPECT_EQ(small_catalog().document().etag, small_catalog().document().etag);
  EXPECT_NE(small_catalog().document().etag, small_catalog({.hidden_parameters = {"Size"}}).document().etag);
  EXPECT_TRUE(small_catalog().document().etag.starts_with('"'));
}

TEST(AccountParameters, are_those_of_the_go_broker) {
  std::vector<std::string> names;
  for (const AccountParameter& each : account_parameters()) names.emplace_back(each.name);
  EXPECT_THAT(names,
              ElementsAre("target_account_id", "target_role_name", "region", "user_tags", "admin_tags"));
  const auto property = [&](std::size_t i) { return account_parameters()[i].property; };
  EXPECT_EQ(core::find_string(property(0), {"default"}), "");
  EXPECT_FALSE(property(2).contains("default"));
  EXPECT_GT(core::find_array(property(2), {"enum"})->size(), 10U);
  for (const std::size_t tags : {3U, 4U}) EXPECT_EQ(core::find_string(property(tags), {"default"}), "[]");
  for (const char* name : {"region", "aws_access_key", "aws_secret_key"})
    EXPECT_TRUE(is_account_parameter(name));
  EXPECT_FALSE(is_account_parameter("Region"));
}

}  // namespace
}  // namespace broker
