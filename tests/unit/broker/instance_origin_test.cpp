// Whose an instance is, and which requests are its owner's.
#include "broker/instance_origin.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/stack_tags.hpp"

namespace broker {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::Not;

json::object kubernetes(const char* name_space, const char* cluster) {
  return {{"platform", "kubernetes"}, {"namespace", name_space}, {"clusterid", cluster}};
}

const InstanceOrigin owner = instance_origin_of(kubernetes("n", "c"), "o", "s");

TEST(InstanceOrigin, of_a_put_is_the_instances_in_every_attribute) {
  const KnownOrigin known{.origin = owner};
  EXPECT_EQ(other_attribute_of_put(known, owner), "");
  const struct {
    InstanceOrigin asked;
    const char* other;
  } table[] = {
      {instance_origin_of(kubernetes("other", "c"), "o", "s"), "namespace"},
      {instance_origin_of(kubernetes("n", "other"), "o", "s"), "cluster"},
      {instance_origin_of(kubernetes("n", "c"), "other", "s"), "organization_guid"},
      {instance_origin_of(kubernetes("n", "c"), "o", "other"), "space_guid"},
      {instance_origin_of(nullptr, "o", "other"), "space_guid"},
  };
  for (const auto& each : table) EXPECT_EQ(other_attribute_of_put(known, each.asked), each.other);
  json::object renamed = kubernetes("n", "c");
  renamed["instance_name"] = "another";
  renamed["namespace_annotations"] = json::object{{"a", "b"}};
  EXPECT_EQ(other_attribute_of_put(known, instance_origin_of(renamed, "o", "s")), "") << "these may change";
}

TEST(InstanceOrigin, that_is_unknown_is_not_everyones) {
  const KnownOrigin unknown =
      known_origin_of(json::object{{cluster_tag, "unknown"}, {namespace_tag, "unknown"}});
  EXPECT_TRUE(unknown.is_told);
  EXPECT_EQ(other_attribute_of_put(unknown, owner), "cluster");
  EXPECT_EQ(other_attribute_of_put(unknown, instance_origin_of(nullptr, "o", "s")), "");
  const KnownOrigin with_guids{.origin = instance_origin_of(nullptr, "o", "s")};
  EXPECT_EQ(other_attribute_of_put(with_guids, owner), "") << "the guids say that it is the same";
  EXPECT_EQ(other_attribute_of_put(with_guids, instance_origin_of(kubernetes("n", "c"), "o", "other")),
            "space_guid");
  EXPECT_EQ(other_attribute_of_put({.origin = owner}, instance_origin_of(nullptr, "", "")), "cluster");
  EXPECT_EQ(other_attribute_of_put(known_origin_of(json::object{{"team", "blue"}}), owner), "")
      << "nobody was ever told";
}

TEST(InstanceOrigin, of_a_patch_or_bind_is_compared_as_far_as_it_is_said_and_known) {
  const auto is_owner = [](const json::value& context) {
    return check_origin("i", owner, instance_origin_of(context, "", "")).has_value();
  };
  EXPECT_TRUE(is_owner(kubernetes("n", "c")));
  EXPECT_TRUE(is_owner(nullptr));
  EXPECT_TRUE(is_owner({{"platform", "kubernetes"}, {"namespace", "n"}}));
  EXPECT_FALSE(is_owner(kubernetes("other", "c")));
  EXPECT_FALSE(is_owner(kubernetes("n", "other")));
  EXPECT_FALSE(is_owner({{"platform", "cloudfoundry"}, {"organization_guid", "x"}, {"space_guid", "y"}}));
  const auto refused = check_origin("i", owner, instance_origin_of(kubernetes("mine", "c"), "", ""));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, core::ErrorKind::conflict);
  EXPECT_THAT(refused.error().message, HasSubstr("namespace"));
  EXPECT_THAT(refused.error().message, Not(HasSubstr("\"n\""))) << "whose it is, another need not know";
}

TEST(InstanceOrigin, of_cloud_foundry_is_read_from_tags_as_the_go_broker_wrote_them) {
  const InstanceOrigin asked = instance_origin_of({{"platform", "cloudfoundry"}}, "0a-1b", "2c-3d");
  const KnownOrigin tagged = known_origin_of(json::object{{cluster_tag, "0a1b"}, {namespace_tag, "2c3d"}});
  EXPECT_EQ(other_attribute_of_put(tagged, asked), "");
  EXPECT_EQ(other_attribute_of_put(tagged, instance_origin_of({{"platform", "cloudfoundry"}}, "0a-1b", "9")),
            "namespace");
}

TEST(InstanceOrigin, is_kept_in_records) {
  EXPECT_EQ(instance_origin_from_json(to_json(owner)), owner);
}

TEST(Adoption, names_the_namespace_and_maybe_the_cluster_that_the_instance_was_of) {
  const auto from = [](const char* text) {
    json::object context = kubernetes("new", "c");
    context["adopted_from"] = *core::parse_json(text);
    return adopted_from(context);
  };
  EXPECT_TRUE(is_adopted_from(owner, **from(R"({"namespace": "n"})")));
  EXPECT_TRUE(is_adopted_from(owner, **from(R"({"namespace": "n", "clusterid": "c"})")));
  EXPECT_FALSE(is_adopted_from(owner, **from(R"({"namespace": "n", "clusterid": "d"})")));
  EXPECT_FALSE(is_adopted_from(owner, **from(R"({"namespace": "m"})")));
  EXPECT_FALSE(is_adopted_from({}, **from(R"({"namespace": "unknown"})"))) << "what nobody knows is nobody's";
  for (const char* wrong :
       {"7", "{}", R"({"namespace": ""})", R"({"namespace": 7})", R"({"namespace": "n", "clusterid": 7})"})
    EXPECT_FALSE(from(wrong)) << wrong;
  EXPECT_EQ(*adopted_from(kubernetes("n", "c")), std::nullopt);
}

}  // namespace
}  // namespace broker
