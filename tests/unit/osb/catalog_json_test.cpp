#include <span>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "osb/types.hpp"

namespace osb {
namespace {

using testing::HasSubstr;

json::value example() {
  return *core::parse_json(R"({"services": [
    {"id": "s1", "name": "s3", "description": "Buckets", "bindable": true, "plan_updateable": false,
     "instances_retrievable": true, "tags": ["AWS", "S3"], "requires": ["route_forwarding"],
     "metadata": {"displayName": "Amazon S3"},
     "plans": [{"id": "p1", "name": "production", "description": "For keeps", "free": false, "bindable": true,
                "binding_rotatable": true, "maximum_polling_duration": 3600,
                "metadata": {"cost": "much"}, "maintenance_info": {"version": "1.0.0"},
                "schemas": {"service_instance": {"create": {"parameters": {"type": "object"}}}}}]}]})");
}

json::value with(std::span<const std::string_view> path, json::value value) {
  json::value changed = example();
  json::value* at = &changed.as_object()["services"];
  for (const std::string_view step : path) at = step == "0" ? &at->as_array()[0] : &at->as_object()[step];
  *at = std::move(value);
  return changed;
}
json::value with(std::initializer_list<std::string_view> path, json::value value) {
  return with(std::span(path.begin(), path.size()), std::move(value));
}

TEST(CatalogJson, is_written_as_it_was_read) {
  const auto catalog = catalog_from_json(example());
  ASSERT_TRUE(catalog) << catalog.error().message;
  EXPECT_EQ(json::value(to_json(*catalog)), example());
}

TEST(CatalogJson, takes_fields_of_the_future) {
  EXPECT_TRUE(catalog_from_json(with({"0", "surprise"}, json::array{1, 2})));
  EXPECT_TRUE(catalog_from_json(with({"0", "plans", "0", "surprise"}, "x")));
  EXPECT_TRUE(catalog_from_json(*core::parse_json(R"({"services": []})")));
}

struct Wrong {
  std::vector<std::string_view> path;
  const char* value;
  const char* says;
};

class WrongCatalog : public testing::TestWithParam<Wrong> {};

TEST_P(WrongCatalog, is_refused_with_what_and_where) {
  const json::value changed = with(GetParam().path, *core::parse_json(GetParam().value));
  const auto refused = catalog_from_json(changed);
  ASSERT_FALSE(refused) << core::to_text(changed);
  EXPECT_EQ(refused.error().kind, core::ErrorKind::protocol);
  EXPECT_THAT(refused.error().message, HasSubstr(GetParam().says));
}

constexpr const char* plan_again =
    R"([{"id": "p1", "name": "a", "description": "d"}, {"id": "p2", "name": "a", "description": "d"}])";
constexpr const char* id_again = R"([{"id": "s1", "name": "a", "description": "d"}])";

INSTANTIATE_TEST_SUITE_P(
    All, WrongCatalog,
    testing::Values(Wrong{{}, "7", "\"services\""}, Wrong{{}, "[7]", "a service is not an object"},
                    Wrong{{"0", "name"}, "\"\"", "a service has no \"name\""},
                    Wrong{{"0", "id"}, "5", "service \"s3\" has no \"id\""},
                    Wrong{{"0", "description"}, "null", "service \"s3\" has no \"description\""},
                    Wrong{{"0", "bindable"}, "\"yes\"", "service \"s3\" has no \"bindable\""},
                    Wrong{{"0", "plans"}, "[]", "service \"s3\" has no plans"},
                    Wrong{{"0", "plans"}, "{}", "service \"s3\" has no plans"},
                    Wrong{{"0", "plans", "0"}, "1", "a plan of service \"s3\" is not an object"},
                    Wrong{{"0", "plans", "0", "name"}, "null", "a plan of service \"s3\" has no \"name\""},
                    Wrong{
                        {"0", "plans", "0", "description"}, "\"\"", "plan \"production\" of service \"s3\""},
                    Wrong{{"0", "plans"}, plan_again, "two plans named \"a\""},
                    Wrong{{"0", "plans"}, id_again, "the id s1 is there twice"}));

TEST(CatalogJson, has_every_name_once) {
  json::value twice = example();
  json::array& services = twice.as_object()["services"].as_array();
  services.push_back(services[0]);
  const auto refused = catalog_from_json(twice);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("two services are named \"s3\""));
}

TEST(CatalogFromJson, takes_no_more_plans_than_an_api_server_should_hold) {
  json::value large = example();
  json::array plans;
  for (int i = 0; i <= 10'000; ++i) {
    std::string id = "p" + std::to_string(i);
    plans.push_back(json::object{{"id", id}, {"name", id}, {"description", "d"}});
  }
  plans.pop_back();
  large.as_object()["services"].as_array()[0].as_object()["plans"] = plans;
  EXPECT_TRUE(catalog_from_json(large));
  plans.push_back(json::object{{"id", "last"}, {"name", "last"}, {"description", "d"}});
  large.as_object()["services"].as_array()[0].as_object()["plans"] = plans;
  const auto refused = catalog_from_json(large);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("more than 10000 plans"));
}

TEST(CatalogFromJson, takes_no_name_or_id_that_is_a_book) {
  const std::string book(2000, 'x');
  for (const char* key : {"name", "id"}) {
    json::value value = example();
    value.as_object()["services"].as_array()[0].as_object()[key] = book;
    const auto refused = catalog_from_json(value);
    ASSERT_FALSE(refused) << key;
    EXPECT_LT(refused.error().message.size(), 3000U);
  }
}

}  // namespace
}  // namespace osb
