#include "catalog/admission/admission.hpp"

#include <gtest/gtest.h>

#include "admission_requests.hpp"
#include "catalog/admission/review.hpp"
#include "core/hash.hpp"
#include "testing/run.hpp"

namespace catalog::admission {
namespace {

TEST(InstanceAdmission, completes_a_new_instance_whose_class_is_known) {
  auto admitted =
      admit_instance(create(resources::service_instances, new_instance(s3_production)), s3_is_known());
  ASSERT_TRUE(admitted) << admitted.error().message;
  InstanceView view(*admitted);
  EXPECT_EQ(view.external_id().size(), 36U);
  EXPECT_EQ(view.class_ref(), "class-id");
  EXPECT_EQ(view.plan_ref(), "plan-id");
  EXPECT_TRUE(view.has_our_finalizer());
  EXPECT_EQ(core::find_int(view.spec(), {"updateRequests"}), 0);
  EXPECT_EQ(*view.user_info(), parse(R"({"username":"alice","uid":"7","groups":["devs"]})"));
}

TEST(InstanceAdmission, changes_nothing_in_what_it_admitted) {
  auto once =
      admit_instance(create(resources::service_instances, new_instance(s3_production)), s3_is_known());
  auto twice = admit_instance(create(resources::service_instances, *once), s3_is_known());
  EXPECT_EQ(*once, *twice);
}

TEST(InstanceAdmission, lets_an_unknown_class_pass_for_the_controller_to_report) {
  auto admitted = admit_instance(create(resources::service_instances, new_instance(s3_production)), {});
  ASSERT_TRUE(admitted);
  EXPECT_EQ(InstanceView(*admitted).class_ref(), "");
}

TEST(InstanceAdmission, believes_neither_userinfo_nor_references_of_the_request) {
  auto admitted = admit_instance(
      create(resources::service_instances,
             new_instance(
                 R"({"clusterServiceClassExternalName":"s3","clusterServicePlanExternalName":"production",
               "userInfo":{"username":"root"},"clusterServicePlanRef":{"name":"other-id"}})")),
      s3_is_known());
  EXPECT_EQ(core::find_string(*admitted, {"spec", "userInfo", "username"}), "alice");
  EXPECT_EQ(InstanceView(*admitted).plan_ref(), "plan-id");
  auto edited = admit_instance(
      update(resources::service_instances, instance(), R"({"spec":{"userInfo":{"username":"root"}}})"), {});
  EXPECT_EQ(core::find_string(*edited, {"spec", "userInfo", "username"}), "kubernetes-admin");
}

TEST(InstanceAdmission, takes_the_only_plan_of_a_class) {
  InstanceFacts facts{.classes = {s3_class()}, .plans = {plan("production", "plan-id")}};
  auto admitted = admit_instance(
      create(resources::service_instances, new_instance(R"({"clusterServiceClassExternalName":"s3"})")),
      facts);
  EXPECT_EQ(core::find_string(*admitted, {"spec", "clusterServicePlanExternalName"}), "production");
}

TEST(InstanceAdmission, refuses_references_that_do_not_fit) {
  struct Case {
    const char* spec;
    const char* message;
  };
  for (const Case& c : {
           Case{R"({})", "names no class"},
           Case{R"({"clusterServiceClassExternalName":"s3","clusterServiceClassName":"class-id"})",
                "names the class more than once"},
           Case{R"({"clusterServiceClassExternalName":"s3","serviceClassExternalName":"s3"})",
                "names the class more than once"},
           Case{R"({"clusterServiceClassExternalName":"s3","servicePlanExternalName":"x"})",
                "has another scope than the class"},
           Case{R"({"clusterServiceClassExternalName":"s3","clusterServicePlanExternalName":"prodution"})",
                "Did you mean \"production\"?"},
           Case{R"({"clusterServiceClassExternalName":"s3"})", "to one of production, custom"},
       }) {
    auto admitted = admit_instance(create(resources::service_instances, new_instance(c.spec)), s3_is_known());
    EXPECT_NE(verdict(admitted).find(c.message), std::string::npos) << c.spec << ": " << verdict(admitted);
  }
}

TEST(InstanceAdmission, checks_parameters_against_the_plans_schema) {
  InstanceFacts facts = s3_is_known();
  facts.plans[0] = patched(
      facts.plans[0],
      R"({"spec":{"instanceCreateParameterSchema":{"$schema":"http://json-schema.org/draft-06/schema#",
    "type":"object","openshift_form_definition":[],"required":["Name"],
    "properties":{"Name":{"type":"string"},"Size":{"type":"integer"},"Logging":{"type":"string","enum":["True","False"]}}}}})");
  auto with = [&](const std::string& parameters, const char* more = "") {
    return verdict(admit_instance(
        create(
            resources::service_instances,
            new_instance(
                R"({"clusterServiceClassExternalName":"s3","clusterServicePlanExternalName":"production","parameters":)" +
                parameters + more + "}")),
        facts));
  };
  EXPECT_EQ(with(R"({"Name":"a"})"), "admitted");
  EXPECT_EQ(with(R"({"Name":"a","Sise":1})"),
            "spec.parameters: The parameter Sise is not available. Did you mean Size?");
  EXPECT_EQ(with("{}"), "spec.parameters: The parameter Name is required.");
  EXPECT_EQ(with("{}", R"(,"parametersFrom":[{"secretKeyRef":{"name":"x","key":"y"}}])"), "admitted");
  EXPECT_NE(with(R"({"Name":"a","Logging":"maybe"})").find("The parameter Logging must be one of"),
            std::string::npos);
  EXPECT_NE(with("[]").find("must be an object"), std::string::npos);
}

