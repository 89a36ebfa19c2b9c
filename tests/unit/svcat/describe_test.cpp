// One object and what belongs to it, as text for people.
#include "svcat/describe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/hash.hpp"
#include "objects.hpp"

namespace svcat {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(Describe, a_broker_with_its_classes) {
  const auto broker = an_object("aws", "", R"({"url":"https://b"})", ready);
  EXPECT_EQ(
      describe_broker(broker, {an_object("c-1", "", R"({"externalName":"s3","description":"buckets"})")}),
      "  Name:     aws\n"
      "  Scope:    cluster\n"
      "  URL:      https://b\n"
      "  Status:   Ready - It is there @ 2026-01-31T10:00:00Z\n"
      "\n"
      "Conditions:\n"
      "  TYPE    STATUS   REASON                    SINCE                  MESSAGE\n"
      "  Ready   True     ProvisionedSuccessfully   2026-01-31T10:00:00Z   It is there\n"
      "\n"
      "Classes:\n"
      "  NAME   STATUS   DESCRIPTION\n"
      "  s3     Active   buckets\n");
  EXPECT_THAT(describe_broker(an_object("own", "ns", "{}"), {}),
              AllOf(HasSubstr("Namespace:   ns\n"), HasSubstr("Classes:\n  No classes defined\n")));
}

TEST(Describe, a_class_with_its_plans) {
  const auto service_class = an_object(
      "c-1", "",
      R"({"externalName":"s3","tags":["AWS","S3",7],"clusterServiceBrokerName":"aws","bindable":true})",
      R"({"removedFromBrokerCatalog":true})");
  EXPECT_THAT(describe_class(service_class, {}),
              AllOf(HasSubstr("Name:              s3\n"), HasSubstr("Kubernetes Name:   c-1\n"),
                    HasSubstr("Tags:              AWS, S3\n"), HasSubstr("Broker:            aws\n"),
                    HasSubstr("Status:            Deprecated\n"), HasSubstr("Bindable:          true\n"),
                    HasSubstr("No plans defined")));
}

TEST(Describe, a_plan_with_its_schemas_also_where_its_class_is_gone) {
  const auto plan =
      an_object("p-1", "", R"({"externalName":"small","free":true,"clusterServiceClassRef":{"name":"c-1"},
      "instanceCreateParameterSchema":{"type":"object"},"instanceUpdateParameterSchema":{}})");
  const auto service_class = an_object("c-1", "", R"({"externalName":"s3"})");
  EXPECT_THAT(describe_plan(plan, &service_class, {an_object("i-1", "ns", "{}", ready)}),
              AllOf(HasSubstr("Class:             s3\n"), HasSubstr("Free:              true\n"),
                    HasSubstr("i-1    ns          Ready\n"),
                    HasSubstr("Instance Create Parameter Schema:\n  type: object\n"),
                    Not(HasSubstr("Update Parameter Schema"))));
  EXPECT_THAT(describe_plan(plan, nullptr, {}), HasSubstr("Class:             c-1\n"));
}

TEST(Describe, an_instance_with_what_it_waits_for) {
  const auto instance = an_object(
      "bucket", "ns",
      R"({"clusterServiceClassExternalName":"s3","clusterServicePlanExternalName":"small","externalID":"id-1",
          "parameters":{"BucketName":"b"},"parametersFrom":[{"secretKeyRef":{"name":"s","key":"k"}}]})",
      R"({"currentOperation":"Provision","conditions":[{"type":"Ready","status":"False","reason":"Failing"}],
          "retry":{"attempts":3,"nextTime":"2026-01-31T10:05:00Z"}})");
  EXPECT_THAT(describe_instance(instance, {an_object("b-1", "ns", "{}", ready)}),
              AllOf(HasSubstr("Class:         s3\n"), HasSubstr("Plan:          small\n"),
                    HasSubstr("External ID:   id-1\n"), HasSubstr("Operation:     Provision\n"),
                    HasSubstr("Parameters:\n  BucketName: b\n"), HasSubstr("Secret: s.k\n"),
                    HasSubstr("b-1    Ready\n")));
}

class DescribeBinding : public testing::Test {
 protected:
  static std::string describe(SecretValues values) {
    const core::Result<core::json::object> secret =
        core::json::object{{"data", core::json::object{{"KEY", core::base64_encode("top-secret")},
                                                       {"PEM", core::base64_encode("two\nlines")},
                                                       {"BAD", "no base64!"}}}};
    return describe_binding(
        an_object("b", "ns", R"({"secretName":"creds","instanceRef":{"name":"i"}})", ready), secret, values);
  }
};

TEST_F(DescribeBinding, tells_only_the_sizes_of_secret_values) {
  const std::string text = describe(SecretValues::hidden);
  EXPECT_THAT(text, AllOf(HasSubstr("Secret:      creds\n"), HasSubstr("Instance:    i\n"),
                          HasSubstr("KEY:   10 bytes\n"), HasSubstr("PEM:   9 bytes\n"),
                          HasSubstr("BAD:   no base64\n")));
  EXPECT_THAT(text, AllOf(Not(HasSubstr("top-secret")), Not(HasSubstr("two"))));
}

TEST_F(DescribeBinding, shows_secret_values_where_asked_with_every_character) {
  EXPECT_THAT(describe(SecretValues::shown),
              AllOf(HasSubstr("KEY:   top-secret\n"), HasSubstr(R"(PEM:   "two\nlines")")));
}

TEST_F(DescribeBinding, says_why_the_secret_cannot_be_read) {
  const core::Result<core::json::object> missing =
      core::fail(core::ErrorKind::not_found, "there is no Secret ns/creds");
  EXPECT_THAT(describe_binding(an_object("b", "ns", "{}"), missing, SecretValues::hidden),
              HasSubstr("Secret Data:\n  there is no Secret ns/creds\n"));
}

}  // namespace
}  // namespace svcat
