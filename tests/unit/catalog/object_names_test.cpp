#include "catalog/policies/object_names.hpp"

#include <gtest/gtest.h>

#include "objects.hpp"

namespace catalog {
namespace {

bool nobody(const std::string&) {
  return false;
}

TEST(ObjectNames, are_the_ids_where_kubernetes_takes_them_and_stable_valid_ones_elsewhere) {
  EXPECT_EQ(object_name("19b87923-2c60-5381-aac5-5d86196c3d21"), "19b87923-2c60-5381-aac5-5d86196c3d21");
  EXPECT_EQ(object_name("Plan_2"), object_name("Plan_2"));
  EXPECT_NE(object_name("Plan_2"), object_name("plan_2"));
  EXPECT_TRUE(object_name("Plan_2").starts_with("plan-2-"));
  for (const std::string& id : {std::string("a..b"), std::string("-a"), std::string("a."), std::string("Ä"),
                                std::string(), std::string("a/b"), std::string(5000, 'x')}) {
    std::string name = object_name(id);
    EXPECT_EQ(object_name(name), name) << id << " became " << name;
  }
}

TEST(ObjectNames, stay_what_they_are_once_an_object_is_there) {
  json::object as_v031_spelt_it = plan("gold", "z-Plan");
  core::set(as_v031_spelt_it, {"metadata", "name"}, "zz-z50zlan");
  std::vector<const json::object*> own{&as_v031_spelt_it};
  ObjectNames names("aws", own, nobody);
  EXPECT_EQ(names.name_for("z-Plan"), "zz-z50zlan");
  EXPECT_EQ(names.name_for("other"), "other");
}

TEST(ObjectNames, take_the_brokers_name_in_where_another_broker_has_the_id) {
  auto first_has = [](const std::string& name) { return name == "class-id"; };
  ObjectNames second("second", {}, first_has);
  ObjectNames third("third", {}, first_has);
  std::string name = second.name_for("class-id");
  EXPECT_TRUE(name.starts_with("class-id-")) << name;
  EXPECT_EQ(second.name_for("class-id"), name);
  EXPECT_NE(third.name_for("class-id"), name);
}

TEST(ObjectNames, differ_even_where_an_id_is_what_another_id_is_made_into) {
  ObjectNames names("aws", {}, nobody);
  std::string derived = names.name_for("Plan_2");
  EXPECT_NE(names.name_for(derived), derived);
}

}  // namespace
}  // namespace catalog