TEST(InstanceAdmission, decides_about_edits) {
  constexpr const char* running = R"({"status":{"asyncOpInProgress":true,"currentOperation":"Provision"}})";
  constexpr const char* retrying = R"({"status":{"currentOperation":"Provision","retry":{"attempts":2}}})";
  constexpr const char* provisioned = R"({"status":{"provisionStatus":"Provisioned"}})";
  constexpr const char* other_plan = R"({"spec":{"clusterServicePlanExternalName":"custom"}})";
  struct Case {
    const char* sentence;
    const char* before;
    const char* patch;
    const char* message;
  };
  for (const Case& c : {
           Case{"the class stays", "{}", R"({"spec":{"clusterServiceClassExternalName":"sqs"}})",
                "the class cannot be changed"},
           Case{"the external id stays", "{}", R"({"spec":{"externalID":"x"}})",
                "spec.externalID: cannot be changed"},
           Case{"nothing changes under a running operation", running, other_plan,
                "while an operation is in progress"},
           Case{"labels do", running, R"({"metadata":{"labels":{"a":"b"}}})", "admitted"},
           Case{"what waits to be repeated can be repaired", retrying, other_plan, "admitted"},
           Case{"the plan changes where the class allows it", provisioned, other_plan, "admitted"},
           Case{"updateRequests only grows", R"({"spec":{"updateRequests":3}})",
                R"({"spec":{"updateRequests":2}})", "must not decrease"},
       }) {
    auto admitted =
        admit_instance(update(resources::service_instances, instance(c.before), c.patch), s3_is_known());
    EXPECT_NE(verdict(admitted).find(c.message), std::string::npos)
        << c.sentence << ": " << verdict(admitted);
  }
  InstanceFacts of_plans = s3_is_known();
  of_plans.plans[0] = patched(of_plans.plans[0], R"({"spec":{"planUpdatable":false}})");
  for (const char* in_use : {"plan-id", "other-id"}) {
    json::object before = patched(instance(provisioned),
                                  R"({"status":{"externalProperties":{"clusterServicePlanExternalID":")" +
                                      std::string(in_use) + R"("}}})");
    bool may_leave = verdict(admit_instance(update(resources::service_instances, before, other_plan),
                                            of_plans)) == "admitted";
    EXPECT_EQ(may_leave, std::string_view(in_use) == "other-id")
        << "the plan in use says whether it may be left";
  }
  InstanceFacts fixed = s3_is_known();
  fixed.classes[0] = patched(fixed.classes[0], R"({"spec":{"planUpdatable":false}})");
  auto refused =
      admit_instance(update(resources::service_instances, instance(provisioned), other_plan), fixed);
  EXPECT_NE(verdict(refused).find("cannot be changed after creation"), std::string::npos);
}

