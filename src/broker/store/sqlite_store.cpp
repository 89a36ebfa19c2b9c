#include "broker/store/sqlite_store.hpp"

namespace broker {

namespace {

// A second broker on the file is told at once, and no lock has to be taken for each statement. Records are
// read by their ids: a large cache (KiB) would hold what nobody asks for again.
constexpr const char* schema = R"sql(
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA cache_size = -256;
CREATE TABLE IF NOT EXISTS records (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  parent TEXT NOT NULL,
  version INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS records_by_parent ON records (kind, parent);
)sql";

constexpr const char* get_sql = "SELECT id, body, version, parent FROM records WHERE kind = ?1 AND id = ?2";
constexpr const char* insert_sql =
    "INSERT OR IGNORE INTO records (kind, id, parent, version, body) VALUES (?1, ?2, ?3, ?4, ?5)";
constexpr const char* update_sql =
    "UPDATE records SET parent = ?3, version = ?4, body = ?5 WHERE kind = ?1 AND id = ?2 AND version = ?4 - "
    "1";
constexpr const char* replace_sql =
    "INSERT OR REPLACE INTO records (kind, id, parent, version, body) VALUES (?1, ?2, '', ?3, ?4)";
constexpr const char* remove_sql = "DELETE FROM records WHERE kind = ?1 AND id = ?2 AND version = ?3";
constexpr const char* list_sql =
    "SELECT id, body, version, parent FROM records WHERE kind = ?1 AND parent = ?2 ORDER BY id";
constexpr const char* page_sql =
    "SELECT id, body, version, parent FROM records WHERE kind = ?1 AND id > ?2 ORDER BY id LIMIT ?3";

constexpr const char* count_sql =
    "SELECT CASE WHEN json_valid(body) THEN json_extract(body, '$.phase') ELSE 'unreadable' END, count(*) "
    "FROM records WHERE kind = ?1 GROUP BY 1";

constexpr const char* instance_kind = "instance";
constexpr const char* binding_kind = "binding";
constexpr const char* setting_kind = "setting";
constexpr const char* template_kind = "template";

std::unexpected<core::Error> changed_meanwhile(const std::string& kind, const std::string& id) {
  return core::fail(core::ErrorKind::conflict,
                    "the record of " + kind + " " + id + " was changed in the meantime");
}

template <class Record, class Row>
core::Result<Record> to_record(const Row& row, Record (*from_json)(const boost::json::object&)) {
  const auto body = core::parse_json(row.body, record_limits);
  if (!body || !body->is_object())
    return core::fail(unreadable_record(row.id, body ? "it is not a JSON object" : body.error().message));
  Record record = from_json(body->get_object());
  record.version = row.version;
  return record;
}

template <class Record, class Row>
Record stand_in(const Row& row) {
  Record record{.id = row.id};
  record.phase = decltype(record.phase)::ready;
  record.version = row.version;
  record.readable = false;
  if constexpr (std::is_same_v<Record, BindingRecord>) record.instance_id = row.parent;
  return record;
}

template <class Record, class Row>
core::Result<std::vector<Record>> to_records(const core::Result<std::vector<Row>>& rows,
                                             Record (*from_json)(const boost::json::object&)) {
  if (!rows) return std::unexpected(rows.error());
  std::vector<Record> records;
  for (const Row& row : *rows) {
    auto record = to_record(row, from_json);
    records.push_back(record ? std::move(*record) : stand_in<Record>(row));
  }
  return records;
}

// SQLite's own lock would tell a second broker too, but not whose the file is.
core::Result<std::optional<core::FileLock>> lock_of(const std::string& path) {
  if (path == ":memory:") return std::nullopt;
  auto lock = core::FileLock::take(path + ".lock", "the store " + path);
  if (lock) return std::move(*lock);
  core::Error error = std::move(lock.error());
  if (error.kind == core::ErrorKind::conflict)
    error.message += ": end it, or use another --data-dir or --store";
  error.kind = core::ErrorKind::unavailable;
  return core::fail(std::move(error));
}

}  // namespace

core::Result<std::unique_ptr<SqliteStore>> SqliteStore::open(async::BlockingPool& pool,
                                                             const std::string& path) {
  auto lock = lock_of(path);
  if (!lock) return core::fail(std::move(lock.error()));
  auto database = sqlite::Database::open(path, {.busy_timeout_ms = 0});
  if (!database) return core::fail(std::move(database.error()));
  if (auto made = database->run(schema); !made) return core::fail(std::move(made.error()));
  Statements statements;
  const std::pair<sqlite::Statement*, const char*> prepared[] = {
      {&statements.get, get_sql},         {&statements.insert, insert_sql}, {&statements.update, update_sql},
      {&statements.replace, replace_sql}, {&statements.remove, remove_sql}, {&statements.list, list_sql},
      {&statements.page, page_sql},       {&statements.count, count_sql}};
  for (const auto& [statement, sql] : prepared) {
    auto made = database->prepare(sql);
    if (!made) return core::fail(std::move(made.error()));
    *statement = std::move(*made);
  }
  return std::unique_ptr<SqliteStore>(
      new SqliteStore(pool, std::move(*lock), std::move(*database), std::move(statements)));
}

SqliteStore::Row SqliteStore::row_at(const sqlite::Statement& statement) {
  return {.id = statement.text(0),
          .body = statement.text(1),
          .parent = statement.text(3),
          .version = statement.integer(2)};
}

async::Task<core::Result<std::optional<SqliteStore::Row>>> SqliteStore::get(std::string kind,
                                                                            std::string id) {
  return pool_.run([this, kind = std::move(kind), id = std::move(id)]() -> core::Result<std::optional<Row>> {
    sqlite::Statement& statement = statements_.get;
    if (auto begun = statement.begin({kind, id}); !begun) return core::fail(std::move(begun.error()));
    const auto found = statement.next();
    if (!found) return core::fail(found.error());
    if (!*found) return std::optional<Row>();
    Row row = row_at(statement);
    statement.reset();  // ends the read transaction
    return row;
  });
}

// `row.version` is the version to be stored: one more than the record had when it was read.
async::Task<core::Result<>> SqliteStore::put(std::string kind, std::string parent, Row row) {
  return pool_.run(
      [this, kind = std::move(kind), parent = std::move(parent), row = std::move(row)]() -> core::Result<> {
        sqlite::Statement& statement = row.version == 1 ? statements_.insert : statements_.update;
        if (auto done = statement.execute({kind, row.id, parent, row.version, row.body}); !done) return done;
        if (database_.changes() == 0) return changed_meanwhile(kind, row.id);
        return {};
      });
}

async::Task<core::Result<>> SqliteStore::remove(std::string kind, std::string id, std::int64_t version) {
  return pool_.run([this, kind = std::move(kind), id = std::move(id), version]() -> core::Result<> {
    if (auto done = statements_.remove.execute({kind, id, version}); !done) return done;
    if (database_.changes() == 0) return changed_meanwhile(kind, id);
    return {};
  });
}

async::Task<core::Result<std::vector<SqliteStore::Row>>> SqliteStore::list(std::string kind,
                                                                           std::string parent) {
  return pool_.run([this, kind = std::move(kind), parent = std::move(parent)] {
    return rows_of(statements_.list, {kind, parent});
  });
}

// Those after the id `after`, in the order of their ids; -1: all of them.
async::Task<core::Result<std::vector<SqliteStore::Row>>> SqliteStore::page(std::string kind,
                                                                           std::string after,
                                                                           std::int64_t most) {
  return pool_.run([this, kind = std::move(kind), after = std::move(after), most] {
    return rows_of(statements_.page, {kind, after, most});
  });
}

core::Result<std::vector<SqliteStore::Row>> SqliteStore::rows_of(
    sqlite::Statement& statement, std::initializer_list<sqlite::Value> parameters) {
  if (auto begun = statement.begin(parameters); !begun) return core::fail(std::move(begun.error()));
  std::vector<Row> rows;
  while (true) {
    const auto found = statement.next();
    if (!found) return core::fail(found.error());
    if (!*found) return rows;
    rows.push_back(row_at(statement));
  }
}

async::Task<core::Result<std::optional<InstanceRecord>>> SqliteStore::get_instance(std::string id) {
  auto row = co_await get(instance_kind, std::move(id));
  if (!row) co_return core::fail(std::move(row.error()));
  if (!*row) co_return std::optional<InstanceRecord>();
  co_return to_record(**row, &instance_from_json);
}

async::Task<core::Result<InstanceRecord>> SqliteStore::put_instance(InstanceRecord record) {
  ++record.version;
  Row row{.id = record.id, .body = core::to_text(to_json(record)), .version = record.version};
  auto written = co_await put(instance_kind, "", std::move(row));
  if (!written) co_return core::fail(std::move(written.error()));
  co_return record;
}

async::Task<core::Result<>> SqliteStore::remove_instance(InstanceRecord record) {
  return remove(instance_kind, std::move(record.id), record.version);
}

async::Task<core::Result<>> SqliteStore::visit_instances(InstanceVisitor visit) {
  constexpr std::size_t page_size = 100;
  std::string last;
  while (true) {
    const auto rows = co_await page(instance_kind, last, page_size);
    auto records = to_records(rows, &instance_from_json);
    if (!records) co_return core::fail(std::move(records.error()));
    for (InstanceRecord& record : *records) {
      last = record.id;
      visit(std::move(record));
    }
    if (records->size() < page_size) co_return core::Result<>();
  }
}

// The database counts on the pool's thread, so that the loop need not read every record.
async::Task<core::Result<std::map<std::string, std::int64_t>>> SqliteStore::count_instances() {
  return pool_.run([this]() -> core::Result<std::map<std::string, std::int64_t>> {
    sqlite::Statement& statement = statements_.count;
    if (auto begun = statement.begin({instance_kind}); !begun) return core::fail(std::move(begun.error()));
    std::map<std::string, std::int64_t> counts;
    while (true) {
      const auto found = statement.next();
      if (!found) return core::fail(found.error());
      if (!*found) return counts;
      counts[statement.text(0)] = statement.integer(1);
    }
  });
}

async::Task<core::Result<std::optional<BindingRecord>>> SqliteStore::get_binding(std::string id) {
  auto row = co_await get(binding_kind, std::move(id));
  if (!row) co_return core::fail(std::move(row.error()));
  if (!*row) co_return std::optional<BindingRecord>();
  co_return to_record(**row, &binding_from_json);
}

async::Task<core::Result<BindingRecord>> SqliteStore::put_binding(BindingRecord record) {
  ++record.version;
  Row row{.id = record.id, .body = core::to_text(to_json(record)), .version = record.version};
  auto written = co_await put(binding_kind, record.instance_id, std::move(row));
  if (!written) co_return core::fail(std::move(written.error()));
  co_return record;
}

async::Task<core::Result<>> SqliteStore::remove_binding(BindingRecord record) {
  return remove(binding_kind, std::move(record.id), record.version);
}

async::Task<core::Result<std::vector<BindingRecord>>> SqliteStore::list_bindings(std::string instance_id) {
  const auto rows = co_await list(binding_kind, std::move(instance_id));
  co_return to_records(rows, &binding_from_json);
}

async::Task<core::Result<std::vector<BindingRecord>>> SqliteStore::list_all_bindings() {
  const auto rows = co_await page(binding_kind, "", -1);
  co_return to_records(rows, &binding_from_json);
}

StoredTemplate SqliteStore::template_of(Row row) {
  return {.digest = std::move(row.id), .body = std::move(row.body), .kept_at = row.version};
}

async::Task<core::Result<std::optional<StoredTemplate>>> SqliteStore::get_template(std::string digest) {
  auto row = co_await get(template_kind, std::move(digest));
  if (!row) co_return core::fail(std::move(row.error()));
  if (!*row) co_return std::optional<StoredTemplate>();
  co_return template_of(std::move(**row));
}

async::Task<core::Result<>> SqliteStore::put_template(StoredTemplate kept) {
  return pool_.run([this, kept = std::move(kept)]() {
    return statements_.replace.execute({template_kind, kept.digest, kept.kept_at, kept.body});
  });
}

async::Task<core::Result<>> SqliteStore::remove_template(StoredTemplate kept) {
  return remove(template_kind, std::move(kept.digest), kept.kept_at);
}

async::Task<core::Result<std::vector<StoredTemplate>>> SqliteStore::list_templates() {
  auto rows = co_await list(template_kind, "");
  if (!rows) co_return core::fail(std::move(rows.error()));
  std::vector<StoredTemplate> templates;
  for (Row& row : *rows) templates.push_back(template_of(std::move(row)));
  co_return templates;
}

async::Task<core::Result<std::optional<std::string>>> SqliteStore::get_setting(std::string name) {
  auto row = co_await get(setting_kind, std::move(name));
  if (!row) co_return core::fail(std::move(row.error()));
  if (!*row) co_return std::optional<std::string>();
  co_return std::move((*row)->body);
}

async::Task<core::Result<>> SqliteStore::add_setting(std::string name, std::string value) {
  return put(setting_kind, "", {.id = std::move(name), .body = std::move(value), .version = 1});
}

}  // namespace broker
