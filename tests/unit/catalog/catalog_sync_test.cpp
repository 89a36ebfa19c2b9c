#include "catalog/policies/catalog_sync.hpp"

#include <gtest/gtest.h>

#include "catalog/policies/restrictions.hpp"
#include "core/hash.hpp"
#include "objects.hpp"

namespace catalog {
namespace {

using Kind = CatalogChange::Kind;

json::object broker(std::string_view patch = "{}") {
  return patched(parse(R"({"apiVersion":"servicecatalog.k8s.io/v1beta1","kind":"ClusterServiceBroker",
    "metadata":{"name":"aws","uid":"broker-uid","generation":1},"spec":{"url":"https://aws.example.com"}})"),
                 patch);
}

osb::Catalog aws_catalog() {
  osb::Plan production{.id = "plan-id", .name = "production", .description = "for keeps"};
  production.free = false;
  production.binding_rotatable = true;
  production.maximum_polling_duration = std::chrono::seconds(600);
  osb::Plan custom{.id = "Plan_2", .name = "custom", .description = "as you like"};
  osb::Offering s3{.id = "class-id", .name = "s3", .description = "buckets"};
  s3.bindable = true;
  s3.instances_retrievable = true;
  s3.allow_context_updates = true;
  s3.plans = {production, custom};
  osb::Offering sqs{.id = "sqs-id", .name = "sqs", .description = "queues"};
  sqs.plans = {osb::Plan{.id = "sqs-plan", .name = "standard", .description = "plain"}};
  return {.services = {s3, sqs}};
}

bool nobody(const std::string&) {
  return false;
}

// As for a broker that has no objects yet.
core::Result<CatalogObjects> objects_of(const json::object& broker, osb::Catalog catalog = aws_catalog()) {
  ObjectNames classes("aws", {}, nobody);
  ObjectNames plans("aws", {}, nobody);
  return objects_of_catalog(cluster_scope(), BrokerView(broker), std::move(catalog), classes, plans);
}

std::vector<const json::object*> pointers(const std::vector<json::object>& objects) {
  std::vector<const json::object*> result;
  result.reserve(objects.size());
  for (const json::object& object : objects) result.push_back(&object);
  return result;
}

TEST(CatalogObjects, are_named_by_their_ids_and_carry_labels_and_their_owner) {
  json::object owner = broker();
  auto objects = objects_of(owner);
  ASSERT_TRUE(objects);
  ASSERT_EQ(objects->classes.size(), 2U);
  ASSERT_EQ(objects->plans.size(), 3U);
  const json::object& s3 = objects->classes[0];
  EXPECT_EQ(kube::name_of(s3), "class-id");
  EXPECT_EQ(core::find_string(s3, {"spec", "clusterServiceBrokerName"}), "aws");
  // printf s3 | sha224sum
  EXPECT_EQ(core::find_string(s3, {"metadata", "labels", "servicecatalog.k8s.io/spec.externalName"}),
            "bf0685b4f4b00dd89dd8351b947e276e35a3a1a86c9bed52577c5efe");
  EXPECT_TRUE(is_managed(s3));
  const json::object& production = objects->plans[0];
  EXPECT_EQ(core::find_string(production, {"spec", "clusterServiceClassRef", "name"}), "class-id");
  EXPECT_EQ(core::find_int(production, {"spec", "maximumPollingDuration"}), 600);
  EXPECT_EQ(core::find_bool(production, {"spec", "free"}), false);
  EXPECT_TRUE(ClassView(s3).instances_retrievable());
  EXPECT_TRUE(ClassView(s3).allow_context_updates());
  EXPECT_FALSE(ClassView(objects->classes[1]).instances_retrievable());
  EXPECT_TRUE(PlanView(production).binding_rotatable());
  EXPECT_FALSE(PlanView(objects->plans[1]).binding_rotatable());
}

TEST(CatalogObjects, keep_to_the_brokers_restrictions) {
  json::object owner = broker(R"json({"spec":{"catalogRestrictions":{
    "serviceClass":["spec.externalName in (s3, kms)"],"servicePlan":["spec.free=false"]}}})json");
  auto objects = objects_of(owner);
  ASSERT_TRUE(objects);
  ASSERT_EQ(objects->classes.size(), 1U);
  ASSERT_EQ(objects->plans.size(), 1U);
  EXPECT_EQ(PlanView(objects->plans[0]).external_name(), "production");
}