TEST(InstanceAdmission, resolves_a_changed_plan_anew_and_keeps_the_references_otherwise) {
  auto changed = admit_instance(update(resources::service_instances, instance(),
                                       R"({"spec":{"clusterServicePlanExternalName":"custom"}})"),
                                s3_is_known());
  EXPECT_EQ(InstanceView(*changed).plan_ref(), "other-id");
  EXPECT_EQ(core::find_string(*changed, {"spec", "userInfo", "username"}), "alice");
  // A client that replaces the object leaves out what the catalog wrote.
  auto replaced = admit_instance(
      update(resources::service_instances, instance(), R"({"spec":{"clusterServicePlanRef":null,
    "clusterServiceClassRef":null,"userInfo":null,"updateRequests":null}})"),
      {});
  EXPECT_EQ(ObjectView(*replaced).spec(), ObjectView(instance()).spec());
}

TEST(BindingAdmission, completes_and_then_keeps_it) {
  auto admitted = admit_binding(
      create(resources::service_bindings,
             parse(R"({"metadata":{"name":"b","namespace":"n"},"spec":{"instanceRef":{"name":"a"}}})")),
      {});
  ASSERT_TRUE(admitted);
  EXPECT_EQ(core::find_string(*admitted, {"spec", "secretName"}), "b");
  EXPECT_EQ(core::find_string(*admitted, {"spec", "externalID"}).size(), 36U);
  EXPECT_EQ(core::find_string(*admitted, {"spec", "userInfo", "username"}), "alice");
  for (const char* patch : {R"({"spec":{"instanceRef":{"name":"x"}}})", R"({"spec":{"secretName":"x"}})",
                            R"({"spec":{"parameters":{"a":1}}})"}) {
    auto edited = admit_binding(update(resources::service_bindings, *admitted, patch), {});
    EXPECT_NE(verdict(edited).find("cannot be changed"), std::string::npos) << patch;
  }
  EXPECT_EQ(verdict(admit_binding(
                update(resources::service_bindings, *admitted, R"({"metadata":{"labels":{"a":"b"}}})"), {})),
            "admitted");
}

TEST(BindingAdmission, refuses_an_instance_that_is_being_deleted) {
  BindingFacts facts{.instance = instance(R"({"metadata":{"deletionTimestamp":"2026-01-31T10:00:00Z"}})"),
                     .plan = {},
                     .unreadable_secrets = {}};
  auto admitted =
      admit_binding(create(resources::service_bindings,
                           parse(R"({"metadata":{"name":"b"},"spec":{"instanceRef":{"name":"s3-bucket"}}})")),
                    facts);
  EXPECT_NE(verdict(admitted).find("is being deleted"), std::string::npos);
}

