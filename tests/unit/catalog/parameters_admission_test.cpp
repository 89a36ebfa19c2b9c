#include <gtest/gtest.h>

#include "admission_requests.hpp"
#include "catalog/admission/parameters.hpp"

namespace catalog::admission {
namespace {

json::object schema(std::string_view patch = "{}") {
  return patched(parse(R"({"type":"object","additionalProperties":false,"required":["Name"],"properties":{
    "Name":{"type":"string","minLength":3},"Size":{"type":"integer","minimum":1},
    "Tags":{"type":"array","items":{"type":"string"}},
    "Backup":{"type":"object","required":["Window"],"properties":{"Window":{"type":"string"}}}}})"),
                 patch);
}

std::string told(const std::optional<std::string>& problem) {
  return problem.value_or("nothing");
}

TEST(ParameterCheck, names_each_parameter_by_its_path) {
  struct Case {
    const char* parameters;
    const char* message;
  };
  json::object plan_schema = schema();
  for (const Case& c : {
           Case{R"({"Name":"abc"})", "nothing"},
           Case{R"({})", "The parameter Name is required."},
           Case{R"({"Name":"abc","Sise":1})", "The parameter Sise is not available. Did you mean Size?"},
           Case{R"({"Name":"ab"})", "The parameter Name must"},
           Case{R"({"Name":"abc","Size":0})", "The parameter Size must"},
           Case{R"({"Name":"abc","Tags":["a",7]})", "The parameter Tags/1 must"},
           Case{R"({"Name":"abc","Backup":{"Window":3}})", "The parameter Backup/Window must"},
           Case{R"({"Name":"abc","Größe":1})", "The parameter Größe is not available."},
       }) {
    json::object parameters = parse(c.parameters);
    std::string message = told(check_parameters(&parameters, &plan_schema, {}));
    EXPECT_NE(message.find(c.message), std::string::npos) << c.parameters << ": " << message;
  }
}

TEST(ParameterCheck, counts_what_defaults_and_secrets_give) {
  json::object plan_schema = schema();
  json::object backup = parse(R"({"Backup":{}})");
  OtherSources defaults{.defaults = parse(R"({"Name":"abc","Backup":{"Window":"night"}})"), .secrets = false};
  EXPECT_EQ(told(check_parameters(&backup, &plan_schema, defaults)), "nothing");
  EXPECT_EQ(told(check_parameters(nullptr, &plan_schema, {.defaults = {}, .secrets = true})), "nothing");
  json::object misspelt = parse(R"({"Nam":"abc"})");
  EXPECT_EQ(told(check_parameters(&misspelt, &plan_schema, {.defaults = {}, .secrets = true})),
            "The parameter Nam is not available. Did you mean Name?");
}

TEST(ParameterCheck, stays_short_whatever_it_is_given) {
  json::object many;
  for (int i = 0; i < 5000; ++i) many["unknown-" + std::to_string(i)] = i;
  many[std::string(500000, 'x')] = 1;
  json::object plan_schema = schema();
  std::string message = told(check_parameters(&many, &plan_schema, {.defaults = {}, .secrets = true}));
  EXPECT_LT(message.size(), 2000U);
  json::object one{{std::string(500000, 'x'), 1}};
  EXPECT_LT(told(check_parameters(&one, &plan_schema, {})).size(), 400U);
}

