// The keys that applications on Cloud Foundry read.
#include "broker/cloud_foundry.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "broker/service_broker.hpp"
#include "broker/stack_tags.hpp"
#include "broker/store/sqlite_store.hpp"
#include "testing/run.hpp"
#include "tests/unit/broker/fake_cloud.hpp"

namespace broker {
namespace {

namespace json = boost::json;

json::object with_keys(std::string_view class_name, json::object outputs) {
  add_cloud_foundry_keys(class_name, outputs);
  return outputs;
}

const json::object database{{"DBName", "orders"},
                            {"EndpointAddress", "db.example.com"},
                            {"Port", "1234"},
                            {"MasterUsername", "master"},
                            {"MasterPassword", "p@ss"}};

json::object with_database(json::object keys) {
  for (const auto& entry : database) keys[entry.key()] = entry.value();
  return keys;
}

TEST(CloudFoundry, has_a_mysql_databases_keys) {
  const json::object expected = with_database(
      {{"name", "orders"},
       {"host", "db.example.com"},
       {"hostname", "db.example.com"},
       {"port", "1234"},
       {"username", "master"},
       {"password", "p@ss"},
       {"uri", "mysql://master:p%40ss@db.example.com:1234/orders?reconnect=true"},
       {"jdbcUrl", "jdbc:mysql://db.example.com:1234/orders?user=master&password=p%40ss&useSSL=false"}});
  EXPECT_EQ(with_keys("rdsmysql", database), expected);
  EXPECT_EQ(with_keys("rdsmariadb", database), expected);
}

TEST(CloudFoundry, has_a_postgresql_databases_keys) {
  const json::object expected =
      with_database({{"db_name", "orders"},
                     {"db_host", "db.example.com"},
                     {"db_port", "1234"},
                     {"host", "db.example.com"},
                     {"hostname", "db.example.com"},
                     {"port", "1234"},
                     {"read_host", "db.example.com"},
                     {"read_port", "1234"},
                     {"username", "master"},
                     {"password", "p@ss"},
                     {"uri", "postgresql://master:p%40ss@db.example.com:1234/orders"},
                     {"read_uri", "postgresql://master:p%40ss@db.example.com:1234/orders"},
                     {"jdbc_uri", "jdbc:postgresql://db.example.com:1234/orders"},
                     {"jdbc_read_uri", "jdbc:postgresql://db.example.com:1234/orders"}});
  EXPECT_EQ(with_keys("rdspostgresql", database), expected);
}

TEST(CloudFoundry, has_a_buckets_keys) {
  const json::object outputs{
      {"S3AwsAccessKeyId", "AKIA"}, {"S3AwsSecretAccessKey", "s"}, {"BucketArn", "arn"}};
  json::object expected = outputs;
  expected["access_key_id"] = "AKIA";
  expected["secret_access_key"] = "s";
  expected["arn"] = "arn";
  EXPECT_EQ(with_keys("s3", outputs), expected);
}

TEST(CloudFoundry, has_no_keys_of_other_classes_or_of_outputs_that_are_missing) {
  EXPECT_EQ(with_keys("sqs", database), database);
  EXPECT_EQ(with_keys("rdsmysql", {{"Port", "1"}}), (json::object{{"Port", "1"}, {"port", "1"}}));
  EXPECT_EQ(with_keys("s3", {}), json::object());
}

constexpr const char* text = R"yaml(
Description: a bucket
Metadata:
  AWS::ServiceBroker::Specification:
    Name: s3
    CloudFoundry: true
    ServicePlans:
      production: { Description: a plan }
Resources:
  AWSSBInjectedIAMUser: { Type: AWS::IAM::User }
)yaml";

TEST(CloudFoundry, is_given_the_bindings_own_key_by_a_bind) {
  boost::asio::io_context io{1};
  async::BlockingPool pool(1);
  const auto store = *SqliteStore::open(pool, ":memory:");
  test::FakeCloud cloud;
  const core::Sealer sealer = core::Sealer::ephemeral();
  async::SystemClock clock;
  async::TaskGroup tasks(io.get_executor());
  const Ids ids = *Ids::make("0", "test");
  TemplateSet templates;
  templates.templates.push_back(std::make_shared<const Template>(*parse_template(text, "test")));
  ServiceBroker broker({.broker_id = "test", .account_id = "0"},
                       std::make_shared<const Catalog>(ids, std::move(templates), CatalogOptions{}), *store,
                       cloud, sealer, clock, tasks);
  const std::string stack = *fakes::run(
      io,
      cloud.create_stack(
          {.stack_name = "s", .template_body = text, .tags = {{broker_tag, "test"}, {instance_tag, "i1"}}}));
  const InstanceRecord instance{
      .id = "i1", .service_id = ids.class_id("s3"), .phase = InstancePhase::ready, .stack_id = stack};
  ASSERT_TRUE(fakes::run(io, store->put_instance(instance)));
  const osb::BindRequest request{.instance_id = "i1", .binding_id = "b1"};
  const auto bound = fakes::run(io, broker.bind(request, {}));
  ASSERT_TRUE(bound) << bound.error().message;
  const auto key = [&](std::string_view name) { return core::find_string(bound->credentials, {name}); };
  EXPECT_EQ(key("BucketName"), "bucket");
  EXPECT_TRUE(key("S3AwsAccessKeyId").starts_with("AKIA"));
  EXPECT_EQ(key("access_key_id"), key("S3AwsAccessKeyId"));
  EXPECT_EQ(key("secret_access_key"), key("S3AwsSecretAccessKey"));
}

}  // namespace
}  // namespace broker
