// DynamoDB: tables with global indexes, whose reads may be old.
#pragma once

#include <compare>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "simulation/aws/dynamodb/expressions.hpp"
#include "simulation/aws/iam.hpp"
#include "simulation/aws/world.hpp"

namespace simulation {

using DynamoItem = core::json::object;

// The order of items: by hash key, then by range key; "" where a table has none.
struct DynamoKey {
  std::string hash, range;
  auto operator<=>(const DynamoKey&) const = default;
};
struct DynamoIndex {
  std::string name, hash, range;
  std::vector<std::string> projected;  // attributes beside the keys; empty: all
};
struct StoredItem {
  DynamoItem item;
  std::optional<DynamoItem> previous;  // what a read that is not consistent may still see
  core::SystemTime changed;
};
struct DynamoTable {
  std::string name, hash, range, arn;
  std::vector<DynamoIndex> indexes;
  std::string status = "ACTIVE";
  std::map<DynamoKey, StoredItem> items;

  struct Entry {
    DynamoKey of_index, of_table;
    auto operator<=>(const Entry&) const = default;
  };
  // By index name: what the index shows, and what it is going to show.
  std::map<std::string, std::map<Entry, DynamoItem>> shown;
  struct Pending {
    core::SystemTime due;
    DynamoKey key;
    std::optional<DynamoItem> item;  // nullopt: deleted
  };
  std::deque<Pending> pending;  // due in this order
  std::map<DynamoKey, DynamoItem> indexed;
};

class TableService {
 public:
  explicit TableService(World& world) : world_(world) {}
  [[nodiscard]] Answer<> handle(const Call& call);
  [[nodiscard]] const auto& tables() const { return tables_; }

  Answer<DynamoTable*> create(DynamoTable table);
  bool remove(const std::string& name) { return tables_.erase(name) > 0; }
  [[nodiscard]] DynamoTable* find(const std::string& name);

  // A backup of all tables, and what restoring one to the same name leaves: what was written since is gone.
  using Snapshot = std::map<std::string, DynamoTable>;
  [[nodiscard]] Snapshot snapshot() const { return tables_; }
  void restore(Snapshot older) { tables_ = std::move(older); }
  // As another program would write it. false: no such table.
  bool put(const std::string& table, DynamoItem item);
  bool erase(const std::string& table, const DynamoKey& key);

 private:
  [[nodiscard]] Answer<> write(const Call& call, DynamoTable& table);
  [[nodiscard]] Answer<> get(const Call& call, DynamoTable& table);
  [[nodiscard]] Answer<> batch_get(const Call& call);
  [[nodiscard]] Answer<> query(const Call& call, DynamoTable& table);
  [[nodiscard]] Answer<> describe(const DynamoTable& table) const;
  void store(DynamoTable& table, const DynamoKey& key, std::optional<DynamoItem> item);
  void show_writes(DynamoTable& table);
  [[nodiscard]] const DynamoItem* read(const DynamoTable& table, const DynamoKey& key, bool is_consistent);

  World& world_;
  std::map<std::string, DynamoTable> tables_;
};

// The table's key in an item. nullopt: an attribute of the key is missing, or is no text, number or binary.
[[nodiscard]] std::optional<DynamoKey> key_of(const DynamoItem& item, const std::string& hash,
                                              const std::string& range);

}  // namespace simulation