TEST(CatalogRestrictions, name_the_requirement_that_makes_no_sense) {
  std::vector<std::string> unknown{"spec.color=red"};
  auto parsed = CatalogRestrictions::parse(cluster_scope(), unknown, {});
  ASSERT_FALSE(parsed);
  EXPECT_NE(parsed.error().message.find("there is no property spec.color"), std::string::npos);
  std::vector<std::string> broken{"name in ("};
  EXPECT_FALSE(CatalogRestrictions::parse(cluster_scope(), {}, broken));
}

TEST(CatalogChanges, create_update_mark_and_remove) {
  json::object owner = broker();
  auto wanted = objects_of(owner)->classes;
  auto created = changes(wanted, {}, nobody);
  ASSERT_EQ(created.size(), 2U);
  EXPECT_EQ(created[0].kind, Kind::create);
  EXPECT_TRUE(changes(wanted, pointers(wanted), nobody).empty());

  std::vector<json::object> existing = wanted;
  existing[0] = patched(existing[0], R"({"spec":{"description":"old","defaultProvisionParameters":{"a":1}},
                                         "metadata":{"labels":{"mine":"x"}}})");
  auto updated = changes(wanted, pointers(existing), nobody);
  ASSERT_EQ(updated.size(), 1U);
  EXPECT_EQ(updated[0].kind, Kind::update);
  EXPECT_EQ(updated[0].content, parse(R"({"spec":{"description":"buckets"}})"));

  std::vector<json::object> none;
  auto in_use = [](const std::string& name) { return name == "class-id"; };
  auto gone = changes(none, pointers(wanted), in_use);
  ASSERT_EQ(gone.size(), 2U);
  EXPECT_EQ(gone[0].kind, Kind::mark_removed);
  EXPECT_EQ(gone[1].kind, Kind::remove);

  existing = wanted;
  existing[0] = patched(existing[0], R"({"status":{"removedFromBrokerCatalog":true}})");
  auto back = changes(wanted, pointers(existing), nobody);
  ASSERT_EQ(back.size(), 1U);
  EXPECT_EQ(back[0].kind, Kind::unmark);
  EXPECT_EQ(leftovers(pointers(existing), in_use).size(), 0U);
  EXPECT_EQ(leftovers(pointers(existing), nobody).size(), 1U);
}

TEST(CatalogChanges, are_none_where_only_the_spelling_of_json_differs) {
  json::object owner = broker();
  osb::Catalog catalog = aws_catalog();
  catalog.services[0].metadata = parse(R"({"costs":[{"amount":{"usd":99.0}}],"icon":null})");
  auto wanted = objects_of(owner, catalog)->classes;
  std::vector<json::object> stored = wanted;
  core::set(stored[0], {"spec", "externalMetadata"}, parse(R"({"costs":[{"amount":{"usd":99}}]})"));
  EXPECT_TRUE(changes(wanted, pointers(stored), nobody).empty());
  core::set(stored[0], {"spec", "externalMetadata"}, parse(R"({"costs":[{"amount":{"usd":98}}]})"));
  EXPECT_EQ(changes(wanted, pointers(stored), nobody).size(), 1U);
}

TEST(CatalogChanges, keep_the_objects_of_v031_whatever_their_names) {
  json::object owner = broker();
  json::object old_plan = plan("custom", "Plan_2");
  core::set(old_plan, {"metadata", "name"}, "z50zlanz5fz2");
  std::vector<const json::object*> own{&old_plan};
  ObjectNames classes("aws", {}, nobody);
  ObjectNames plans("aws", own, nobody);
  auto wanted = objects_of_catalog(cluster_scope(), BrokerView(owner), aws_catalog(), classes, plans);
  auto needed = changes(wanted->plans, own, nobody);
  ASSERT_EQ(needed.size(), 3U);
  EXPECT_EQ(needed[1].kind, Kind::update);
  EXPECT_EQ(needed[1].name, "z50zlanz5fz2");
}

TEST(CatalogChanges, leave_a_users_own_classes_alone) {
  std::vector<json::object> own{s3_class()};
  EXPECT_TRUE(changes({}, pointers(own), nobody).empty());
}

}  // namespace
}  // namespace catalog
