// What both stores promise: conditional writes, of the SQLite file and of the DynamoDB table.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/store/dynamodb_items.hpp"
#include "broker/store/sqlite_store.hpp"
#include "broker/template.hpp"
#include "core/random.hpp"
#include "testing/run.hpp"
#include "tests/unit/broker/fake_dynamodb.hpp"

namespace broker {
namespace {

using core::ErrorKind;
using testing::ElementsAre;
using testing::IsEmpty;

class AStore {
 public:
  virtual ~AStore() = default;
  virtual Store& store() = 0;
};

class OnSqlite final : public AStore {
 public:
  Store& store() override { return *store_; }

 private:
  async::BlockingPool pool_{1};
  std::unique_ptr<SqliteStore> store_ = *SqliteStore::open(pool_, ":memory:");
};

class OnDynamoDb final : public AStore {
 public:
  explicit OnDynamoDb(boost::asio::io_context& io) : table_(io) {}
  Store& store() override { return store_; }

 private:
  test::FakeDynamoDb table_;
  DynamoDbStore store_{table_.session(), "awssb", test::FakeDynamoDb::account};
};

class Stores : public testing::TestWithParam<const char*> {
 protected:
  Stores() {
    if (GetParam() == std::string("sqlite")) {
      owner_ = std::make_unique<OnSqlite>();
    } else {
      owner_ = std::make_unique<OnDynamoDb>(io_);
    }
  }
  template <class T>
  T run(async::Task<T> task) {
    return fakes::run(io_, std::move(task));
  }
  Store& store() { return owner_->store(); }
  InstanceRecord put(InstanceRecord record) {
    auto written = run(store().put_instance(std::move(record)));
    EXPECT_TRUE(written) << written.error().message;
    return written.value_or(InstanceRecord());
  }
  std::optional<InstanceRecord> instance(const std::string& id) {
    auto read = run(store().get_instance(id));
    EXPECT_TRUE(read) << read.error().message;
    return read.value_or(std::nullopt);
  }

