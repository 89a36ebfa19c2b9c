// The rules of admission that bad input meets: one row for each.
#include <gtest/gtest.h>

#include "admission_requests.hpp"
#include "catalog/admission/admission.hpp"
#include "testing/run.hpp"

namespace catalog::admission {
namespace {

void expect_told(const Admitted& admitted, std::string_view message, std::string_view sentence) {
  EXPECT_NE(verdict(admitted).find(message), std::string::npos) << sentence << ": " << verdict(admitted);
}

TEST(InstanceAdmission, labels_an_instance_with_what_it_refers_to) {
  auto admitted =
      admit_instance(create(resources::service_instances, new_instance(s3_production)), s3_is_known());
  ASSERT_TRUE(admitted);
  // printf class-id | sha224sum
  EXPECT_EQ(core::find_string(
                *admitted, {"metadata", "labels", "servicecatalog.k8s.io/spec.clusterServiceClassRef.name"}),
            field_label_value("class-id"));
  EXPECT_EQ(core::find_string(
                *admitted, {"metadata", "labels", "servicecatalog.k8s.io/spec.clusterServicePlanRef.name"}),
            field_label_value("plan-id"));
  auto unknown = admit_instance(create(resources::service_instances, new_instance(s3_production)), {});
  EXPECT_TRUE(core::find_object(*unknown, {"metadata", "labels"})->empty());
}

TEST(InstanceAdmission, takes_every_way_of_naming_class_and_plan) {
  for (const Scope* scope : {&cluster_scope(), &namespaced_scope()}) {
    const ReferenceFields& classes = scope->class_fields;
    const ReferenceFields& plans = scope->plan_fields;
    InstanceFacts facts;
    facts.classes.push_back(
        parse(R"({"metadata":{"name":"k8s-name"},"spec":{"externalName":"s3","externalID":"class-id"}})"));
    facts.plans.push_back(
        parse(R"({"metadata":{"name":"plan-name"},"spec":{"externalName":"gold","externalID":"plan-id"}})"));
    facts.plans.push_back(
        parse(R"({"metadata":{"name":"other"},"spec":{"externalName":"iron","externalID":"x"}})"));
    using Way = std::pair<std::string_view, std::string_view>;
    for (Way class_way :
         {Way{classes.external_name, "s3"}, {classes.external_id, "class-id"}, {classes.name, "k8s-name"}}) {
      for (Way plan_way :
           {Way{plans.external_name, "gold"}, {plans.external_id, "plan-id"}, {plans.name, "plan-name"}}) {
        json::object object = new_instance("{}");
        core::set(object, {"spec", class_way.first}, json::string(class_way.second));
        core::set(object, {"spec", plan_way.first}, json::string(plan_way.second));
        auto admitted = admit_instance(create(resources::service_instances, object), facts);
        ASSERT_TRUE(admitted) << class_way.first << " " << plan_way.first << ": " << verdict(admitted);
        EXPECT_EQ(InstanceView(*admitted).class_ref(), "k8s-name") << class_way.first;
        EXPECT_EQ(InstanceView(*admitted).plan_ref(), "plan-name") << plan_way.first;
      }
    }
  }
}

TEST(InstanceAdmission, chooses_by_itself_among_what_is_still_offered) {
  InstanceFacts facts = s3_is_known();
  facts.plans[1] = patched(facts.plans[1], R"({"status":{"removedFromBrokerCatalog":true}})");
  auto admitted = admit_instance(
      create(resources::service_instances, new_instance(R"({"clusterServiceClassExternalName":"s3"})")),
      facts);
  ASSERT_TRUE(admitted) << verdict(admitted);
  EXPECT_EQ(InstanceView(*admitted).plan_ref(), "plan-id");
}

TEST(InstanceAdmission, says_what_is_wrong_with_bad_input) {
  struct Case {
    const char* sentence;
    std::string spec;
    const char* message;
  };
  InstanceFacts twice = s3_is_known();
  twice.classes.push_back(s3_class());
  for (
      const Case& c : {
          Case{"an id that no broker would take",
               R"({"clusterServiceClassExternalName":"s3","externalID":")" + std::string(64, 'x') + R"("})",
               "spec.externalID: must be no more than 63 bytes"},
          Case{
              "a Secret that cannot be",
              R"({"clusterServiceClassExternalName":"s3","parametersFrom":[{"secretKeyRef":{"name":"a","key":"k"}},{"secretKeyRef":{"name":"Über","key":"k"}}]})",
              "spec.parametersFrom[1].secretKeyRef.name: \"Über\" cannot be the name of a Secret"},
          Case{"a class of two brokers", s3_production,
               "is offered by 2 brokers. Name the class by spec.clusterServiceClassName"},
      }) {
    expect_told(admit_instance(create(resources::service_instances, new_instance(c.spec)), twice), c.message,
                c.sentence);
  }
  std::string huge = R"({"clusterServiceClassExternalName":"s3","clusterServicePlanExternalName":")" +
                     std::string(500000, 'p') + R"("})";
  auto refused = admit_instance(create(resources::service_instances, new_instance(huge)), s3_is_known());
  EXPECT_LT(verdict(refused).size(), 1000U);
  EXPECT_NE(verdict(refused).find("does not exist"), std::string::npos);
}

