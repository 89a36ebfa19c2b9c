// Statements and transactions of SQLite behind RAII and Results.
#include "sqlite/database.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sqlite {
namespace {

using core::ErrorKind;
using testing::ElementsAre;
using testing::HasSubstr;

class InMemory : public testing::Test {
 protected:
  void SetUp() override {
    const auto made = database_.run("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, data BLOB)");
    ASSERT_TRUE(made) << made.error().message;
  }
  Statement prepare(std::string_view sql) {
    auto statement = database_.prepare(sql);
    if (!statement) throw std::runtime_error(statement.error().message);
    return std::move(*statement);
  }
  std::vector<std::string> names() {
    Statement select = prepare("SELECT name FROM t ORDER BY id");
    EXPECT_TRUE(select.begin({}));
    std::vector<std::string> found;
    while (select.next().value_or(false)) found.push_back(select.text(0));
    return found;
  }
  core::Result<> insert(const char* name) {
    return prepare("INSERT INTO t (name) VALUES (?1)").execute({std::string(name)});
  }
  Database database_ = *Database::open(":memory:");
};
using Statements = InMemory;
using Transactions = InMemory;

TEST_F(Statements, keep_values_of_every_type_byte_by_byte) {
  Statement insert = prepare("INSERT INTO t VALUES (?1, ?2, ?3)");
  const std::string bytes("a\0\xff", 3);
  ASSERT_TRUE(
      insert.execute({std::int64_t{9'000'000'000'000'000'000}, std::string("\u00f6\0x", 4), Blob{bytes}}));
  ASSERT_TRUE(insert.execute({std::int64_t{-1}, nullptr, Blob{}}));
  Statement select = prepare("SELECT id, name, data FROM t ORDER BY id");
  ASSERT_TRUE(select.begin({}));
  ASSERT_TRUE(*select.next());
  EXPECT_EQ(select.integer(0), -1);
  EXPECT_TRUE(select.is_null(1));
  EXPECT_EQ(select.text(1), "");
  EXPECT_EQ(select.text(2), "");
  ASSERT_TRUE(*select.next());
  EXPECT_EQ(select.integer(0), 9'000'000'000'000'000'000);
  EXPECT_EQ(select.text(1), std::string("\u00f6\0x", 4));
  EXPECT_EQ(select.text(2), bytes);
  EXPECT_FALSE(*select.next());
}

TEST_F(Statements, can_be_used_again_and_forget_the_values_before) {
  Statement insert = prepare("INSERT INTO t (name) VALUES (?1)");
  ASSERT_TRUE(insert.execute({std::string("a")}));
  EXPECT_EQ(database_.last_insert_id(), 1);
  ASSERT_TRUE(insert.execute({std::string("b")}));
  EXPECT_EQ(database_.changes(), 1);
  ASSERT_TRUE(insert.execute()) << "the name is NULL now";
  EXPECT_THAT(names(), ElementsAre("a", "b", ""));
  ASSERT_TRUE(prepare("DELETE FROM t").execute());
  EXPECT_EQ(database_.changes(), 3);
}

TEST_F(Statements, are_moved_with_what_they_hold) {
  Statement first = prepare("INSERT INTO t (name) VALUES (?1)");
  Statement second = std::move(first);
  ASSERT_TRUE(second.execute({std::string("a")}));
  Statement third;
  third = std::move(second);
  ASSERT_TRUE(third.execute({std::string("b")}));
  EXPECT_THAT(names(), ElementsAre("a", "b"));
}

TEST_F(Statements, that_break_a_constraint_are_a_conflict_and_can_be_used_again) {
  Statement insert = prepare("INSERT INTO t (name) VALUES (?1)");
  ASSERT_TRUE(insert.execute({std::string("a")}));
  const auto again = insert.execute({std::string("a")});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::conflict);
  EXPECT_THAT(again.error().message, HasSubstr("t.name"));
  EXPECT_TRUE(insert.execute({std::string("b")}));
}

TEST_F(Statements, that_are_wrong_are_errors_in_sqlites_words) {
  const auto unknown = database_.prepare("SELECT * FROM nowhere");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::internal);
  EXPECT_THAT(unknown.error().message, HasSubstr("nowhere"));
  EXPECT_FALSE(database_.run("CREATE TABLE t (id)"));
  EXPECT_FALSE(prepare("SELECT 1").execute({std::string("too many")}));
}

TEST_F(Statements, run_to_their_end_also_where_rows_are_not_wanted) {
  for (const char* name : {"a", "b"}) ASSERT_TRUE(insert(name));
  ASSERT_TRUE(prepare("UPDATE t SET data = 'x' RETURNING id").execute());
  EXPECT_EQ(database_.changes(), 2);
}

TEST_F(Transactions, keep_all_or_nothing) {
  {
    auto transaction = Transaction::begin(database_);
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(insert("kept"));
    ASSERT_TRUE(transaction->commit());
  }
  {
    const auto transaction = Transaction::begin(database_);
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(insert("lost"));
    EXPECT_THAT(names(), ElementsAre("kept", "lost"));
  }
  EXPECT_THAT(names(), ElementsAre("kept"));
}

TEST_F(Transactions, are_rolled_back_by_an_exception) {
  try {
    const auto transaction = Transaction::begin(database_);
    ASSERT_TRUE(insert("lost"));
    throw std::runtime_error("on the way");
  } catch (const std::runtime_error&) {
  }
  EXPECT_THAT(names(), ElementsAre());
  EXPECT_TRUE(Transaction::begin(database_)) << "the failed one has ended";
}

TEST_F(Transactions, are_not_nested) {
  const auto outer = Transaction::begin(database_);
  ASSERT_TRUE(outer);
  EXPECT_FALSE(Transaction::begin(database_));
  EXPECT_TRUE(insert("a")) << "the outer one goes on";
}

TEST_F(Transactions, that_were_moved_end_once) {
  {
    auto begun = Transaction::begin(database_);
    ASSERT_TRUE(begun);
    Transaction moved = std::move(*begun);
    ASSERT_TRUE(insert("kept"));
    ASSERT_TRUE(moved.commit());
  }
  EXPECT_THAT(names(), ElementsAre("kept"));
}

}  // namespace
}  // namespace sqlite
