// The annotations that steer deletion: who may set them, and what they refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admission_requests.hpp"
#include "catalog/admission/admission.hpp"
#include "testing/run.hpp"

namespace catalog::admission {
namespace {

using testing::HasSubstr;

// Where users may or may not abandon.
class Rights final : public EmptyCluster {
 public:
  explicit Rights(bool abandon) : abandon_(abandon) {}
  async::Task<core::Result<bool>> may(User user, std::string verb, kube::Resource resource,
                                      kube::ObjectKey object) override {
    EXPECT_EQ(verb, "abandon");
    abandoning.push_back(user.username + " " + resource.plural + " " + object.to_string());
    co_return abandon_;
  }
  std::vector<std::string> abandoning;

 private:
  bool abandon_;
};

std::string annotated(std::string_view name, std::string_view value = "true") {
  return R"({"metadata":{"annotations":{"servicecatalog.k8s.io/)" + std::string(name) + "\":\"" +
         std::string(value) + "\"}}}";
}

Request request(Operation operation, json::object before, json::object after) {
  const json::object& named = operation == Operation::create ? after : before;
  return {.resource = resources::service_instances,
          .subresource = {},
          .operation = operation,
          .key = kube::key_of(named),
          .object = std::move(after),
          .old_object = std::move(before),
          .user = {.username = "alice", .uid = "7", .groups = {"devs"}, .extra = {}}};
}

std::string verdict(Request asked, Rights& rights) {
  boost::asio::io_context io;
  auto admitted = fakes::run(io, admit(std::move(asked), rights));
  return admitted ? "admitted" : admitted.error().message;
}

TEST(AbandonAdmission, takes_a_verb_of_its_own) {
  Rights allowed(true), refused(false);
  json::object deleted = instance(R"({"metadata":{"deletionTimestamp":"2026-01-31T10:00:00Z"}})");
  EXPECT_EQ(verdict(request(Operation::update, deleted, patched(deleted, annotated("abandon"))), allowed),
            "admitted");
  EXPECT_THAT(allowed.abandoning, testing::ElementsAre("alice serviceinstances s3-demo/s3-bucket"));
  EXPECT_THAT(verdict(request(Operation::update, deleted, patched(deleted, annotated("abandon"))), refused),
              HasSubstr("the verb \"abandon\" on serviceinstances.servicecatalog.k8s.io"));
  EXPECT_THAT(verdict(request(Operation::create, {}, instance(annotated("abandon"))), refused),
              HasSubstr("abandon"));
}

TEST(AbandonAdmission, asks_only_where_it_is_switched_on) {
  Rights refused(false);
  json::object given_up = instance(annotated("abandon"));
  EXPECT_EQ(
      verdict(request(Operation::update, given_up, patched(given_up, R"({"metadata":{"finalizers":null}})")),
              refused),
      "admitted");
  EXPECT_EQ(
      verdict(request(Operation::update, given_up, patched(given_up, annotated("abandon", ""))), refused),
      "admitted");
  EXPECT_EQ(verdict(request(Operation::update, instance(), instance(annotated("abandon", "false"))), refused),
            "admitted");
  EXPECT_TRUE(refused.abandoning.empty());
}

TEST(RemovalAdmission, refuses_what_is_protected_and_says_how_to_go_on) {
  Rights rights(true);
  EXPECT_EQ(verdict(request(Operation::remove, instance(), {}), rights), "admitted");
  std::string denial =
      verdict(request(Operation::remove, instance(annotated("prevent-deletion")), {}), rights);
  EXPECT_THAT(denial, HasSubstr("ServiceInstance \"s3-bucket\" is protected from deletion"));
  EXPECT_THAT(denial,
              HasSubstr("kubectl annotate -n s3-demo serviceinstances.servicecatalog.k8s.io s3-bucket "
                        "servicecatalog.k8s.io/prevent-deletion-"));
}

}  // namespace
}  // namespace catalog::admission