TEST(BindingAdmission, says_what_is_wrong_with_transforms_and_rotation) {
  struct Case {
    const char *spec, *message;
  };
  for (const Case& c : {
           Case{R"({"rotation":{"interval":"720h","overlap":"24h"}})", "admitted"},
           Case{R"({"rotation":{"overlap":"5s"}})", "admitted"},
           Case{R"({"rotation":{"interval":"30s","overlap":"5s"}})",
                "spec.rotation.interval: must be a duration of at least 1m"},
           Case{R"({"rotation":{"interval":"often"}})", "spec.rotation.interval: must be a duration"},
           Case{R"({"rotation":{"interval":"1h","overlap":"1h"}})", "must be longer than overlap"},
           Case{R"({"rotation":{"interval":"30m"}})", "must be longer than overlap"},
           Case{R"({"rotation":{"overlap":"0s"}})",
                "spec.rotation.overlap: must be a duration of at least 1s"},
           Case{R"({"secretTransforms":[{"addKey":{"key":"a","jsonPathExpression":"{.a"}}]})",
                "spec.secretTransforms[0].addKey.jsonPathExpression"},
           Case{R"({"secretTransforms":[{"addKey":{"key":"a","template":"{{a | shout}}"}}]})",
                "there is no function \"shout\""},
           Case{R"({"secretTransforms":[{"addKeysFrom":{"secretRef":{}}}]})", "secretRef.name is required"},
       }) {
    json::object object =
        patched(parse(R"({"metadata":{"name":"b","namespace":"n"},"spec":{"instanceRef":{"name":"a"}}})"),
                R"({"spec":)" + std::string(c.spec) + "}");
    auto admitted = admit_binding(create(resources::service_bindings, object), {});
    EXPECT_NE(verdict(admitted).find(c.message), std::string::npos) << c.spec << ": " << verdict(admitted);
  }
}

TEST(BindingAdmission, shows_nobody_a_secret_that_he_may_not_read) {
  boost::asio::io_context io;
  EmptyCluster lookup({"n", "mine"});
  auto adding_keys_from = [](const char* secret) {
    json::object object = parse(
        R"({"metadata":{"name":"b","namespace":"n"},"spec":{"instanceRef":{"name":"a"},"secretTransforms":[]}})");
    object["spec"].as_object()["secretTransforms"].as_array().push_back(
        parse(R"({"addKeysFrom":{"secretRef":)" + std::string(secret) + "}}"));
    return create(resources::service_bindings, object);
  };
  EXPECT_EQ(verdict(fakes::run(io, admit(adding_keys_from(R"({"name":"mine"})"), lookup))), "admitted");
  EXPECT_NE(
      verdict(fakes::run(io, admit(adding_keys_from(R"({"name":"mine","namespace":"kube-system"})"), lookup)))
          .find("user \"alice\" may not get Secret \"kube-system/mine\" (addKeysFrom)"),
      std::string::npos);
}

TEST(BrokerAdmission, says_what_is_wrong_with_a_broker) {
  struct Case {
    const char* spec;
    std::optional<bool> may_read;
    const char* message;
  };
  for (const Case& c : {
           Case{R"({"url":"https://x"})", {}, "admitted"},
           Case{R"({})", {}, "spec.url: is required"},
           Case{R"({"url":"ftp://x"})", {}, "spec.url"},
           Case{R"({"url":"https://x","relistDuration":"0s"})",
                {},
                "spec.relistDuration: must be a duration greater than zero"},
           Case{R"({"url":"https://x","relistDuration":"soon"})", {}, "spec.relistDuration"},
           Case{R"({"url":"https://x","caBundle":"aGVsbG8="})", {}, "spec.caBundle: must be PEM"},
           Case{R"({"url":"https://x","authInfo":{"basic":{"secretRef":{"name":"s","namespace":"n"}}}})",
                true, "admitted"},
           Case{R"({"url":"https://x","authInfo":{"basic":{"secretRef":{"name":"s","namespace":"n"}}}})",
                false, "user \"alice\" may not get Secret \"n/s\""},
           Case{R"({"url":"https://x","authInfo":{"basic":{"secretRef":{"name":"s"}}}})",
                {},
                "secretRef.namespace is required"},
           Case{R"({"url":"https://x","catalogRestrictions":{"serviceClass":["color=red"]}})",
                {},
                "there is no property color"},
       }) {
    json::object object = parse(R"({"metadata":{"name":"b"},"spec":)" + std::string(c.spec) + "}");
    auto admitted =
        admit_broker(create(resources::cluster_service_brokers, object), cluster_scope(), {c.may_read});
    EXPECT_NE(verdict(admitted).find(c.message), std::string::npos) << c.spec << ": " << verdict(admitted);
    if (admitted) {
      EXPECT_EQ(core::find_string(*admitted, {"spec", "relistBehavior"}), "Duration");
    }
  }
}

// Knows nothing, and must not be asked.
class NoLookup final : public Lookup {
 public:
  async::Task<core::Result<std::vector<json::object>>> find_by_field(kube::Resource, std::string, std::string,
                                                                     std::string) override {
    throw std::logic_error("asked");
  }
  async::Task<core::Result<std::vector<json::object>>> plans_of_class(const Scope&, std::string,
                                                                      std::string) override {
    throw std::logic_error("asked");
  }
  async::Task<core::Result<std::optional<json::object>>> get(kube::Resource, kube::ObjectKey) override {
    throw std::logic_error("asked");
  }
  async::Task<core::Result<bool>> may_read_secret(User, kube::ObjectKey) override {
    throw std::logic_error("asked");
  }
  async::Task<core::Result<bool>> may(User, std::string, kube::Resource, kube::ObjectKey) override {
    throw std::logic_error("asked");
  }
  async::Task<core::Result<std::vector<json::object>>> with_external_id(kube::Resource,
                                                                        std::string) override {
    throw std::logic_error("asked");
  }
};

TEST(Admission, lets_objects_that_it_would_refuse_today_be_released) {
  boost::asio::io_context io;
  NoLookup lookup;
  constexpr const char* deleted = R"({"metadata":{"finalizers":["kubernetes-incubator/service-catalog"],
    "deletionTimestamp":"2026-01-31T10:00:00Z"},"spec":{"odd":true}})";
  for (const kube::Resource* resource : {&resources::cluster_service_brokers, &resources::service_classes,
                                         &resources::service_instances, &resources::service_bindings}) {
    Request request = update(*resource, parse(deleted), R"({"metadata":{"finalizers":null}})");
    json::object expected = request.object;
    auto admitted = fakes::run(io, admit(std::move(request), lookup));
    ASSERT_TRUE(admitted) << resource->kind;
    EXPECT_EQ(*admitted, expected) << resource->kind;
  }
}

TEST(Admission, has_nothing_to_say_about_status_and_other_groups) {
  EXPECT_TRUE(concerns(resources::service_instances, ""));
  EXPECT_FALSE(concerns(resources::service_instances, "status"));
  EXPECT_FALSE(concerns(kube::resources::secrets, ""));
}

TEST(Review, is_answered_by_a_patch_to_the_admitted_object_or_a_denial) {
  json::value body =
      parse(R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u1",
    "kind":{"group":"servicecatalog.k8s.io","version":"v1beta1","kind":"ServiceBinding"},
    "resource":{"group":"servicecatalog.k8s.io","version":"v1beta1","resource":"servicebindings"},
    "operation":"CREATE","name":"b","namespace":"n","userInfo":{"username":"alice","groups":["devs"]},
    "object":{"metadata":{"name":"b","annotations":{"a/b":"c"}},"spec":{}}}})");
  auto review = read_review(body);
  ASSERT_TRUE(review);
  EXPECT_EQ(review->request.user.groups, std::vector<std::string>{"devs"});
  json::object admitted = patched(review->request.object,
                                  R"({"metadata":{"annotations":{"a/b":"d"}},"spec":{"secretName":"b"}})");
  json::object answer = answer_review(*review, WebhookKind::mutating, admitted);
  EXPECT_EQ(core::find_bool(answer, {"response", "allowed"}), true);
  EXPECT_EQ(
      core::base64_decode(core::find_string(answer, {"response", "patch"})).value(),
      R"([{"op":"replace","path":"/metadata/annotations/a~1b","value":"d"},{"op":"add","path":"/spec/secretName","value":"b"}])");
  answer = answer_review(*review, WebhookKind::validating, invalid("spec.url", "is required"));
  EXPECT_EQ(core::find_bool(answer, {"response", "allowed"}), false);
  EXPECT_EQ(core::find_int(answer, {"response", "status", "code"}), 422);
  EXPECT_FALSE(read_review(parse(R"({"kind":"Pod"})")));
}

