// Several objects as a table, or as what kubectl takes; and which of them a name stands for.
#include "svcat/listing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "objects.hpp"

namespace svcat {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Objects classes{
    an_object("c-1", "", R"({"externalName":"s3","clusterServiceBrokerName":"aws","description":"buckets"})"),
    an_object("c-2", "ns", R"({"externalName":"s3","serviceBrokerName":"own","description":"my buckets"})"),
};
const Objects plans{
    an_object("p-1", "",
              R"({"externalName":"small","clusterServiceClassRef":{"name":"c-1"},"description":"d1"})"),
    an_object("p-2", "ns", R"({"externalName":"small","serviceClassRef":{"name":"c-2"},"description":"d2"})"),
    an_object("p-3", "",
              R"({"externalName":"big","clusterServiceClassRef":{"name":"gone"},"description":"d3"})"),
};

TEST(Listing, shows_each_kind_with_what_tells_its_objects_apart) {
  EXPECT_EQ(table_of(Kind::broker, {an_object("aws", "", R"({"url":"https://b"})", ready)}, {}),
            "NAME   NAMESPACE   URL         STATUS\n"
            "aws                https://b   Ready\n");
  EXPECT_EQ(table_of(Kind::service_class, classes, {}),
            "NAME   NAMESPACE   BROKER   DESCRIPTION\n"
            "s3                 aws      buckets\n"
            "s3     ns          own      my buckets\n");
  EXPECT_EQ(table_of(Kind::plan, plans, classes),
            "NAME    NAMESPACE   CLASS   DESCRIPTION\n"
            "small               s3      d1\n"
            "small   ns          s3      d2\n"
            "big                 gone    d3\n");
  EXPECT_EQ(
      table_of(
          Kind::instance,
          {an_object("bucket", "ns",
                     R"({"clusterServiceClassExternalName":"s3","clusterServicePlanExternalName":"small"})",
                     failing),
           an_object("queue", "ns", R"({"serviceClassName":"c-2","servicePlanName":"p-2"})")},
          {}),
      "NAME     NAMESPACE   CLASS   PLAN    STATUS\n"
      "bucket   ns          s3      small   Provisioning\n"
      "queue    ns          c-2     p-2\n");
  EXPECT_EQ(
      table_of(Kind::binding, {an_object("b", "ns", R"({"instanceRef":{"name":"bucket"}})", ready)}, {}),
      "NAME   NAMESPACE   INSTANCE   STATUS\n"
      "b      ns          bucket     Ready\n");
  EXPECT_EQ(table_of(Kind::binding, {}, {}), "NAME   NAMESPACE   INSTANCE   STATUS\n");
}

TEST(Listing, is_one_object_or_a_list_as_kubectl_has_it) {
  EXPECT_EQ(document_of({classes[0]}, false), core::json::value(classes[0]));
  for (const auto& [objects, as_list] :
       {std::pair(Objects{classes[0]}, true), std::pair(classes, false), std::pair(Objects{}, false)}) {
    const core::json::value list = document_of(objects, as_list);
    EXPECT_EQ(core::find_string(list, {"kind"}), "List");
    EXPECT_EQ(core::find_string(list, {"apiVersion"}), "v1");
    EXPECT_EQ(core::find_array(list, {"items"})->size(), objects.size());
  }
}

TEST(Listing, is_written_as_json_or_yaml_with_a_line_break_at_its_end) {
  const core::json::value document = core::json::object{{"kind", "List"}, {"yes", "true"}};
  EXPECT_EQ(text_of(document, Output::json), "{\n  \"kind\": \"List\",\n  \"yes\": \"true\"\n}\n");
  EXPECT_EQ(text_of(document, Output::yaml), "kind: List\n\"yes\": \"true\"\n");
}

TEST(Naming, finds_objects_by_what_people_or_kubernetes_call_them) {
  const struct {
    const char* name;
    std::vector<std::string> found;
  } table[] = {
      {"small", {"p-1", "p-2"}},
      {"p-2", {"p-2"}},
      {"s3/small", {"p-1", "p-2"}},
      {"c-2/small", {"p-2"}},
      {"c-2/p-2", {"p-2"}},
      {"c-1/p-2", {}},
      {"gone/big", {}},
      {"big", {"p-3"}},
      {"Small", {}},
      {"", {}},
      {"/small", {"p-1", "p-2"}},
      {"s3/", {}},
  };
  for (const auto& each : table)
    EXPECT_EQ(names_of(named(Kind::plan, plans, classes, each.name)), each.found) << each.name;
  EXPECT_THAT(names_of(named(Kind::service_class, classes, {}, "s3")), ElementsAre("c-1", "c-2"));
  EXPECT_THAT(named(Kind::instance, {an_object("a", "ns", R"({"externalName":"x"})")}, {}, "x"), IsEmpty())
      << "only classes and plans have external names";
}

TEST(Kinds, are_one_resource_or_two_by_scope) {
  const struct {
    Kind kind;
    ScopeChoice scope;
    std::vector<std::string> plurals;
  } table[] = {
      {Kind::broker, ScopeChoice::all, {"clusterservicebrokers", "servicebrokers"}},
      {Kind::service_class, ScopeChoice::cluster, {"clusterserviceclasses"}},
      {Kind::plan, ScopeChoice::namespaced, {"serviceplans"}},
      {Kind::instance, ScopeChoice::cluster, {"serviceinstances"}},
      {Kind::binding, ScopeChoice::all, {"servicebindings"}},
  };
  for (const auto& each : table) {
    std::vector<std::string> found;
    for (const kube::Resource& resource : resources_of(each.kind, each.scope))
      found.push_back(resource.plural);
    EXPECT_EQ(found, each.plurals) << plural(each.kind);
  }
}

}  // namespace
}  // namespace svcat
