// The database's file: who may read it, who waits for whom, and files that are none.
#include <filesystem>
#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/random.hpp"
#include "sqlite/database.hpp"

namespace sqlite {
namespace {

using core::ErrorKind;
using testing::HasSubstr;

class InAFolder : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directory(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  Database open(OpenOptions options = {}) {
    auto database = Database::open(path_, options);
    if (!database) throw std::runtime_error(database.error().message);
    return std::move(*database);
  }
  std::string folder_ = testing::TempDir() + "/sqlite-" + core::random_hex(6);
  std::string path_ = folder_ + "/test.db";
};
using DatabaseFile = InAFolder;
using Locking = InAFolder;

TEST_F(Locking, lets_the_second_writer_know_that_the_file_is_busy_and_readers_go_on) {
  Database first = open();
  Database second = open({.busy_timeout_ms = 0});
  ASSERT_TRUE(first.run("CREATE TABLE t (id)"));
  auto writing = Transaction::begin(first);
  ASSERT_TRUE(writing);
  ASSERT_TRUE(first.run("INSERT INTO t VALUES (1)"));
  const auto refused = Transaction::begin(second);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_TRUE(refused.error().retryable());
  EXPECT_TRUE(second.run("SELECT * FROM t"));
  ASSERT_TRUE(writing->commit());
  EXPECT_TRUE(Transaction::begin(second));
}

TEST_F(DatabaseFile, is_made_for_its_owner_only_and_kept) {
  ASSERT_TRUE(open().run("CREATE TABLE t (id); INSERT INTO t VALUES (7)"));
  struct stat status = {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  Database again = open();
  auto select = again.prepare("SELECT id FROM t");
  ASSERT_TRUE(select && select->begin({}) && *select->next());
  EXPECT_EQ(select->integer(0), 7);
}

TEST_F(DatabaseFile, is_written_so_that_a_commit_survives_the_loss_of_power) {
  Database database = open();
  for (const auto& [pragma, expected] : {std::pair("journal_mode", "wal"), std::pair("synchronous", "2")}) {
    auto asked = database.prepare("PRAGMA " + std::string(pragma));
    ASSERT_TRUE(asked && asked->begin({}) && *asked->next());
    EXPECT_EQ(asked->text(0), expected);
  }
}

TEST_F(DatabaseFile, that_cannot_be_opened_is_named) {
  EXPECT_FALSE(Database::open(path_, {.create = false}));
  EXPECT_FALSE(std::filesystem::exists(path_));
  for (const std::string& path : {folder_, folder_ + "/none/test.db"}) {
    const auto opened = Database::open(path);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::unavailable);
    EXPECT_THAT(opened.error().message, HasSubstr(path));
  }
}

TEST_F(DatabaseFile, that_is_no_database_is_left_as_it_is_and_named) {
  const std::string text(4096, 'x');
  ASSERT_TRUE(core::write_file(path_, text));
  const auto opened = Database::open(path_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::internal) << "trying again cannot help";
  EXPECT_THAT(opened.error().message, HasSubstr(path_));
  EXPECT_EQ(core::read_file(path_).value_or(""), text);
}

TEST_F(DatabaseFile, that_is_damaged_gives_an_error_where_the_damage_is_met) {
  ASSERT_TRUE(open().run(
      "PRAGMA journal_mode=DELETE; CREATE TABLE t (id, text); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
      "SELECT i + 1 FROM n WHERE i < 500) INSERT INTO t SELECT i, hex(zeroblob(50)) FROM n"));
  std::string bytes = *core::read_file(path_);
  ASSERT_GT(bytes.size(), 20'000U);
  std::fill(bytes.begin() + 4096, bytes.end(), '\x5a');
  ASSERT_TRUE(core::write_file(path_, bytes));
  Database database = open();  // the first page is whole
  const auto read = database.run("SELECT sum(id) FROM t");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::internal);
}

}  // namespace
}  // namespace sqlite
