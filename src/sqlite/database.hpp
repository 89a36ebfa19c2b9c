// SQLite with RAII and Results. A Database belongs to one thread at a time: calls are made inside
// async::BlockingPool::run of a pool with one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace sqlite {

struct OpenOptions {
  bool create = true;
  // WAL with synchronous=FULL: an acknowledged commit survives kill -9 and loss of power.
  int busy_timeout_ms = 5000;
};

struct Blob {
  std::string bytes;
};
using Value = std::variant<std::nullptr_t, std::int64_t, std::string, Blob>;

// One prepared statement, reset when a Query on it ends.
class Statement {
 public:
  Statement() = default;
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  // Binds ?1, ?2 … and runs to the first row. Errors: conflict (a constraint failed), unavailable (busy, disk
  // full), internal.
  [[nodiscard]] core::Result<> execute(
      std::initializer_list<Value> parameters = {});  // for statements without rows
  [[nodiscard]] core::Result<> begin(std::span<const Value> parameters);
  [[nodiscard]] core::Result<> begin(std::initializer_list<Value> parameters);
  [[nodiscard]] core::Result<bool> next();  // a row is there; at the end the statement is reset
  void reset();

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string text(int column) const;  // also of a Blob
  [[nodiscard]] bool is_null(int column) const;

 private:
  friend class Database;
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}
  sqlite3_stmt* handle_ = nullptr;
};

class Database {
 public:
  // The file gets mode 0600 where it is made. Errors, with the path and SQLite's words: unavailable
  // (path, permissions, busy), internal (it is no database).
  [[nodiscard]] static core::Result<Database> open(const std::string& path, OpenOptions options = {});
  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) noexcept;
  ~Database();

  [[nodiscard]] core::Result<> run(std::string_view script);  // one or more statements without parameters
  [[nodiscard]] core::Result<Statement> prepare(std::string_view statement);
  [[nodiscard]] std::int64_t changes() const;  // rows changed by the last statement
  [[nodiscard]] std::int64_t last_insert_id() const;

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  sqlite3* handle_ = nullptr;
};

// BEGIN IMMEDIATE … COMMIT; rolls back unless committed.
class Transaction {
 public:
  [[nodiscard]] static core::Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  [[nodiscard]] core::Result<> commit();

 private:
  explicit Transaction(Database* database) : database_(database) {}
  Database* database_;
};

}  // namespace sqlite
