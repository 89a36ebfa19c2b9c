// The store's file: every change of every object is a row of a log, numbered by revision; a table of heads
// tells the row that an object is at now. (The shape is kine's: https://github.com/k3s-io/kine)
//
// Synchronous; belongs to one thread at a time. A commit that returned survives kill -9. Values under sealed
// prefixes are encrypted at rest.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/seal.hpp"
#include "sqlite/database.hpp"

namespace apiserver {

enum class ChangeType { added = 0, modified = 1, deleted = 2 };

struct Record {
  std::string key;
  std::int64_t revision = 0;
  ChangeType type = ChangeType::added;
  std::string value;    // of a deletion: the last state
  std::string problem;  // why the value cannot be read (sealed by a key that is lost); empty: it can
};

struct Change {
  std::string key;
  ChangeType type = ChangeType::added;
  std::int64_t expected = 0;  // the revision that the key is at; 0: it does not exist
  std::string value;
  std::vector<std::string> owners;  // uids of the object's owners
  bool terminating = false;         // has a deletionTimestamp
};

class RevisionLog {
 public:
  // Errors: as Database and Sealer; invalid for a file of another program or of a newer version.
  [[nodiscard]] static core::Result<RevisionLog> open(const std::string& path, core::Sealer sealer,
                                                      std::vector<std::string> sealed_prefixes);

  // One transaction for all. Each change gets its revision, or conflict (the key is not at `expected`). An
  // error of the whole: nothing was written.
  [[nodiscard]] core::Result<std::vector<core::Result<std::int64_t>>> commit(std::span<const Change> changes,
                                                                             std::int64_t unix_seconds);

  [[nodiscard]] core::Result<std::int64_t> revision();  // of the last change
  [[nodiscard]] std::int64_t compacted() const { return compacted_; }

  [[nodiscard]] core::Result<std::optional<Record>> get(const std::string& key);
  // Objects with the prefix whose key is greater than `after`, in the order of keys, as they are now
  // (revision 0) or were at a revision. The visitor returns false to stop.
  using Visitor = std::function<bool(Record)>;
  [[nodiscard]] core::Result<> scan(const std::string& prefix, const std::string& after,
                                    std::int64_t revision, const Visitor& visit);
  // Changes with the prefix in (after, until], each with the state before it.
  using ChangeVisitor = std::function<bool(Record, std::optional<Record> before)>;
  [[nodiscard]] core::Result<> changes(const std::string& prefix, std::int64_t after, std::int64_t until,
                                       const ChangeVisitor& visit);

  [[nodiscard]] core::Result<std::vector<std::string>> dependents_of(const std::string& owner_uid);
  [[nodiscard]] core::Result<std::vector<std::string>> all_dependents();
  [[nodiscard]] core::Result<std::vector<std::string>> terminating();
  // Keys with the prefix that were last written before that time.
  [[nodiscard]] core::Result<std::vector<std::string>> written_before(const std::string& prefix,
                                                                      std::int64_t unix_seconds);
  // The last revision that was written before that time; 0: none.
  [[nodiscard]] core::Result<std::int64_t> revision_before(std::int64_t unix_seconds);
  // Forgets states that were replaced at or before the revision.
  [[nodiscard]] core::Result<> compact(std::int64_t revision);

 private:
  RevisionLog(sqlite::Database database, core::Sealer sealer, std::vector<std::string> sealed_prefixes)
      : database_(std::move(database)),
        sealer_(std::move(sealer)),
        sealed_prefixes_(std::move(sealed_prefixes)) {}

  [[nodiscard]] core::Result<> prepare();
  [[nodiscard]] core::Result<std::int64_t> append(const Change& change, std::int64_t unix_seconds);
  [[nodiscard]] bool is_sealed(std::string_view key) const;
  [[nodiscard]] Record read(const sqlite::Statement& row, int first_column) const;
  [[nodiscard]] core::Result<std::vector<std::string>> keys(sqlite::Statement& query,
                                                            std::initializer_list<sqlite::Value> parameters);

  sqlite::Database database_;
  core::Sealer sealer_;
  std::vector<std::string> sealed_prefixes_;
  std::int64_t compacted_ = 0;
  sqlite::Statement head_, insert_, set_head_, drop_head_, add_dependent_, drop_dependents_, add_terminating_,
      drop_terminating_, get_, scan_, scan_at_, changes_;
};

// The first key after all those with the prefix.
[[nodiscard]] std::string end_of_prefix(std::string prefix);

}  // namespace apiserver
