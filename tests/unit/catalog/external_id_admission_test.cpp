// External ids that users name: whose they are already, and who may take one over from another namespace.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admission_requests.hpp"
#include "catalog/admission/admission.hpp"
#include "testing/fake_kube_api.hpp"
#include "testing/run.hpp"

namespace catalog::admission {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Objects that have ids, and what the user may do ("get serviceinstances shop/orders").
class Cluster final : public EmptyCluster {
 public:
  async::Task<core::Result<bool>> may(User user, std::string verb, kube::Resource resource,
                                      kube::ObjectKey object) override {
    EXPECT_EQ(user.username, "alice");
    questions.push_back(verb + " " + resource.plural + " " + object.to_string());
    if (broken) co_return core::fail(core::ErrorKind::unavailable, "no answer");
    co_return std::ranges::find(rights, questions.back()) != rights.end();
  }
  async::Task<core::Result<std::vector<json::object>>> with_external_id(kube::Resource resource,
                                                                        std::string id) override {
    ++searches;
    std::vector<json::object> found;
    for (const json::object& object : objects) {
      bool same_kind = core::find_string(object, {"kind"}) == resource.kind;
      if (same_kind && core::find_string(object, {"spec", "externalID"}) == id) found.push_back(object);
    }
    co_return found;
  }
  std::string verdict(Request request) {
    boost::asio::io_context io;
    return admission::verdict(fakes::run(io, admit(std::move(request), *this)));
  }

  std::vector<json::object> objects;
  std::vector<std::string> rights, questions;
  int searches = 0;
  bool broken = false;
};

json::object orders(std::string_view patch = "{}") {
  return patched(instance(patch), R"({"metadata":{"namespace":"shop","name":"orders"}})");
}

Request claim(std::string_view patch = "{}") {
  return create(resources::service_instances,
                patched(instance(patch), R"({"metadata":{"namespace":"other","name":"copy"}})"));
}

TEST(ExternalIdAdmission, refuses_a_second_instance_and_names_the_first_to_who_may_see_it) {
  Cluster cluster;
  cluster.objects = {orders()};
  cluster.rights = {"get serviceinstances shop/orders"};
  EXPECT_THAT(
      cluster.verdict(claim()),
      HasSubstr("spec.externalID: \"instance-id\" is already linked by the ServiceInstance shop/orders"));
  cluster.rights.clear();
  EXPECT_THAT(cluster.verdict(claim()),
              AllOf(HasSubstr("is already linked by another ServiceInstance of this cluster"),
                    Not(HasSubstr("shop")), Not(HasSubstr("orders"))));
  cluster.broken = true;
  EXPECT_NE(cluster.verdict(claim()), "admitted");
}

TEST(ExternalIdAdmission, refuses_a_second_binding) {
  Cluster cluster;
  cluster.objects = {binding()};
  EXPECT_THAT(cluster.verdict(
                  create(resources::service_bindings, patched(binding(), R"({"metadata":{"name":"copy"}})"))),
              HasSubstr("is already linked by another ServiceBinding"));
}

TEST(ExternalIdAdmission, waits_for_the_first_to_go_and_knows_when_it_has_let_go) {
  Cluster cluster;
  cluster.objects = {orders(R"({"metadata":{"deletionTimestamp":"2026-01-31T10:00:00Z"}})")};
  EXPECT_THAT(cluster.verdict(claim()), HasSubstr("which is being deleted: try again when it is gone"));
  cluster.objects = {orders(
      R"({"metadata":{"deletionTimestamp":"2026-01-31T10:00:00Z","finalizers":["foregroundDeletion"]}})")};
  EXPECT_EQ(cluster.verdict(claim()), "admitted");
}

TEST(ExternalIdAdmission, asks_nobody_about_ids_that_are_made_here_and_about_edits) {
  Cluster cluster;
  cluster.objects = {orders()};
  EXPECT_EQ(cluster.verdict(claim(R"({"spec":{"externalID":null}})")), "admitted");
  EXPECT_EQ(cluster.verdict(
                update(resources::service_instances, orders(), R"({"spec":{"parameters":{"Size":3}}})")),
            "admitted");
  EXPECT_EQ(cluster.searches, 0);
  EXPECT_EQ(cluster.verdict(create(resources::service_instances, orders())), "admitted") << "itself";
}

constexpr const char* from_shop =
    R"({"metadata":{"annotations":{"servicecatalog.k8s.io/adopt-from":"shop"}}})";
constexpr const char* from_afar =
    R"({"metadata":{"annotations":{"servicecatalog.k8s.io/adopt-from":"c-7/shop"}}})";

TEST(AdoptionAdmission, takes_a_verb_of_its_own_where_the_instance_comes_from) {
  Cluster cluster;
  EXPECT_THAT(
      cluster.verdict(claim(from_shop)),
      HasSubstr("the verb \"adopt\" on serviceinstances.servicecatalog.k8s.io in the namespace \"shop\""));
  EXPECT_THAT(cluster.verdict(claim(from_afar)), HasSubstr("in all namespaces"));
  EXPECT_THAT(cluster.questions, ElementsAre("adopt serviceinstances shop/", "adopt serviceinstances "));
  cluster.rights = {"adopt serviceinstances shop/"};
  EXPECT_EQ(cluster.verdict(claim(from_shop)), "admitted");
  EXPECT_NE(cluster.verdict(claim(from_afar)), "admitted");
  cluster.rights = {"adopt serviceinstances "};
  EXPECT_EQ(cluster.verdict(claim(from_afar)), "admitted");
  cluster.broken = true;
  EXPECT_THAT(cluster.verdict(claim(from_shop)), HasSubstr("no answer"));
}

TEST(AdoptionAdmission, is_asked_when_it_is_set_or_changed_later) {
  Cluster cluster;
  EXPECT_NE(cluster.verdict(update(resources::service_instances, instance(), from_shop)), "admitted");
  EXPECT_NE(cluster.verdict(update(resources::service_instances, instance(from_afar), from_shop)),
            "admitted");
  cluster.questions.clear();
  EXPECT_EQ(cluster.verdict(update(resources::service_instances, instance(from_shop),
                                   R"({"metadata":{"labels":{"a":"b"}}})")),
            "admitted");
  EXPECT_EQ(cluster.verdict(update(resources::service_instances, instance(from_shop),
                                   R"({"metadata":{"annotations":null}})")),
            "admitted");
  EXPECT_TRUE(cluster.questions.empty());
}

TEST(AdoptionAdmission, says_what_is_no_namespace) {
  Cluster cluster;
  for (const char* value : {"Shop", "/shop", "c/", "c/d/Shop", "a b/shop"}) {
    std::string patch = R"({"metadata":{"annotations":{"servicecatalog.k8s.io/adopt-from":")" +
                        std::string(value) + R"("}}})";
    EXPECT_THAT(cluster.verdict(claim(patch)), HasSubstr("must be the namespace")) << value;
  }
}

