// Ids and names that are derived. The expected ones were computed with another implementation of RFC 4122's
// version 5.
#include "broker/ids.hpp"

#include <set>

#include <gtest/gtest.h>

namespace broker {
namespace {

struct KnownClass {
  const char* account;
  const char* broker_id;
  const char* account_uuid;
  const char* class_name;
  const char* class_id;
  const char* plan;
  const char* plan_id;
};

TEST(Ids, are_those_of_the_go_broker) {
  const KnownClass table[] = {
      {"000000000000", "awsservicebroker", "5c6cfb2d-bc47-5d42-94e9-1d4a5e427876", "s3",
       "6c781fcc-7d29-55f1-a8b3-abcf7469c614", "production", "0a356cdc-6b53-58b4-a086-7cef8045ed1c"},
      {"000000000000", "awsservicebroker", "5c6cfb2d-bc47-5d42-94e9-1d4a5e427876", "s3",
       "6c781fcc-7d29-55f1-a8b3-abcf7469c614", "custom", "f196a6d0-ac3b-5be5-a755-f0fbd1a1383f"},
      {"000000000000", "awsservicebroker", "5c6cfb2d-bc47-5d42-94e9-1d4a5e427876", "sqs",
       "34c8ae01-bd17-50f6-aa3d-b3877feb4f43", "fifo", "59339d5a-03f9-5b5d-befa-cdc530de30fa"},
      {"123456789012", "blue", "8377bafe-ca6a-5692-9ddc-70f6bd942c11", "s3",
       "e0a30458-134e-51db-8385-25c500931654", "production", "473acf14-962a-534c-9936-00b8d16b8093"},
      {"1", "a1B2", "af52f604-e343-5fbe-813d-ccc1130b2b9e", "rds mysql",
       "f4ba0283-9f75-5fc8-93b0-3ea34e154b65", "gr\u00f6\u00dfe", "9b864419-a4d1-511c-a56f-59087a5eea00"},
  };
  for (const KnownClass& known : table) {
    SCOPED_TRACE(std::string(known.broker_id) + " " + known.class_name + "/" + known.plan);
    const auto ids = Ids::make(known.account, known.broker_id);
    ASSERT_TRUE(ids);
    EXPECT_EQ(ids->account().to_string(), known.account_uuid);
    EXPECT_EQ(ids->class_id(known.class_name), known.class_id);
    EXPECT_EQ(ids->plan_id(known.class_name, known.plan), known.plan_id);
  }
}

TEST(Ids, take_a_broker_id_of_letters_and_digits_only) {
  for (const char* wrong : {"", "my-broker", "a b", "a_b", "br\u00f6ker", "a\n"}) {
    const auto ids = Ids::make("000000000000", wrong);
    ASSERT_FALSE(ids) << wrong;
    EXPECT_EQ(ids.error().kind, core::ErrorKind::invalid);
    EXPECT_NE(ids.error().message.find('"' + std::string(wrong) + '"'), std::string::npos);
  }
  for (const char* right : {"a", "0", "AwsServiceBroker2"})
    EXPECT_TRUE(Ids::make("000000000000", right)) << right;
}

TEST(StackName, is_that_of_the_go_broker) {
  const struct {
    std::string class_name, instance_id, name;
  } table[] = {
      {"s3", "0a356cdc-6b53-58b4-a086-7cef8045ed1c",
       "aws-service-broker-s3-0a356cdc-6b53-58b4-a086-7cef8045ed1c"},
      {"rds_mysql", "a/b.c d", "aws-service-broker-rds-mysql-a-b-c-d"},
      {"s3", "\u00f6", "aws-service-broker-s3---"},  // a byte is a character here
      {"s3", std::string(106, 'x'), "aws-service-broker-s3-" + std::string(106, 'x')},
      {"s3", std::string(107, 'x'), "aws-service-broker-s3-" + std::string(106, 'x')},
  };
  for (const auto& each : table) EXPECT_EQ(stack_name(each.class_name, each.instance_id), each.name);
}

TEST(BindingUserName, holds_a_usual_id_as_it_is) {
  const std::string id = "0a356cdc-6b53-58b4-a086-7cef8045ed1c";
  EXPECT_EQ(binding_user_name(id), "aws-sb-binding-" + id);
}

TEST(BindingUserName, differs_for_ids_that_would_become_the_same_when_cut_or_changed) {
  const std::string ids[] = {
      "a_b",
      "a.b",
      "a b",
      "ab",
      "aB",
      "AB",
      std::string(60, 'x') + "1",
      std::string(60, 'x') + "2",
      std::string(500, 'x'),
      "",
  };
  std::set<std::string> names;
  for (const std::string& id : ids) {
    const std::string name = binding_user_name(id);
    EXPECT_LE(name.size(), 64U);
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_"), std::string::npos)
        << name << ": IAM takes names that differ by case for one";
    names.insert(name);
  }
  EXPECT_EQ(names.size(), std::size(ids));
  // The digest of an id, as an id, gives another name.
  const std::string hashed = binding_user_name("A");
  EXPECT_NE(binding_user_name(hashed.substr(std::string("aws-sb-binding-").size())), hashed);
}

TEST(BindingUserName, of_earlier_versions_is_still_looked_for) {
  EXPECT_EQ(possible_binding_user_names("b1"), std::vector<std::string>{"aws-sb-binding-b1"});
  EXPECT_EQ(possible_binding_user_names("B1"),
            (std::vector<std::string>{binding_user_name("B1"), "aws-sb-binding-B1"}));
  const auto odd = possible_binding_user_names("b/1");
  ASSERT_EQ(odd.size(), 2U);
  EXPECT_EQ(odd[1], "aws-sb-binding-" + odd[0].substr(std::string("aws-sb-binding-_").size()));
}

TEST(RequestToken, is_the_same_each_time_and_another_for_each_act_and_instance) {
  EXPECT_EQ(request_token("create", "i1"), request_token("create", "i1"));
  const std::set<std::string> tokens{request_token("create", "i1"), request_token("create", "i2"),
                                     request_token("delete", "i1"), request_token("delete", "i2")};
  EXPECT_EQ(tokens.size(), 4U);
  const std::string token = request_token("create", std::string(400, '/'));
  EXPECT_LE(token.size(), 128U);
  EXPECT_EQ(token.find('/'), std::string::npos);
}

}  // namespace
}  // namespace broker