 private:
  boost::asio::io_context io_{1};
  std::unique_ptr<AStore> owner_;
};
INSTANTIATE_TEST_SUITE_P(, Stores, testing::Values("sqlite", "dynamodb"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(Stores, give_back_what_was_written_with_its_version) {
  EXPECT_EQ(instance("i1"), std::nullopt);
  const InstanceRecord first =
      put({.id = "i1", .class_name = "s3", .parameters = {{"a", "\u00f6"}, {"b", ""}}});
  EXPECT_EQ(first.version, 1);
  const auto read = instance("i1");
  ASSERT_TRUE(read);
  EXPECT_EQ(to_json(*read), to_json(first));
  EXPECT_EQ(read->version, 1);
  EXPECT_EQ(put(*read).version, 2);
}

TEST_P(Stores, tell_the_second_of_two_that_decided_on_the_same_record) {
  const InstanceRecord read = put({.id = "i1"});
  InstanceRecord winner = read;
  winner.phase = InstancePhase::ready;
  put(winner);
  InstanceRecord loser = read;
  loser.phase = InstancePhase::failed;
  EXPECT_EQ(run(store().put_instance(loser)).error().kind, ErrorKind::conflict);
  EXPECT_EQ(run(store().remove_instance(loser)).error().kind, ErrorKind::conflict);
  EXPECT_EQ(instance("i1")->phase, InstancePhase::ready) << "the loser changed nothing";
}

TEST_P(Stores, refuse_a_second_creation_and_writes_to_what_was_removed) {
  const InstanceRecord record = put({.id = "i1"});
  EXPECT_EQ(run(store().put_instance({.id = "i1"})).error().kind, ErrorKind::conflict);
  ASSERT_TRUE(run(store().remove_instance(record)));
  EXPECT_EQ(instance("i1"), std::nullopt);
  EXPECT_EQ(run(store().remove_instance(record)).error().kind, ErrorKind::conflict);
  EXPECT_EQ(run(store().put_instance(record)).error().kind, ErrorKind::conflict);
  EXPECT_EQ(put({.id = "i1"}).version, 1);
}

TEST_P(Stores, list_all_instances_and_an_instances_own_bindings) {
  EXPECT_THAT(*run(store().list_instances()), IsEmpty());
  for (const char* id : {"i5", "i1", "i3", "i2", "i4"}) put({.id = id});
  for (const char* id : {"b1", "b2", "b3"})
    ASSERT_TRUE(run(store().put_binding({.id = id, .instance_id = std::string(id) == "b2" ? "i2" : "i1"})));
  std::vector<std::string> instances;
  for (const InstanceRecord& each : *run(store().list_instances())) instances.push_back(each.id);
  EXPECT_THAT(instances, ElementsAre("i1", "i2", "i3", "i4", "i5"));
  std::vector<std::string> bindings;
  for (const BindingRecord& each : *run(store().list_bindings("i1"))) {
    bindings.push_back(each.id);
    EXPECT_EQ(each.version, 1);
  }
  EXPECT_THAT(bindings, ElementsAre("b1", "b3"));
  EXPECT_THAT(*run(store().list_bindings("i9")), IsEmpty());
}

TEST_P(Stores, show_every_instance_once_however_many_there_are) {
  std::set<std::string> made, seen;
  for (int number = 0; number < 250; ++number) made.insert(put({.id = "i" + std::to_string(number)}).id);
  ASSERT_TRUE(run(store().visit_instances(
      [&seen](InstanceRecord record) { EXPECT_TRUE(seen.insert(record.id).second) << record.id; })));
  EXPECT_EQ(seen, made);
}

TEST_P(Stores, keep_bindings_under_the_same_conditions) {
  const std::string sealed("\x01\x00\xff raw", 8);
  const auto first = run(store().put_binding({.id = "b1", .instance_id = "i1", .sealed_secret_key = sealed}));
  ASSERT_TRUE(first);
  EXPECT_EQ(run(store().get_binding("b1"))->value().sealed_secret_key, sealed);
  const auto second = run(store().put_binding(*first));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->version, 2);
  EXPECT_EQ(run(store().put_binding(*first)).error().kind, ErrorKind::conflict);
  EXPECT_EQ(run(store().remove_binding(*first)).error().kind, ErrorKind::conflict);
  ASSERT_TRUE(run(store().remove_binding(*second)));
  EXPECT_FALSE(run(store().get_binding("b1"))->has_value());
}

TEST_P(Stores, keep_templates_until_they_are_removed_as_they_were_last_kept) {
  EXPECT_FALSE(run(store().get_template("d1"))->has_value());
  const StoredTemplate first{.digest = "d1", .body = "{\"\u00f6\": 1}", .kept_at = 100};
  const StoredTemplate again{.digest = "d1", .body = first.body, .kept_at = 200};
  for (const StoredTemplate& each : {first, again, StoredTemplate{.digest = "d2", .body = "x", .kept_at = 1}})
    ASSERT_TRUE(run(store().put_template(each)));
  const auto read = run(store().get_template("d1"));
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->body, first.body);
  EXPECT_EQ(run(store().list_templates())->size(), 2U);
  EXPECT_EQ(run(store().remove_template(first)).error().kind, ErrorKind::conflict) << "it was kept again";
  ASSERT_TRUE(run(store().remove_template(again)));
  const auto left = run(store().list_templates());
  ASSERT_EQ(left->size(), 1U);
  EXPECT_EQ(left->front().digest, "d2");
  EXPECT_EQ(left->front().kept_at, 1);
  EXPECT_THAT(*run(store().list_instances()), IsEmpty());
}

TEST_P(Stores, keep_templates_of_any_length_that_cloudformation_takes) {
  std::string body;
  while (body.size() + 60 < max_object_bytes)
    body += "{\"Type\": \"AWS::SQS::Queue\", \"Size\": " + std::to_string(body.size() * 7919) + "}";
  ASSERT_TRUE(run(store().put_template({.digest = "long", .body = body, .kept_at = 1})));
  const auto read = run(store().get_template("long"));
  ASSERT_TRUE(read && *read) << (read ? "none" : read.error().message);
  EXPECT_TRUE((*read)->body == body) << (*read)->body.size() << " bytes of " << body.size();
  EXPECT_EQ(run(store().list_templates())->at(0).kept_at, 1);
  ASSERT_TRUE(run(store().remove_template({.digest = "long", .body = {}, .kept_at = 1})));
}

TEST_P(Stores, do_not_take_an_instance_for_a_binding) {
  put({.id = "x"});
  EXPECT_FALSE(run(store().get_binding("x"))->has_value());
}

TEST_P(Stores, keep_a_setting_as_the_first_has_settled_it) {
  EXPECT_FALSE(run(store().get_setting("key"))->has_value());
  ASSERT_TRUE(run(store().add_setting("key", "ours")));
  EXPECT_EQ(run(store().add_setting("key", "theirs")).error().kind, ErrorKind::conflict);
  EXPECT_EQ(run(store().get_setting("key"))->value(), "ours");
  EXPECT_FALSE(run(store().get_setting("other"))->has_value());
  EXPECT_THAT(*run(store().list_instances()), IsEmpty());
}

TEST_P(Stores, count_instances_by_phase) {
  EXPECT_TRUE(run(store().count_instances())->empty());
  for (const char* id : {"i1", "i2", "i3"}) put({.id = id, .phase = InstancePhase::ready});
  put({.id = "i4", .phase = InstancePhase::failed});
  ASSERT_TRUE(run(store().put_binding({.id = "b1", .instance_id = "i1"})));
  const std::map<std::string, std::int64_t> expected{{"failed", 1}, {"ready", 3}};
  EXPECT_EQ(*run(store().count_instances()), expected);
}

class Table : public testing::Test {
 protected:
  template <class T>
  T run(async::Task<T> task) {
    return fakes::run(io_, std::move(task));
  }
  void put_binding(const std::string& id, const std::string& instance) {
    ASSERT_TRUE(run(store_.put_binding({.id = id, .instance_id = instance})));
  }
  void put_binding_of_go_broker(const std::string& id, const std::string& instance) {
    const boost::json::object attributes{{"InstanceID", aws::string_attribute(instance)}};
    table_.put(id, {{"type", aws::string_attribute("servicebinding")},
                    {"servicebinding", boost::json::object{{"M", attributes}}}});
  }
  std::vector<std::string> bindings_of(const std::string& instance) {
    table_.given.clear();
    std::vector<std::string> ids;
    const auto bindings = run(store_.list_bindings(instance));
    EXPECT_TRUE(bindings) << bindings.error().message;
    for (const BindingRecord& each : bindings.value_or(std::vector<BindingRecord>())) ids.push_back(each.id);
    return ids;
  }

