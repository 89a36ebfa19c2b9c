// The catalog as clients of older versions know it.
#include "osb/catalog_document.hpp"

#include <gtest/gtest.h>

#include "core/json.hpp"

namespace osb {
namespace {

constexpr const char* newest = R"({"services": [{
  "id": "s", "name": "s3", "description": "a bucket", "bindable": true, "plan_updateable": true,
  "instances_retrievable": true, "bindings_retrievable": true, "allow_context_updates": true,
  "plans": [{"id": "p", "name": "production", "description": "a plan", "free": false, "plan_updateable": true,
             "schemas": {"service_instance": {}}, "maintenance_info": {"version": "1.0.0"},
             "maximum_polling_duration": 60, "binding_rotatable": true}]}]})";

TEST(CatalogDocument, has_no_fields_that_came_after_the_clients_version) {
  const CatalogDocument document(newest);
  const struct {
    int minor_version;
    std::string_view missing;
  } rows[] = {
      {13,
       "instances_retrievable bindings_retrievable allow_context_updates maintenance_info "
       "maximum_polling_duration binding_rotatable"},
      {14, "allow_context_updates maintenance_info maximum_polling_duration binding_rotatable"},
      {15, "binding_rotatable"},
      {16, "binding_rotatable"},
      {17, ""},
      {18, ""},
  };
  for (const auto& row : rows) {
    const std::string& text = *document.for_version(row.minor_version).plain.body;
    for (const std::string_view field :
         {"instances_retrievable", "bindings_retrievable", "allow_context_updates", "maintenance_info",
          "maximum_polling_duration", "binding_rotatable"}) {
      EXPECT_EQ(text.contains(field), !row.missing.contains(field)) << field << " in 2." << row.minor_version;
    }
    for (const std::string_view field : {"schemas", "production", "bindable"})
      EXPECT_TRUE(text.contains(field)) << field << " in 2." << row.minor_version;
  }
}

TEST(CatalogDocument, knows_of_plans_that_can_be_left_only_since_2_15) {
  const CatalogDocument document(newest);
  const auto plan = [&](int minor_version) {
    return core::parse_json(*document.for_version(minor_version).plain.body)
        ->at("services")
        .at(0)
        .at("plans")
        .at(0)
        .as_object();
  };
  EXPECT_FALSE(plan(14).contains("plan_updateable"));
  EXPECT_TRUE(plan(15).contains("plan_updateable"));
}

TEST(CatalogDocument, is_made_once_for_each_version_and_told_apart) {
  const CatalogDocument document(newest);
  EXPECT_EQ(&document.for_version(17), &document);
  EXPECT_EQ(&document.for_version(14), &document.for_version(14));
  EXPECT_NE(document.for_version(14).plain.etag, document.plain.etag);
}

}  // namespace
}  // namespace osb