TEST(BindingAdmission, believes_no_userinfo_of_a_request_and_checks_names) {
  json::object old = binding(R"({"spec":{"userInfo":null}})");
  auto forged =
      admit_binding(update(resources::service_bindings, old,
                           R"({"spec":{"userInfo":{"username":"root"}},"metadata":{"labels":{"a":"b"}}})"),
                    {});
  ASSERT_TRUE(forged) << verdict(forged);
  EXPECT_EQ(core::find(*forged, {"spec", "userInfo"}), nullptr);
  auto named = [](const char* spec) {
    return admit_binding(
        create(
            resources::service_bindings,
            patched(parse(R"({"metadata":{"name":"b","namespace":"n"},"spec":{"instanceRef":{"name":"a"}}})"),
                    spec)),
        {});
  };
  expect_told(named(R"({"spec":{"secretName":"Not_A_Name"}})"),
              "spec.secretName: \"Not_A_Name\" cannot be the name of a Secret", "secretName");
  expect_told(named(R"({"metadata":{"name":null,"generateName":"b-"}})"), "admitted", "generateName");
  expect_told(named(R"({"spec":{"instanceRef":null}})"), "spec.instanceRef.name: is required", "instanceRef");
}

TEST(BrokerAdmission, refuses_addresses_that_it_could_not_use) {
  struct Case {
    const char* url;
    const char* message;
  };
  for (const Case& c : {
           Case{"http://broker:8080/prefix", "admitted"},
           Case{"HTTPS://broker", "admitted"},
           Case{"ftp://broker", "the scheme must be http or https"},
           Case{"file:///etc/passwd", "the scheme must be http or https"},
           Case{"https://", "spec.url"},
           Case{"broker:8080", "spec.url"},
           Case{"https://broker/#top", "fragment"},
           Case{"https://broker/?a=b", "must have no query"},
           Case{"https://bröker", "spec.url"},
           Case{"https://user:hunter2@broker", "must not hold a user name or password"},
       }) {
    json::object object = parse(R"({"metadata":{"name":"b"},"spec":{}})");
    core::set(object, {"spec", "url"}, c.url);
    auto admitted = admit_broker(create(resources::cluster_service_brokers, object), cluster_scope(), {});
    expect_told(admitted, c.message, c.url);
    EXPECT_EQ(verdict(admitted).find("hunter2"), std::string::npos);
  }
}

