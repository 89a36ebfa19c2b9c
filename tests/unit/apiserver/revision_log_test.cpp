#include "apiserver/revision_log.hpp"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.hpp"
#include "testing/temp_folder.hpp"

namespace apiserver {
namespace {

using core::ErrorKind;
using testing::ElementsAre;

constexpr std::int64_t noon = 1'769'860'800;

class RevisionLogTest : public testing::Test {
 protected:
  RevisionLog open() {
    auto log = RevisionLog::open(folder_.file("state.db"), *core::Sealer::from_key_file(folder_.file("key")),
                                 {"/core/secrets/"});
    EXPECT_TRUE(log) << log.error().message;
    return std::move(*log);
  }
  static core::Result<std::int64_t> commit(RevisionLog& log, Change change, std::int64_t time = noon) {
    auto revisions = log.commit(std::span(&change, 1), time);
    if (!revisions) return core::fail(revisions.error());
    return revisions->front();
  }
  static std::int64_t added(RevisionLog& log, std::string key, std::string value = "{}") {
    return *commit(log, {.key = std::move(key), .value = std::move(value)});
  }
  static std::vector<std::string> scan(RevisionLog& log, const std::string& prefix, std::int64_t revision = 0,
                                       const std::string& after = "") {
    std::vector<std::string> found;
    EXPECT_TRUE(log.scan(prefix, after.empty() ? prefix : after, revision, [&](const Record& record) {
      found.push_back(record.key + "=" + record.value);
      return true;
    }));
    return found;
  }

