#include "sqlite/database.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include <sqlite3.h>

namespace sqlite {

namespace {

core::ErrorKind kind_of(int code) {
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      return core::ErrorKind::conflict;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
      return core::ErrorKind::unavailable;
    default:
      return core::ErrorKind::internal;
  }
}

std::unexpected<core::Error> fail_with(sqlite3* handle, int code) {
  const char* message = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  return core::fail(kind_of(code), std::string("SQLite: ") + message);
}

int bind(sqlite3_stmt* statement, int position, const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value))
    return sqlite3_bind_int64(statement, position, *number);
  if (const auto* text = std::get_if<std::string>(&value)) {
    return sqlite3_bind_text64(statement, position, text->data(), text->size(), SQLITE_TRANSIENT,
                               SQLITE_UTF8);
  }
  if (const auto* blob = std::get_if<Blob>(&value)) {
    return sqlite3_bind_blob64(statement, position, blob->bytes.data(), blob->bytes.size(), SQLITE_TRANSIENT);
  }
  return sqlite3_bind_null(statement, position);
}

// SQLite would make the file with the umask's mode; secrets may stand in it.
void create_private(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file >= 0) ::close(file);
}

}  // namespace

Statement::Statement(Statement&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

Statement::~Statement() {
  sqlite3_finalize(handle_);
}

core::Result<> Statement::begin(std::span<const Value> parameters) {
  reset();
  int position = 0;
  for (const Value& value : parameters) {
    const int code = bind(handle_, ++position, value);
    if (code != SQLITE_OK) return fail_with(sqlite3_db_handle(handle_), code);
  }
  return {};
}

core::Result<> Statement::begin(std::initializer_list<Value> parameters) {
  return begin(std::span(parameters.begin(), parameters.size()));
}

core::Result<bool> Statement::next() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    reset();
    return false;
  }
  auto failure = fail_with(sqlite3_db_handle(handle_), code);
  reset();
  return failure;
}

core::Result<> Statement::execute(std::initializer_list<Value> parameters) {
  if (auto begun = begin(parameters); !begun) return begun;
  while (true) {
    auto row = next();
    if (!row) return core::fail(std::move(row.error()));
    if (!*row) return {};
  }
}

void Statement::reset() {
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_, column);
}

std::string Statement::text(int column) const {
  const void* data = sqlite3_column_blob(handle_, column);
  const int size = sqlite3_column_bytes(handle_, column);
  return data != nullptr ? std::string(static_cast<const char*>(data), static_cast<std::size_t>(size))
                         : std::string();
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

core::Result<Database> Database::open(const std::string& path, OpenOptions options) {
  if (options.create && path != ":memory:") create_private(path);
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | (options.create ? SQLITE_OPEN_CREATE : 0) | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  Database database(handle);
  if (code != SQLITE_OK) return core::fail(fail_with(handle, code).error().with_context("opening " + path));
  sqlite3_busy_timeout(handle, options.busy_timeout_ms);
  auto prepared = database.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;");
  if (!prepared) return core::fail(prepared.error().with_context("opening " + path));
  return database;
}

Database::Database(Database&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}

Database& Database::operator=(Database&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

Database::~Database() {
  sqlite3_close_v2(handle_);
}

core::Result<> Database::run(std::string_view script) {
  const std::string text(script);
  const int code = sqlite3_exec(handle_, text.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail_with(handle_, code);
  return {};
}

core::Result<Statement> Database::prepare(std::string_view statement) {
  sqlite3_stmt* prepared = nullptr;
  const int code =
      sqlite3_prepare_v2(handle_, statement.data(), static_cast<int>(statement.size()), &prepared, nullptr);
  if (code != SQLITE_OK) return fail_with(handle_, code);
  return Statement(prepared);
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(handle_);
}

std::int64_t Database::last_insert_id() const {
  return sqlite3_last_insert_rowid(handle_);
}

core::Result<Transaction> Transaction::begin(Database& database) {
  if (auto begun = database.run("BEGIN IMMEDIATE"); !begun) return core::fail(std::move(begun.error()));
  return Transaction(&database);
}

Transaction::Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  if (database_ != nullptr)
    std::ignore = database_->run("ROLLBACK");  // what fails here fails again at the next use
}

core::Result<> Transaction::commit() {
  auto committed = database_->run("COMMIT");
  if (committed) database_ = nullptr;
  return committed;
}

}  // namespace sqlite