TEST(KubeLookupOfExternalIds, looks_in_all_namespaces_by_the_field_or_where_there_is_none_by_reading_all) {
  boost::asio::io_context io;
  fakes::FakeKubeApi api(io.get_executor());
  kube::Client client(api, "test");
  KubeLookup lookup(client);
  const std::string path = "/apis/servicecatalog.k8s.io/v1beta1/serviceinstances";
  api.put(path, orders());
  api.put(path, patched(orders(), R"({"metadata":{"name":"else"},"spec":{"externalID":"else"}})"));
  auto found = fakes::run(io, lookup.with_external_id(resources::service_instances, "instance-id"));
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1U);
  EXPECT_THAT(api.requests().back().target, HasSubstr("fieldSelector=spec.externalID"));
  EXPECT_THAT(api.requests().back().target, Not(HasSubstr("/namespaces/")));
  api.answer_next(400,
                  R"({"kind":"Status","status":"Failure","code":400,"message":"field label not supported"})");
  found = fakes::run(io, lookup.with_external_id(resources::service_instances, "instance-id"));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->size(), 1U);
  // Where nobody says that a user may, he may not.
  api.answer_next(404, R"({"kind":"Status","status":"Failure","code":404,"reason":"NotFound"})");
  auto allowed = fakes::run(io, lookup.may(alice, "adopt", resources::service_instances, {"shop", ""}));
  EXPECT_FALSE(allowed && *allowed);
}

}  // namespace
}  // namespace catalog::admission
