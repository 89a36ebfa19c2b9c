#include "apiserver/revision_log.hpp"

#include <algorithm>

namespace apiserver {

namespace {

constexpr std::int64_t schema_version = 1;

constexpr std::string_view schema = R"sql(
CREATE TABLE log (
  revision INTEGER PRIMARY KEY AUTOINCREMENT,
  key      BLOB NOT NULL,
  type     INTEGER NOT NULL,  -- 0 added, 1 modified, 2 deleted
  previous INTEGER NOT NULL,  -- the revision that it replaces; 0: none
  written  INTEGER NOT NULL,  -- seconds since 1970
  value    BLOB NOT NULL
);
CREATE INDEX log_by_key ON log (key, revision);
CREATE TABLE heads (key BLOB PRIMARY KEY, revision INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE dependents (owner BLOB NOT NULL, key BLOB NOT NULL, PRIMARY KEY (owner, key)) WITHOUT ROWID;
CREATE INDEX dependents_by_key ON dependents (key);
CREATE TABLE terminating (key BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE compaction (revision INTEGER NOT NULL);
INSERT INTO compaction VALUES (0);
-- Revision 1 is nobody's, so that "0" (any version) is never the version of a list.
INSERT INTO log (key, type, previous, written, value) VALUES (x'', 2, 0, 0, x'');
PRAGMA user_version = 1;
)sql";

core::Result<std::int64_t> integer_of(sqlite::Database& database, std::string_view query) {
  auto statement = database.prepare(query);
  if (!statement) return core::fail(std::move(statement.error()));
  auto row = statement->next();
  if (!row) return core::fail(std::move(row.error()));
  return *row ? statement->integer(0) : 0;
}

}  // namespace

std::string end_of_prefix(std::string prefix) {
  prefix.back() = static_cast<char>(prefix.back() + 1);  // prefixes end with '/'
  return prefix;
}

core::Result<RevisionLog> RevisionLog::open(const std::string& path, core::Sealer sealer,
                                            std::vector<std::string> sealed_prefixes) {
  auto database = sqlite::Database::open(path);
  if (!database) return core::fail(std::move(database.error()));
  // A small page cache: the operating system has these pages too.
  if (auto set = database->run("PRAGMA cache_size=-1024"); !set) return core::fail(std::move(set.error()));
  auto version = integer_of(*database, "PRAGMA user_version");
  if (!version) return core::fail(std::move(version.error()));
  if (*version > schema_version) {
    return core::fail(core::ErrorKind::invalid,
                      path + " was written by a newer version of this program: use that one");
  }
  if (*version == 0) {
    auto transaction = sqlite::Transaction::begin(*database);
    if (!transaction) return core::fail(std::move(transaction.error()));
    if (auto made = database->run(schema); !made) return core::fail(made.error().with_context(path));
    if (auto done = transaction->commit(); !done) return core::fail(std::move(done.error()));
  }
  RevisionLog log(std::move(*database), std::move(sealer), std::move(sealed_prefixes));
  if (auto prepared = log.prepare(); !prepared) return core::fail(prepared.error().with_context(path));
  return log;
}

core::Result<> RevisionLog::prepare() {
  const std::pair<sqlite::Statement*, std::string_view> statements[] = {
      {&head_, "SELECT revision FROM heads WHERE key = ?1"},
      {&insert_, "INSERT INTO log (key, type, previous, written, value) VALUES (?1, ?2, ?3, ?4, ?5)"},
      {&set_head_, "INSERT OR REPLACE INTO heads (key, revision) VALUES (?1, ?2)"},
      {&drop_head_, "DELETE FROM heads WHERE key = ?1"},
      {&add_dependent_, "INSERT OR IGNORE INTO dependents (owner, key) VALUES (?1, ?2)"},
      {&drop_dependents_, "DELETE FROM dependents WHERE key = ?1"},
      {&add_terminating_, "INSERT OR IGNORE INTO terminating (key) VALUES (?1)"},
      {&drop_terminating_, "DELETE FROM terminating WHERE key = ?1"},
      {&get_,
       "SELECT l.key, l.revision, l.type, l.value FROM heads h JOIN log l ON l.revision = h.revision "
       "WHERE h.key = ?1"},
      {&scan_,
       "SELECT l.key, l.revision, l.type, l.value FROM heads h JOIN log l ON l.revision = h.revision "
       "WHERE h.key > ?1 AND h.key < ?2 ORDER BY h.key"},
      {&scan_at_,
       "SELECT l.key, l.revision, l.type, l.value FROM (SELECT max(revision) AS latest FROM log "
       "WHERE key > ?1 AND key < ?2 AND revision <= ?3 GROUP BY key) AS c JOIN log l ON l.revision = "
       "c.latest "
       "WHERE l.type <> 2 ORDER BY l.key"},
      {&changes_,
       "SELECT l.key, l.revision, l.type, l.value, p.key, p.revision, p.type, p.value "
       "FROM log l LEFT JOIN log p ON p.revision = l.previous "
       "WHERE l.revision > ?1 AND l.revision <= ?2 AND l.key > ?3 AND l.key < ?4 ORDER BY l.revision"},
  };
  for (const auto& [statement, text] : statements) {
    auto prepared = database_.prepare(text);
    if (!prepared) return core::fail(std::move(prepared.error()));
    *statement = std::move(*prepared);
  }
  auto compacted = integer_of(database_, "SELECT revision FROM compaction");
  if (!compacted) return core::fail(std::move(compacted.error()));
  compacted_ = *compacted;
  return {};
}

bool RevisionLog::is_sealed(std::string_view key) const {
  return std::ranges::any_of(sealed_prefixes_,
                             [key](const std::string& prefix) { return key.starts_with(prefix); });
}

Record RevisionLog::read(const sqlite::Statement& row, int first_column) const {
  Record record{.key = row.text(first_column),
                .revision = row.integer(first_column + 1),
                .type = static_cast<ChangeType>(row.integer(first_column + 2)),
                .value = row.text(first_column + 3),
                .problem = {}};
  if (is_sealed(record.key)) {
    auto plain = sealer_.open(record.value, record.key);
    // One row that cannot be opened must not take those after it.
    record.problem = plain ? "" : plain.error().message;
    record.value = plain ? std::move(*plain) : "";
  }
  return record;
}

core::Result<std::int64_t> RevisionLog::revision() {
  return integer_of(database_, "SELECT seq FROM sqlite_sequence WHERE name = 'log'");
}

core::Result<std::vector<core::Result<std::int64_t>>> RevisionLog::commit(std::span<const Change> changes,
                                                                          std::int64_t unix_seconds) {
  auto transaction = sqlite::Transaction::begin(database_);
  if (!transaction) return core::fail(std::move(transaction.error()));
  std::vector<core::Result<std::int64_t>> revisions;
  revisions.reserve(changes.size());
  for (const Change& change : changes) {
    revisions.push_back(append(change, unix_seconds));
    // A conflict concerns this change only; anything else is the file's trouble.
    if (const auto& last = revisions.back(); !last && last.error().kind != core::ErrorKind::conflict)
      return core::fail(last.error());
  }
  if (auto done = transaction->commit(); !done) return core::fail(std::move(done.error()));
  return revisions;
}

core::Result<std::int64_t> RevisionLog::append(const Change& change, std::int64_t unix_seconds) {
  if (auto begun = head_.begin({change.key}); !begun) return core::fail(std::move(begun.error()));
  auto row = head_.next();
  if (!row) return core::fail(std::move(row.error()));
  const std::int64_t head = *row ? head_.integer(0) : 0;
  head_.reset();
  if (head != change.expected)
    return core::fail(core::ErrorKind::conflict, change.key + " has been changed in the meantime");

  std::string value = is_sealed(change.key) ? sealer_.seal(change.value, change.key) : change.value;
  core::Result<> done = insert_.execute(
      {change.key, static_cast<std::int64_t>(change.type), change.expected, unix_seconds, std::move(value)});
  if (!done) return core::fail(std::move(done.error()));
  const std::int64_t revision = database_.last_insert_id();
  const bool exists = change.type != ChangeType::deleted;

  done = exists ? set_head_.execute({change.key, revision}) : drop_head_.execute({change.key});
  if (done) done = drop_dependents_.execute({change.key});
  for (const std::string& owner : change.owners) {
    if (done && exists) done = add_dependent_.execute({owner, change.key});
  }
  if (done) {
    done = exists && change.terminating ? add_terminating_.execute({change.key})
                                        : drop_terminating_.execute({change.key});
  }
  if (!done) return core::fail(std::move(done.error()));
  return revision;
}

core::Result<std::optional<Record>> RevisionLog::get(const std::string& key) {
  if (auto begun = get_.begin({key}); !begun) return core::fail(std::move(begun.error()));
  auto row = get_.next();
  if (!row) return core::fail(std::move(row.error()));
  if (!*row) return std::nullopt;
  Record record = read(get_, 0);
  get_.reset();
  return record;
}

core::Result<> RevisionLog::scan(const std::string& prefix, const std::string& after, std::int64_t revision,
                                 const Visitor& visit) {
  const std::string& begin = after.empty() ? prefix : after;
  sqlite::Statement& query = revision == 0 ? scan_ : scan_at_;
  auto begun = revision == 0 ? query.begin({begin, end_of_prefix(prefix)})
                             : query.begin({begin, end_of_prefix(prefix), revision});
  if (!begun) return begun;
  while (true) {
    auto row = query.next();
    if (!row) return core::fail(std::move(row.error()));
    if (!*row) return {};
    if (!visit(read(query, 0))) {
      query.reset();
      return {};
    }
  }
}

core::Result<> RevisionLog::changes(const std::string& prefix, std::int64_t after, std::int64_t until,
                                    const ChangeVisitor& visit) {
  if (auto begun = changes_.begin({after, until, prefix, end_of_prefix(prefix)}); !begun) return begun;
  while (true) {
    auto row = changes_.next();
    if (!row) return core::fail(std::move(row.error()));
    if (!*row) return {};
    std::optional<Record> before;
    if (!changes_.is_null(5)) before = read(changes_, 4);
    if (!visit(read(changes_, 0), std::move(before))) {
      changes_.reset();
      return {};
    }
  }
}

core::Result<std::vector<std::string>> RevisionLog::keys(sqlite::Statement& query,
                                                         std::initializer_list<sqlite::Value> parameters) {
  if (auto begun = query.begin(parameters); !begun) return core::fail(std::move(begun.error()));
  std::vector<std::string> result;
  while (true) {
    auto row = query.next();
    if (!row) return core::fail(std::move(row.error()));
    if (!*row) return result;
    result.push_back(query.text(0));
  }
}

core::Result<std::vector<std::string>> RevisionLog::dependents_of(const std::string& owner_uid) {
  auto query = database_.prepare("SELECT key FROM dependents WHERE owner = ?1");
  if (!query) return core::fail(std::move(query.error()));
  return keys(*query, {owner_uid});
}

core::Result<std::vector<std::string>> RevisionLog::all_dependents() {
  auto query = database_.prepare("SELECT DISTINCT key FROM dependents");
  if (!query) return core::fail(std::move(query.error()));
  return keys(*query, {});
}

core::Result<std::vector<std::string>> RevisionLog::terminating() {
  auto query = database_.prepare("SELECT key FROM terminating");
  if (!query) return core::fail(std::move(query.error()));
  return keys(*query, {});
}

core::Result<std::vector<std::string>> RevisionLog::written_before(const std::string& prefix,
                                                                   std::int64_t unix_seconds) {
  auto query = database_.prepare(
      "SELECT h.key FROM heads h JOIN log l ON l.revision = h.revision "
      "WHERE h.key > ?1 AND h.key < ?2 AND l.written < ?3");
  if (!query) return core::fail(std::move(query.error()));
  return keys(*query, {prefix, end_of_prefix(prefix), unix_seconds});
}

core::Result<std::int64_t> RevisionLog::revision_before(std::int64_t unix_seconds) {
  // Revisions ascend with time: the first one that is new enough ends the search.
  auto query = database_.prepare(
      "SELECT revision FROM log WHERE revision > ?1 AND written >= ?2 ORDER BY revision LIMIT 1");
  if (!query) return core::fail(std::move(query.error()));
  if (auto begun = query->begin({compacted_, unix_seconds}); !begun)
    return core::fail(std::move(begun.error()));
  auto row = query->next();
  if (!row) return core::fail(std::move(row.error()));
  return *row ? query->integer(0) - 1 : *revision();
}

core::Result<> RevisionLog::compact(std::int64_t revision) {
  if (revision <= compacted_) return {};
  auto transaction = sqlite::Transaction::begin(database_);
  if (!transaction) return core::fail(std::move(transaction.error()));
  const std::pair<std::string_view, std::vector<sqlite::Value>> steps[] = {
      {"DELETE FROM log WHERE revision IN "
       "(SELECT previous FROM log WHERE revision > ?1 AND revision <= ?2 AND previous > 0)",
       {compacted_, revision}},
      {"DELETE FROM log WHERE revision > ?1 AND revision <= ?2 AND type = 2", {compacted_, revision}},
      {"UPDATE compaction SET revision = ?1", {revision}},
  };
  for (const auto& [text, parameters] : steps) {
    auto statement = database_.prepare(text);
    if (!statement) return core::fail(std::move(statement.error()));
    if (auto begun = statement->begin(parameters); !begun) return begun;
    if (auto done = statement->next(); !done) return core::fail(std::move(done.error()));
  }
  if (auto done = transaction->commit(); !done) return done;
  compacted_ = revision;
  return {};
}

}  // namespace apiserver
