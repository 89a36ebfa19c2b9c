// The catalog that platforms see of a small template.
#include "broker/catalog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/account_parameters.hpp"
#include "tests/unit/broker/catalog_json.hpp"

namespace broker {
namespace {

namespace json = boost::json;
using namespace broker::test;
using testing::ElementsAre;
using testing::HasSubstr;

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
  EXPECT_THAT(keys_of(properties("one")), ElementsAre("Size", "allow_replacement")) << "Fixed is prescribed";
  EXPECT_THAT(keys_of(properties("two")), ElementsAre("Size", "Fixed", "allow_replacement"));
  EXPECT_EQ(core::find_string(properties("two"), {"allow_replacement", "type"}), "boolean");
  EXPECT_FALSE(properties("two").at("allow_replacement").as_object().contains("default"));
  EXPECT_FALSE(properties("two").at("Size").as_object().contains("default"));
}

TEST(Catalog, says_how_long_platforms_wait_for_an_operation) {
  const auto limit = [](const char* line) {
    std::string text = small;
    text.replace(text.find("    Name: small\n"), 0, line);
    TemplateSet set;
    set.templates.push_back(std::make_shared<const Template>(*parse_template(text, "small-main.yaml")));
    const json::object body = body_of({ids(), std::move(set), {}});
    const json::object& service = named(body, "services", "small");
    const auto of_one = core::find_int(named(service, "plans", "one"), {"maximum_polling_duration"});
    EXPECT_EQ(of_one, core::find_int(named(service, "plans", "two"), {"maximum_polling_duration"}));
    return of_one;
  };
  EXPECT_EQ(limit("    MaximumPollingDuration: 600\n"), 600);
  EXPECT_EQ(limit(""), 14'400);
  for (const char* wrong : {"0", "-1", "soon", "1.5", "[60]"}) {
    std::string text = small;
    text.replace(text.find("    Name: small\n"), 0,
                 "    MaximumPollingDuration: " + std::string(wrong) + "\n");
    const auto refused = parse_template(text, "small-main.yaml");
    ASSERT_FALSE(refused) << wrong;
    EXPECT_THAT(refused.error().message, HasSubstr("MaximumPollingDuration"));
  }
}

TEST(Catalog, says_that_bindings_with_a_user_of_their_own_can_be_rotated) {
  const auto rotatable = [](const char* resource, bool own_users) {
    std::string text = small;
    text.replace(text.find("R: {"), 1, resource);
    TemplateSet set;
    set.templates.push_back(std::make_shared<const Template>(*parse_template(text, "small-main.yaml")));
    const json::object body = body_of({ids(), std::move(set), {.bindings_have_users = own_users}});
    return core::find_bool(named(named(body, "services", "small"), "plans", "one"), {"binding_rotatable"})
        .value_or(false);
  };
  EXPECT_TRUE(rotatable(injected_user, true));
  EXPECT_FALSE(rotatable(injected_user, false));
  EXPECT_FALSE(rotatable("R", true));
}

TEST(Catalog, shows_the_scopes_of_a_binding_to_a_role) {
  const auto schema = [](const char* outputs) {
    TemplateSet set;
    const std::string text = std::string(small) + "Outputs: " + outputs + "\n";
    set.templates.push_back(std::make_shared<const Template>(*parse_template(text, "small-main.yaml")));
    const json::object body = body_of({ids(), std::move(set), {}});
    const json::value* found = core::find(named(named(body, "services", "small"), "plans", "one"),
                                          {"schemas", "service_binding", "create", "parameters"});
    return found != nullptr ? *found : json::value();
  };
  EXPECT_TRUE(schema("{A: {Value: a}}").is_null());
  const json::value both = schema("{PolicyArn: {Value: a}, PolicyArnRead: {Value: b}}");
  EXPECT_EQ(both.at_pointer("/properties/Scope/enum"), json::array({"Read"}));
  EXPECT_EQ(both.at("dependencies"), (json::value{{"Scope", json::array{"RoleName"}}}));
  EXPECT_EQ(schema("{PolicyArnRead: {Value: b}}").at_pointer("/dependencies/RoleName"),
            json::array({"Scope"}));
  const json::value plain = schema("{PolicyArn: {Value: a}}");
  EXPECT_THAT(keys_of(plain.at("properties").as_object()), ElementsAre("RoleName"));
}

TEST(Catalog, leaves_out_what_an_override_prescribes_to_everyone) {
  const json::object body = body_of(small_catalog({.hidden_parameters = {"Size", "Name", "region"}}));
  const json::object& two = create_schema(named(named(body, "services", "small"), "plans", "two"));
  EXPECT_THAT(keys_of(two.at("properties").as_object()),
              ElementsAre("Fixed", "target_account_id", "target_role_name", "user_tags", "admin_tags",
                          "allow_replacement"));
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

TEST(Catalog, tells_the_version_of_the_template_by_what_is_in_it_or_by_its_author) {
  const auto version_of = [](const std::string& text) {
    TemplateSet set;
    auto parsed = parse_template(text, "test");
    if (!parsed) return parsed.error().message;
    set.templates.push_back(std::make_shared<const Template>(std::move(*parsed)));
    const json::object body = body_of(Catalog(ids(), std::move(set), {}));
    const json::object& plan = named(named(body, "services", "small"), "plans", "one");
    EXPECT_FALSE(core::find_string(plan, {"maintenance_info", "description"}).empty());
    return std::string(core::find_string(plan, {"maintenance_info", "version"}));
  };
  const std::string version = version_of(small);
  EXPECT_THAT(version, testing::MatchesRegex("1\\.0\\.0\\+[0-9a-f]{12}"));
  EXPECT_EQ(version_of(small), version);
  EXPECT_NE(version_of(std::string(small) + "# changed\n"), version);
  const auto with = [](const char* own) {
    std::string text = small;
    return text.replace(text.find("Name: small"), 11,
                        "Name: small\n    TemplateVersion: " + std::string(own));
  };
  EXPECT_EQ(version_of(with("2.3.4-rc.1")), "2.3.4-rc.1");
  EXPECT_THAT(version_of(with("v1.2")), HasSubstr("TemplateVersion v1.2 is not a semantic version"));
}

TEST(Catalog, has_an_etag_that_changes_only_with_its_bytes) {
  const auto etag = [](const Catalog& catalog) { return catalog.document()->plain.etag; };
  EXPECT_EQ(etag(small_catalog()), etag(small_catalog()));
  EXPECT_NE(etag(small_catalog()), etag(small_catalog({.hidden_parameters = {"Size"}})));
  EXPECT_TRUE(etag(small_catalog()).starts_with('"'));
}

TEST(AccountParameters, are_those_of_the_go_broker_and_the_consent) {
  std::vector<std::string> names;
  for (const AccountParameter& each : account_parameters()) names.emplace_back(each.name);
  EXPECT_THAT(names, ElementsAre("target_account_id", "target_role_name", "region", "user_tags", "admin_tags",
                                 "allow_replacement"));
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