  boost::asio::io_context io_;
  test::FakeDynamoDb table_{io_};
  DynamoDbStore store_{table_.session(), "awssb", test::FakeDynamoDb::account};
};

TEST_F(Table, gives_an_instances_bindings_without_reading_those_of_others) {
  for (const char* id : {"b1", "b2", "b3"}) put_binding(id, "i1");
  for (int number = 0; number < 20; ++number) put_binding("other" + std::to_string(number), "i2");
  ASSERT_TRUE(run(store_.list_all_bindings()));
  EXPECT_THAT(bindings_of("i1"), ElementsAre("b1", "b2", "b3"));
  for (const std::string& name : table_.given) EXPECT_FALSE(name.starts_with("other")) << name;
  EXPECT_THAT(bindings_of("i3"), IsEmpty());
  EXPECT_THAT(table_.given, IsEmpty());
}

TEST_F(Table, knows_bindings_that_another_program_has_made) {
  put_binding_of_go_broker("b1", "i1");
  put_binding("b2", "i1");
  EXPECT_THAT(bindings_of("i1"), ElementsAre("b1", "b2")) << "before all were read once";
  ASSERT_TRUE(run(store_.list_all_bindings()));
  EXPECT_THAT(bindings_of("i1"), ElementsAre("b1", "b2"));
  const auto binding = run(store_.get_binding("b1"));
  ASSERT_TRUE(binding && *binding);
  ASSERT_TRUE(run(store_.remove_binding(**binding)));
  EXPECT_THAT(bindings_of("i1"), ElementsAre("b2"));
}

TEST_F(Table, holds_nothing_of_a_binding_that_was_removed) {
  put_binding("b1", "i1");
  const auto binding = run(store_.get_binding("b1"));
  ASSERT_TRUE(binding && *binding);
  ASSERT_TRUE(run(store_.remove_binding(**binding)));
  EXPECT_THAT(table_.items, IsEmpty());
}

TEST_F(Table, shows_records_that_cannot_be_read_as_such_and_the_others) {
  for (const char* id : {"b1", "b2"}) put_binding(id, "i1");
  for (const char* id : {"i1", "i2"}) ASSERT_TRUE(run(store_.put_instance({.id = id})));
  for (const char* id : {"b1", "i1"}) table_.items.at(id)["record"] = aws::string_attribute("[1");
  for (int round = 0; round < 2; ++round) {  // before and after all were read once
    EXPECT_THAT(bindings_of("i1"), ElementsAre("b1", "b2"));
    const auto all = run(store_.list_all_bindings());
    ASSERT_TRUE(all && all->size() == 2);
    EXPECT_FALSE(all->at(0).readable);
    EXPECT_TRUE(all->at(1).readable);
  }
  const auto instances = run(store_.list_instances());
  ASSERT_TRUE(instances && instances->size() == 2);
  EXPECT_FALSE(instances->at(0).readable);
  EXPECT_FALSE(run(store_.get_instance("i1")));
  EXPECT_TRUE(run(store_.get_instance("i2")));
}

TEST_F(Table, passes_over_what_a_crash_has_left_in_a_list) {
  put_binding("b1", "i1");
  put_binding("b2", "i1");
  ASSERT_TRUE(run(store_.list_all_bindings()));
  table_.items.erase("b1");  // the binding's own item, which is removed first and written last
  EXPECT_THAT(bindings_of("i1"), ElementsAre("b2"));
}

// Whose index holds the keys of items and no more.
TEST(GoBrokersTable, lists_whole_records) {
  boost::asio::io_context io;
  test::FakeDynamoDb table(io);
  table.index_is_the_go_brokers = true;
  DynamoDbStore store(table.session(), "awssb", test::FakeDynamoDb::account);
  for (const char* id : {"i1", "i2", "i3"})
    ASSERT_TRUE(fakes::run(io, store.put_instance({.id = id, .phase = InstancePhase::ready})));
  table.put("i4", {{"type", aws::string_attribute("serviceinstance")},
                   {"serviceinstance", boost::json::parse(R"({"M": {"PlanID": {"S": "p"}}})")}});
  ASSERT_TRUE(fakes::run(io, store.put_binding({.id = "b1", .instance_id = "i1"})));
  const auto instances = fakes::run(io, store.list_instances());
  ASSERT_TRUE(instances) << instances.error().message;
  ASSERT_EQ(instances->size(), 4U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ((*instances)[i].phase, InstancePhase::ready);
  EXPECT_EQ((*instances)[3].plan_id, "p");
  EXPECT_EQ(fakes::run(io, store.list_bindings("i1"))->size(), 1U);
  ASSERT_TRUE(fakes::run(io, store.list_all_bindings()));
  EXPECT_EQ(fakes::run(io, store.list_bindings("i1"))->size(), 1U);
}

TEST(TemplateItems, are_plain_where_a_request_takes_them_and_compressed_else) {
  const auto plain = items::attributes_of({.digest = "d", .body = std::string(max_request_bytes, 'b')});
  ASSERT_TRUE(plain);
  EXPECT_EQ(aws::string_of(*plain, {"body"}).size(), max_request_bytes) << "older brokers read it";
  auto packed = items::attributes_of({.digest = "d", .body = std::string(max_request_bytes + 1, 'b')});
  ASSERT_TRUE(packed);
  EXPECT_FALSE(packed->contains("body"));
  EXPECT_EQ(items::to_template(*packed)->body.size(), max_request_bytes + 1);
  (*packed)["body_gzip"] = boost::json::object{{"B", "AAAA"}};
  EXPECT_EQ(items::to_template(*packed).error().kind, ErrorKind::internal);
}

TEST(TemplateItems, of_more_than_an_item_takes_even_so_are_refused) {
  const auto refused = items::attributes_of({.digest = "d", .body = core::random_hex(max_object_bytes / 2)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::internal) << "not the user's error";
  EXPECT_THAT(refused.error().message, testing::HasSubstr("400 kB"));
}

}  // namespace
}  // namespace broker