// Denials quote what the user wrote, which may be a password in the wrong place.
TEST(Review, that_ends_in_a_denial_is_logged_without_its_words) {
  boost::asio::io_context io;
  EmptyCluster lookup;
  net::Request request{.method = "POST", .target = "/validate"};
  request.body = R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u1",
    "kind":{"group":"servicecatalog.k8s.io","version":"v1beta1","kind":"ServiceInstance"},
    "resource":{"group":"servicecatalog.k8s.io","version":"v1beta1","resource":"serviceinstances"},
    "operation":"CREATE","name":"a","namespace":"n","userInfo":{"username":"alice"},
    "object":{"metadata":{"name":"a"},"spec":{"clusterServiceClassExternalName":"s3",
      "parametersFrom":[{"secretKeyRef":{"name":"Open_Sesame","key":"k"}}]}}}})";
  testing::internal::CaptureStderr();
  net::Response answer = fakes::run(io, handle_review(request, WebhookKind::validating, lookup));
  const std::string log = testing::internal::GetCapturedStderr();
  const std::string& told = std::get<std::string>(answer.body);
  EXPECT_NE(told.find("Open_Sesame"), std::string::npos) << told;
  EXPECT_EQ(log.find("Open_Sesame"), std::string::npos) << log;
  EXPECT_NE(log.find("n/a"), std::string::npos) << log;
}

TEST(BindingAdmission, bounds_the_number_of_transforms) {
  json::object object = parse(
      R"({"metadata":{"name":"b","namespace":"n"},"spec":{"instanceRef":{"name":"a"},"secretTransforms":[]}})");
  json::array& transforms = object["spec"].as_object()["secretTransforms"].as_array();
  for (int i = 0; i < 201; ++i) transforms.push_back(json::object{{"removeKey", {{"key", "a"}}}});
  auto admitted = admit_binding(create(resources::service_bindings, object), {});
  EXPECT_NE(verdict(admitted).find("at most 200"), std::string::npos) << verdict(admitted);
}

}  // namespace
}  // namespace catalog::admission
