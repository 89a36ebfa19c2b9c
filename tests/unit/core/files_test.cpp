// Files, sealing, metrics, logs.
#include <algorithm>
#include <filesystem>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/log.hpp"
#include "core/metrics.hpp"
#include "core/random.hpp"
#include "core/seal.hpp"

namespace core {
namespace {

class InAFolder : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "/core-" + random_hex(6);
    std::filesystem::create_directory(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }
  [[nodiscard]] static unsigned mode_of(const std::string& path) {
    struct stat status = {};
    ::stat(path.c_str(), &status);
    return status.st_mode & 0777U;
  }

 private:
  std::string folder_;
};
using File = InAFolder;
using Sealing = InAFolder;

TEST_F(File, is_written_whole_and_with_its_mode) {
  ASSERT_TRUE(write_file(path("a"), "text"));
  EXPECT_EQ(read_file(path("a")).value_or(""), "text");
  EXPECT_EQ(mode_of(path("a")), 0600U);
  ASSERT_TRUE(write_file(path("a"), "more", 0644));
  EXPECT_EQ(read_file(path("a")).value_or(""), "more");
  EXPECT_EQ(mode_of(path("a")), 0644U);
}

TEST_F(File, that_cannot_be_read_is_named) {
  const auto missing = read_file(path("missing"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
  EXPECT_TRUE(missing.error().message.contains(path("missing")));
  ASSERT_TRUE(write_file(path("big"), std::string(100, 'x')));
  const auto big = read_file(path("big"), 50);
  ASSERT_FALSE(big);
  EXPECT_EQ(big.error().kind, ErrorKind::too_large);
  EXPECT_FALSE(write_file(path("no/folder"), "x"));
}

TEST_F(Sealing, opens_what_the_same_key_has_sealed_for_the_same_context) {
  const auto sealer = Sealer::from_key_file(path("key"));
  ASSERT_TRUE(sealer);
  EXPECT_EQ(mode_of(path("key")), 0600U);
  const std::string sealed = sealer->seal("hunter2", "secret/a");
  EXPECT_FALSE(sealed.contains("hunter2"));
  EXPECT_NE(sealed, sealer->seal("hunter2", "secret/a"));
  const auto same_key = Sealer::from_key_file(path("key"));
  EXPECT_EQ(same_key->open(sealed, "secret/a").value_or(""), "hunter2");
  EXPECT_FALSE(sealer->open(sealed, "secret/b"));
  EXPECT_FALSE(Sealer::ephemeral().open(sealed, "secret/a"));
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    std::string changed = sealed;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(sealer->open(changed, "secret/a")) << at;
    EXPECT_FALSE(sealer->open(sealed.substr(0, at), "secret/a")) << at;
  }
}

TEST_F(Sealing, refuses_a_key_that_others_may_read) {
  ASSERT_TRUE(write_file(path("key"), std::string(32, 'k'), 0644));
  const auto open_to_all = Sealer::from_key_file(path("key"));
  ASSERT_FALSE(open_to_all);
  EXPECT_TRUE(open_to_all.error().message.contains("chmod 600"));
  ASSERT_TRUE(write_file(path("short"), "k"));
  EXPECT_FALSE(Sealer::from_key_file(path("short")));
}

TEST_F(Sealing, tells_keys_apart_by_their_fingerprints) {
  const auto sealer = Sealer::from_key(std::string(32, 'k'));
  ASSERT_TRUE(sealer);
  EXPECT_EQ(sealer->fingerprint(), Sealer::from_key(std::string(32, 'k'))->fingerprint());
  EXPECT_NE(sealer->fingerprint(), Sealer::from_key(std::string(32, 'l'))->fingerprint());
  EXPECT_EQ(sealer->fingerprint().size(), 16U);
  for (const std::size_t size : {0U, 31U, 33U}) EXPECT_FALSE(Sealer::from_key(std::string(size, 'k')));
}

TEST(Sealer, takes_a_key_file_that_only_its_reader_can_read_or_that_root_shows_to_the_readers_group) {
  constexpr uid_t root = 0;
  constexpr uid_t reader = 65532;
  EXPECT_TRUE(is_private(0600, reader, reader));
  EXPECT_TRUE(is_private(0400, root, root));
  EXPECT_TRUE(is_private(0440, root, reader));
  EXPECT_TRUE(is_private(0640, root, reader));
  EXPECT_FALSE(is_private(0640, reader, reader));
  EXPECT_FALSE(is_private(0660, root, reader));
  EXPECT_FALSE(is_private(0444, root, reader));
  EXPECT_FALSE(is_private(0604, reader, reader));
}

TEST(Metrics, are_rendered_in_prometheus_text) {
  Metrics metrics;
  metrics.increment("calls_total", "Calls", {{"outcome", "ok"}});
  metrics.increment("calls_total", "Calls", {{"outcome", "ok"}}, 2);
  metrics.set_gauge("depth", "Depth", {}, 7);
  metrics.observe_seconds("time_seconds", "Time", {}, 0.02);
  const std::string text = metrics.render();
  for (const char* line :
       {"# TYPE calls_total counter", "calls_total{outcome=\"ok\"} 3", "depth 7", "time_seconds_count 1"})
    EXPECT_TRUE(text.contains(line)) << line << " is not in\n" << text;
}

TEST(Log, writes_one_line_per_event_whatever_is_in_it) {
  log::configure(log::Format::json, log::Level::info);
  testing::internal::CaptureStderr();
  log::info("Hello", {{"text", "a \"b\"\nc"}, {"number", 3}, {"flag", true}});
  log::debug("not shown");
  const std::string line = testing::internal::GetCapturedStderr();
  log::configure(log::Format::text, log::Level::info);
  EXPECT_EQ(std::ranges::count(line, '\n'), 1);
  EXPECT_TRUE(line.contains(R"("text":"a \"b\"\nc")")) << line;
  EXPECT_TRUE(line.contains(R"("number":3)")) << line;
}

}  // namespace
}  // namespace core
