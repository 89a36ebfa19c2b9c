// The store in an SQLite file: for a single broker, which keeps the file locked while it runs. An
// acknowledged write survives kill -9.
#pragma once

#include <memory>
#include <string>

#include "async/blocking_pool.hpp"
#include "broker/store/store.hpp"
#include "core/file_lock.hpp"
#include "sqlite/database.hpp"

namespace broker {

class SqliteStore final : public Store {
 public:
  // Blocks while it opens the file. The pool has one thread and outlives the store. Error: unavailable (path,
  // permissions,
  // another process that has it).
  [[nodiscard]] static core::Result<std::unique_ptr<SqliteStore>> open(async::BlockingPool& pool,
                                                                       const std::string& path);

  [[nodiscard]] async::Task<core::Result<std::optional<InstanceRecord>>> get_instance(
      std::string id) override;
  [[nodiscard]] async::Task<core::Result<InstanceRecord>> put_instance(InstanceRecord record) override;
  [[nodiscard]] async::Task<core::Result<>> remove_instance(InstanceRecord record) override;
  [[nodiscard]] async::Task<core::Result<>> visit_instances(InstanceVisitor visit) override;
  [[nodiscard]] async::Task<core::Result<std::map<std::string, std::int64_t>>> count_instances() override;
  [[nodiscard]] async::Task<core::Result<std::optional<BindingRecord>>> get_binding(std::string id) override;
  [[nodiscard]] async::Task<core::Result<BindingRecord>> put_binding(BindingRecord record) override;
  [[nodiscard]] async::Task<core::Result<>> remove_binding(BindingRecord record) override;
  [[nodiscard]] async::Task<core::Result<std::vector<BindingRecord>>> list_bindings(
      std::string instance_id) override;
  [[nodiscard]] async::Task<core::Result<std::vector<BindingRecord>>> list_all_bindings() override;
  [[nodiscard]] async::Task<core::Result<std::optional<StoredTemplate>>> get_template(
      std::string digest) override;
  [[nodiscard]] async::Task<core::Result<>> put_template(StoredTemplate kept) override;
  [[nodiscard]] async::Task<core::Result<>> remove_template(StoredTemplate kept) override;
  [[nodiscard]] async::Task<core::Result<std::vector<StoredTemplate>>> list_templates() override;
  [[nodiscard]] async::Task<core::Result<std::optional<std::string>>> get_setting(std::string name) override;
  [[nodiscard]] async::Task<core::Result<>> add_setting(std::string name, std::string value) override;

 private:
  // One table serves records and templates: (kind, id) → parent, version, JSON or the template.
  struct Row {
    std::string id, body, parent = {};
    std::int64_t version = 0;
  };
  struct Statements {
    sqlite::Statement get, insert, update, replace, remove, list, page, count;
  };
  SqliteStore(async::BlockingPool& pool, std::optional<core::FileLock> lock, sqlite::Database database,
              Statements statements)
      : pool_(pool),
        lock_(std::move(lock)),
        database_(std::move(database)),
        statements_(std::move(statements)) {}
  [[nodiscard]] static Row row_at(const sqlite::Statement& statement);
  [[nodiscard]] static StoredTemplate template_of(Row row);
  [[nodiscard]] async::Task<core::Result<std::optional<Row>>> get(std::string kind, std::string id);
  [[nodiscard]] async::Task<core::Result<>> put(std::string kind, std::string parent, Row row);
  [[nodiscard]] async::Task<core::Result<>> remove(std::string kind, std::string id, std::int64_t version);
  [[nodiscard]] async::Task<core::Result<std::vector<Row>>> list(std::string kind, std::string parent);
  [[nodiscard]] async::Task<core::Result<std::vector<Row>>> page(std::string kind, std::string after,
                                                                 std::int64_t most);
  [[nodiscard]] static core::Result<std::vector<Row>> rows_of(
      sqlite::Statement& statement, std::initializer_list<sqlite::Value> parameters);

  async::BlockingPool& pool_;
  std::optional<core::FileLock> lock_;  // none for a store in memory
  sqlite::Database database_;
  Statements statements_;  // used on the pool's thread; end before the database
};

}  // namespace broker
