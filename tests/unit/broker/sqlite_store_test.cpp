// The SQLite store's file: what survives, who may read it, and what is said of a file that is not its own.
#include "broker/store/sqlite_store.hpp"

#include <filesystem>
#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/random.hpp"
#include "testing/run.hpp"

namespace broker {
namespace {

using core::ErrorKind;
using testing::HasSubstr;

class SqliteStoreFile : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directory(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  template <class T>
  T run(async::Task<T> task) {
    return fakes::run(io_, std::move(task));
  }
  std::unique_ptr<SqliteStore> open() {
    auto store = SqliteStore::open(pool_, path_);
    EXPECT_TRUE(store) << store.error().message;
    return store ? std::move(*store) : nullptr;
  }
  // Changes the file behind the store's back.
  void change(const char* sql) {
    auto database = sqlite::Database::open(path_);
    ASSERT_TRUE(database);
    const auto changed = database->run(sql);
    ASSERT_TRUE(changed) << changed.error().message;
  }

  boost::asio::io_context io_{1};
  async::BlockingPool pool_{1};
  std::string folder_ = testing::TempDir() + "/store-" + core::random_hex(6);
  std::string path_ = folder_ + "/broker.db";
};

TEST_F(SqliteStoreFile, has_all_records_when_it_is_opened_again) {
  {
    const auto store = open();
    ASSERT_TRUE(run(store->put_instance({.id = "i1", .class_name = "s3"})));
    const auto binding =
        run(store->put_binding({.id = "b1", .instance_id = "i1", .sealed_secret_key = "sealed"}));
    ASSERT_TRUE(run(store->put_binding(*binding)));
  }
  const auto store = open();
  EXPECT_EQ(run(store->get_instance("i1"))->value().class_name, "s3");
  const BindingRecord binding = run(store->list_bindings("i1"))->at(0);
  EXPECT_EQ(binding.version, 2);
  EXPECT_EQ(binding.sealed_secret_key, "sealed");
  EXPECT_TRUE(run(store->put_binding(binding)));
}

TEST_F(SqliteStoreFile, is_readable_by_its_owner_only) {
  const auto store = open();
  ASSERT_TRUE(run(store->put_instance({.id = "i1"})));
  for (const auto& file : std::filesystem::directory_iterator(folder_)) {
    struct stat status = {};
    ::stat(file.path().c_str(), &status);
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << file.path();
  }
}

TEST_F(SqliteStoreFile, is_refused_to_a_second_broker_while_the_first_runs) {
  const auto first = open();
  ASSERT_TRUE(run(first->put_instance({.id = "i1"})));
  const auto second = SqliteStore::open(pool_, path_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(second.error().message, HasSubstr(path_));
  EXPECT_THAT(second.error().message, HasSubstr("in use by process " + std::to_string(::getpid())));
  EXPECT_TRUE(run(first->get_instance("i1"))->has_value());
}

TEST_F(SqliteStoreFile, that_cannot_be_used_is_named_in_the_error) {
  ASSERT_TRUE(core::write_file(path_, std::string(8192, 'x')));
  for (const std::string& path : {path_, folder_, folder_ + "/none/broker.db"}) {
    const auto store = SqliteStore::open(pool_, path);
    ASSERT_FALSE(store) << path;
    EXPECT_THAT(store.error().message, HasSubstr(path));
  }
}

TEST_F(SqliteStoreFile, with_a_broken_record_gives_a_clear_error_for_that_record) {
  {
    const auto store = open();
    for (const char* id : {"i1", "i2"}) ASSERT_TRUE(run(store->put_instance({.id = id})));
    ASSERT_TRUE(run(store->put_binding({.id = "b1", .instance_id = "i1"})));
  }
  change("UPDATE records SET body = '[1' WHERE id IN ('i1', 'b1')");
  const auto store = open();
  const auto instance = run(store->get_instance("i1"));
  ASSERT_FALSE(instance);
  EXPECT_EQ(instance.error().kind, ErrorKind::internal);
  EXPECT_THAT(instance.error().message, HasSubstr("i1"));
  EXPECT_THAT(run(store->get_binding("b1")).error().message, HasSubstr("b1"));
  EXPECT_TRUE(run(store->get_instance("i2"))->has_value());
  // Lists show that there is something, and everything else.
  const auto instances = run(store->list_instances());
  ASSERT_TRUE(instances && instances->size() == 2);
  EXPECT_FALSE(instances->at(0).readable);
  EXPECT_EQ(instances->at(0).id, "i1");
  EXPECT_TRUE(instances->at(1).readable);
  const auto bindings = run(store->list_bindings("i1"));
  ASSERT_TRUE(bindings && bindings->size() == 1);
  EXPECT_FALSE(bindings->at(0).readable);
  EXPECT_EQ(bindings->at(0).instance_id, "i1");
  EXPECT_EQ(run(store->list_all_bindings())->size(), 1);
  EXPECT_THAT(*run(store->count_instances()),
              testing::UnorderedElementsAre(testing::Pair("unreadable", 1), testing::Pair("creating", 1)));
}

}  // namespace
}  // namespace broker