TEST(BrokerAdmission, sets_defaults_and_the_finalizer_and_lets_relist_requests_only_grow) {
  json::object object = parse(R"({"metadata":{"name":"b"},"spec":{"url":"https://b"}})");
  auto admitted = admit_broker(create(resources::cluster_service_brokers, object), cluster_scope(), {});
  ASSERT_TRUE(admitted);
  EXPECT_TRUE(ObjectView(*admitted).has_our_finalizer());
  EXPECT_EQ(core::find_int(*admitted, {"spec", "relistRequests"}), 0);
  json::object listed = patched(*admitted, R"({"spec":{"relistRequests":4}})");
  auto edited = [&](const char* patch) {
    return admit_broker(update(resources::cluster_service_brokers, listed, patch), cluster_scope(), {});
  };
  EXPECT_EQ(core::find_int(*edited(R"({"spec":{"relistRequests":null}})"), {"spec", "relistRequests"}), 4);
  expect_told(edited(R"({"spec":{"relistRequests":3}})"), "spec.relistRequests: must not decrease; it is 4",
              "less");
  expect_told(edited(R"({"spec":{"relistDuration":"-5m"}})"), "spec.relistDuration", "negative");
  expect_told(
      edited(R"({"spec":{"insecureSkipTLSVerify":true,"caBundle":"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t"}})"),
      "spec.insecureSkipTLSVerify: cannot be used together with caBundle", "both");
  expect_told(edited(R"({"spec":{"authInfo":{"basic":{"secretRef":{"name":"A_B","namespace":"n"}}}}})"),
              "cannot be the name of a Secret", "secret's name");
  expect_told(edited(R"({"spec":{"authInfo":{"basic":{},"bearer":{}}}})"), "set basic or bearer", "both");
}

TEST(BrokerAdmission, asks_who_may_read_the_secret_when_it_is_named_or_sent_elsewhere) {
  json::object broker = parse(R"({"metadata":{"name":"b"},"spec":{"url":"https://b","relistRequests":1,
    "authInfo":{"bearer":{"secretRef":{"name":"s","namespace":"n"}}}}})");
  struct Case {
    const char* patch;
    bool asks;
  };
  for (const Case& c : {
           Case{R"({"spec":{"relistRequests":2}})", false},
           Case{R"({"metadata":{"labels":{"a":"b"}}})", false},
           Case{R"({"spec":{"authInfo":{"bearer":{"secretRef":{"name":"other"}}}}})", true},
           Case{R"({"spec":{"url":"https://mallory"}})", true},
           Case{R"({"spec":{"insecureSkipTLSVerify":true}})", true},
           Case{R"({"spec":{"authInfo":null}})", false},
       }) {
    boost::asio::io_context io;
    EmptyCluster lookup;
    auto admitted =
        fakes::run(io, admit(update(resources::cluster_service_brokers, broker, c.patch), lookup));
    EXPECT_EQ(lookup.asked, c.asks ? 1 : 0) << c.patch;
    EXPECT_EQ(admitted.has_value(), !c.asks) << c.patch;
  }
}

TEST(ClassAndPlanAdmission, keeps_ids_and_labels_as_they_have_to_be) {
  auto admitted = admit_class(create(resources::cluster_service_classes, s3_class()), cluster_scope());
  ASSERT_TRUE(admitted);
  EXPECT_EQ(*core::find_object(*admitted, {"metadata", "labels"}),
            labels_of_class(cluster_scope(), ObjectView(*admitted).spec()));
  expect_told(
      admit_class(update(resources::cluster_service_classes, s3_class(), R"({"spec":{"externalID":"x"}})"),
                  cluster_scope()),
      "spec.externalID: cannot be changed; it is \"class-id\"", "class id");
  expect_told(admit_class(create(resources::cluster_service_classes,
                                 patched(s3_class(), R"({"spec":{"externalName":null}})")),
                          cluster_scope()),
              "spec.externalName: is required", "class name");
  json::object gold = plan("gold", "gold-id");
  EXPECT_TRUE(admit_plan(create(resources::cluster_service_plans, gold), cluster_scope()));
  expect_told(admit_plan(update(resources::cluster_service_plans, gold,
                                R"({"spec":{"clusterServiceBrokerName":"x"}})"),
                         cluster_scope()),
              "spec.clusterServiceBrokerName: cannot be changed; it is \"aws\"", "plan's broker");
  expect_told(admit_plan(create(resources::cluster_service_plans,
                                patched(gold, R"({"spec":{"clusterServiceClassRef":null}})")),
                         cluster_scope()),
              "spec.clusterServiceClassRef.name: is required", "plan's class");
}

TEST(Admission, lets_what_is_broken_be_labelled_and_annotated) {
  boost::asio::io_context io;
  EmptyCluster lookup;
  json::object broken = parse(R"({"metadata":{"name":"a","namespace":"n"},"spec":{
    "clusterServiceClassExternalName":"s3","serviceClassExternalName":"s3"}})");
  Request request = update(resources::service_instances, broken, R"({"metadata":{"annotations":{"a":"b"}}})");
  EXPECT_TRUE(fakes::run(io, admit(std::move(request), lookup)));
}

}  // namespace
}  // namespace catalog::admission