  fakes::TempFolder folder_;
};

TEST_F(RevisionLogTest, numbers_changes_and_keeps_them_when_it_is_opened_again) {
  std::int64_t last = 0;
  {
    RevisionLog log = open();
    const std::int64_t first = added(log, "/core/configmaps/a", "1");
    last = *commit(
        log, {.key = "/core/configmaps/a", .type = ChangeType::modified, .expected = first, .value = "2"});
    EXPECT_EQ(last, first + 1);
  }
  RevisionLog log = open();
  EXPECT_EQ(*log.revision(), last);
  const auto record = log.get("/core/configmaps/a");
  ASSERT_TRUE(record && *record);
  EXPECT_EQ((*record)->value, "2");
  EXPECT_EQ((*record)->revision, last);
}

TEST_F(RevisionLogTest, refuses_what_was_decided_on_an_old_state_and_writes_the_rest) {
  RevisionLog log = open();
  const std::int64_t first = added(log, "/core/configmaps/a");
  const std::vector<Change> changes{
      {.key = "/core/configmaps/a", .expected = 0, .value = "twice"},
      {.key = "/core/configmaps/a", .type = ChangeType::modified, .expected = first + 7, .value = "late"},
      {.key = "/core/configmaps/b", .value = "new"},
      {.key = "/core/configmaps/none", .type = ChangeType::deleted, .expected = 1, .value = "gone"}};
  const auto revisions = log.commit(changes, noon);
  ASSERT_TRUE(revisions);
  EXPECT_EQ((*revisions)[0].error().kind, ErrorKind::conflict);
  EXPECT_EQ((*revisions)[1].error().kind, ErrorKind::conflict);
  EXPECT_EQ((*revisions)[2], first + 1);
  EXPECT_EQ((*revisions)[3].error().kind, ErrorKind::conflict);
  EXPECT_THAT(scan(log, "/core/configmaps/"), ElementsAre("/core/configmaps/a={}", "/core/configmaps/b=new"));
}

TEST_F(RevisionLogTest, shows_every_past_state_and_change) {
  RevisionLog log = open();
  const std::int64_t start = added(log, "/core/configmaps/a", "a1");
  const std::int64_t second = added(log, "/core/configmaps/b", "b1");
  added(log, "/core/services/x", "other");
  const std::int64_t changed = *commit(
      log, {.key = "/core/configmaps/a", .type = ChangeType::modified, .expected = start, .value = "a2"});
  const std::int64_t removed = *commit(
      log, {.key = "/core/configmaps/b", .type = ChangeType::deleted, .expected = second, .value = "b1"});

  EXPECT_THAT(scan(log, "/core/configmaps/", start), ElementsAre("/core/configmaps/a=a1"));
  EXPECT_THAT(scan(log, "/core/configmaps/", changed),
              ElementsAre("/core/configmaps/a=a2", "/core/configmaps/b=b1"));
  EXPECT_THAT(scan(log, "/core/configmaps/"), ElementsAre("/core/configmaps/a=a2"));
  EXPECT_THAT(scan(log, "/core/configmaps/", changed, "/core/configmaps/a"),
              ElementsAre("/core/configmaps/b=b1"));

  std::vector<std::string> told;
  const auto tell = [&](const Record& record, const std::optional<Record>& before) {
    told.push_back(std::to_string(static_cast<int>(record.type)) + record.key + ":" +
                   (before ? before->value : "-") + ">" + record.value);
    return true;
  };
  ASSERT_TRUE(log.changes("/core/configmaps/", start, removed, tell));
  EXPECT_THAT(told, ElementsAre("0/core/configmaps/b:->b1", "1/core/configmaps/a:a1>a2",
                                "2/core/configmaps/b:b1>b1"));
}

TEST_F(RevisionLogTest, forgets_what_was_replaced_when_it_is_compacted) {
  RevisionLog log = open();
  std::int64_t revision = added(log, "/core/configmaps/a", "0");
  for (int i = 1; i <= 5; ++i) {
    revision = *commit(log,
                       {.key = "/core/configmaps/a",
                        .type = ChangeType::modified,
                        .expected = revision,
                        .value = std::to_string(i)},
                       noon + i);
  }
  EXPECT_EQ(*log.revision_before(noon + 4), revision - 2);
  ASSERT_TRUE(log.compact(revision - 2));
  EXPECT_EQ(log.compacted(), revision - 2);
  EXPECT_THAT(scan(log, "/core/configmaps/", revision - 2), ElementsAre("/core/configmaps/a=3"));
  EXPECT_THAT(scan(log, "/core/configmaps/"), ElementsAre("/core/configmaps/a=5"));
  EXPECT_EQ(open().compacted(), revision - 2);
}

TEST_F(RevisionLogTest, knows_what_belongs_to_whom_and_what_is_going) {
  RevisionLog log = open();
  const std::int64_t owned =
      *commit(log, {.key = "/core/secrets/n/s", .value = "{}", .owners = {"uid-1", "uid-2"}});
  EXPECT_THAT(*log.dependents_of("uid-2"), ElementsAre("/core/secrets/n/s"));
  const std::int64_t going = *commit(log, {.key = "/core/secrets/n/s",
                                           .type = ChangeType::modified,
                                           .expected = owned,
                                           .value = "{}",
                                           .owners = {"uid-1"},
                                           .terminating = true});
  EXPECT_TRUE(log.dependents_of("uid-2")->empty());
  EXPECT_THAT(*log.terminating(), ElementsAre("/core/secrets/n/s"));
  ASSERT_TRUE(commit(log, {.key = "/core/secrets/n/s", .type = ChangeType::deleted, .expected = going}));
  EXPECT_TRUE(log.all_dependents()->empty());
  EXPECT_TRUE(log.terminating()->empty());
}

TEST_F(RevisionLogTest, seals_secrets_in_the_file) {
  {
    RevisionLog log = open();
    added(log, "/core/secrets/n/s", "the password is swordfish");
    added(log, "/core/configmaps/n/c", "the colour is turquoise");
  }
  std::string bytes;
  for (const char* name : {"state.db", "state.db-wal"}) {
    if (const auto part = core::read_file(folder_.file(name))) bytes += *part;
  }
  EXPECT_FALSE(bytes.contains("swordfish"));
  EXPECT_TRUE(bytes.contains("turquoise"));
  RevisionLog log = open();
  EXPECT_EQ((*log.get("/core/secrets/n/s"))->value, "the password is swordfish");

  auto with_another_key =
      RevisionLog::open(folder_.file("state.db"), core::Sealer::ephemeral(), {"/core/secrets/"});
  ASSERT_TRUE(with_another_key);
  const auto unreadable = with_another_key->get("/core/secrets/n/s");
  ASSERT_TRUE(unreadable && *unreadable);
  EXPECT_FALSE((*unreadable)->problem.empty());
  EXPECT_EQ((*unreadable)->value, "");
}

TEST_F(RevisionLogTest, refuses_the_file_of_another_program) {
  {
    auto database = sqlite::Database::open(folder_.file("other.db"));
    ASSERT_TRUE(database->run("CREATE TABLE bookmarks (url TEXT); PRAGMA user_version = 77"));
  }
  ASSERT_TRUE(core::write_file(folder_.file("text.db"),
                               "this is not a database, but it is long enough to be one", 0600));
  for (const char* name : {"other.db", "text.db"}) {
    const auto log = RevisionLog::open(folder_.file(name), core::Sealer::ephemeral(), {});
    ASSERT_FALSE(log) << name;
    EXPECT_TRUE(log.error().message.contains(name)) << log.error().message;
  }
}

TEST_F(RevisionLogTest, shows_a_value_whose_key_is_lost_as_unreadable_and_the_rest) {
  {
    RevisionLog log = open();
    added(log, "/core/secrets/a", "old");
  }
  std::filesystem::remove(folder_.file("key"));
  RevisionLog log = open();
  added(log, "/core/secrets/b", "new");
  EXPECT_THAT(scan(log, "/core/secrets/"), ElementsAre("/core/secrets/a=", "/core/secrets/b=new"));
  const auto record = log.get("/core/secrets/a");
  ASSERT_TRUE(record && *record);
  EXPECT_FALSE((*record)->problem.empty());
}

}  // namespace
}  // namespace apiserver