TEST(ParameterCheck, lets_pass_what_no_schema_can_be_read_for) {
  json::object parameters = parse(R"({"anything":1})");
  EXPECT_EQ(told(check_parameters(&parameters, nullptr, {})), "nothing");
  json::object broken = parse(R"({"properties":{"anything":{"$ref":"https://elsewhere"}}})");
  EXPECT_EQ(told(check_parameters(&parameters, &broken, {})), "nothing");
}

TEST(ParameterCheck, of_an_instance_that_is_there_looks_at_what_changes) {
  json::object before = parse(R"({"Name":"abc","Size":1,"Old":true})");
  json::object create = schema();
  json::object update = parse(R"({"type":"object","properties":{"Size":{"type":"integer","maximum":9}}})");
  struct Case {
    const char* after;
    const char* message;
  };
  for (const Case& c : {
           Case{R"({"Name":"abc","Size":1,"Old":true})", "nothing"},
           Case{R"({"Name":"abc","Size":2,"Old":true})", "nothing"},
           Case{R"({"Name":"abc"})", "nothing"},
           Case{R"({"Name":"xyz","Size":1,"Old":true})",
                "The parameter Name cannot be changed after the instance is created."},
           Case{R"({"Name":"abc","Size":10,"Old":true})", "The parameter Size must"},
           Case{R"({"Name":"abc","Sise":2})", "The parameter Sise is not available. Did you mean Size?"},
       }) {
    json::object after = parse(c.after);
    std::string message = told(check_changed_parameters(&before, &after, &create, &update));
    EXPECT_NE(message.find(c.message), std::string::npos) << c.after << ": " << message;
  }
  json::object smaller = parse(R"({"Name":"abc","Size":0,"Old":true})");
  EXPECT_NE(
      told(check_changed_parameters(&before, &smaller, &create, nullptr)).find("The parameter Size must"),
      std::string::npos);
}

TEST(InstanceAdmission, checks_the_parameters_of_updates_and_of_another_plan) {
  InstanceFacts facts = s3_is_known();
  facts.plans[0] = patched(facts.plans[0], R"({"spec":{
    "instanceCreateParameterSchema":{"additionalProperties":false,"properties":{"Name":{"type":"string"},"Size":{"type":"integer"}}},
    "instanceUpdateParameterSchema":{"properties":{"Size":{"type":"integer"}}}}})");
  facts.plans[1] = patched(facts.plans[1], R"({"spec":{
    "instanceCreateParameterSchema":{"additionalProperties":false,"properties":{"Name":{"type":"string"}}}}})");
  auto edited = [&](const char* patch) {
    json::object there = instance(
        R"({"spec":{"parameters":{"Name":"a","Size":1}},"status":{"provisionStatus":"Provisioned"}})");
    return verdict(admit_instance(update(resources::service_instances, there, patch), facts));
  };
  EXPECT_EQ(edited(R"({"spec":{"parameters":{"Size":2}}})"), "admitted");
  EXPECT_EQ(edited(R"({"spec":{"parameters":{"Size":"two"}}})"),
            "spec.parameters: The parameter Size must be of type integer, not \"two\".");
  EXPECT_EQ(edited(R"({"spec":{"parameters":{"Name":"b"}}})"),
            "spec.parameters: The parameter Name cannot be changed after the instance is created.");
  EXPECT_EQ(edited(R"({"spec":{"clusterServicePlanExternalName":"custom"}})"),
            "spec.parameters: The parameter Size is not available.");
}

TEST(ParameterCheck, bounds_what_status_would_repeat_and_lets_old_ones_be) {
  const json::value small{{"a", std::string(200'000, 'x')}};
  const json::value large{{"a", std::string(300'000, 'x')}};
  EXPECT_EQ(check_parameters_size(nullptr, nullptr), std::nullopt);
  EXPECT_EQ(check_parameters_size(nullptr, &small), std::nullopt);
  EXPECT_NE(told(check_parameters_size(nullptr, &large)).find("at most 262144"), std::string::npos);
  EXPECT_NE(check_parameters_size(&small, &large), std::nullopt);
  EXPECT_EQ(check_parameters_size(&large, &large), std::nullopt);
}

// It must not keep the webhook, and whoever looks at it, busy.
TEST(ParameterCheck, says_where_a_schema_takes_too_long_and_leaves_one_without_end_to_the_broker) {
  json::object parameters = parse(R"({"Name":"abc"})");
  json::object endless = parse(R"({"allOf":[{"$ref":"#"},{"$ref":"#"}]})");
  EXPECT_EQ(told(check_parameters(&parameters, &endless, {})), "nothing");
  json::object doubling =
      parse(R"({"definitions":{"d0":{"type":"string"}},"properties":{"Name":{"$ref":"#/definitions/d40"}}})");
  json::object& definitions = doubling["definitions"].as_object();
  for (int i = 1; i <= 40; ++i) {
    const json::object below{{"$ref", "#/definitions/d" + std::to_string(i - 1)}};
    definitions["d" + std::to_string(i)] = json::object{{"anyOf", {{{"not", below}}, below}}};
  }
  const std::string message = told(check_parameters(&parameters, &doubling, {}));
  EXPECT_NE(message.find("The parameter Name cannot be checked"), std::string::npos) << message;
}

}  // namespace
}  // namespace catalog::admission
