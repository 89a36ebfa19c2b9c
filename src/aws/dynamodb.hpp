// DynamoDB, only what the broker calls (docs.aws.amazon.com/amazondynamodb/latest/APIReference). Items and
// expression values are DynamoDB's own JSON: {"id": {"S": "…"}}.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aws/session.hpp"
#include "core/json.hpp"

namespace aws {

using Item = boost::json::object;

// {"S": text}, or {"NULL": true} for an empty one, as the Go broker writes it.
[[nodiscard]] boost::json::object string_attribute(std::string_view text);
// "" where absent, NULL or no string.
[[nodiscard]] std::string_view string_of(const Item& item, core::Path path);

struct ItemPage {
  std::vector<Item> items;
  Item next;  // where the next page starts; empty: this is the last one
};

struct Condition {
  std::string expression;      // "" for none
  boost::json::object names;   // {"#s": "status"}
  boost::json::object values;  // {":v": {"S": "…"}}
};

struct TableDescription {
  std::string status;  // "ACTIVE"
  std::string hash_key, range_key;
  std::vector<std::string> indexes;
};

class DynamoDb {
 public:
  explicit DynamoDb(Session& session) : session_(session) {}

  // Strongly consistent. nullopt: no such item.
  [[nodiscard]] async::Task<core::Result<std::optional<Item>>> get_item(std::string table, Item key);
  // Strongly consistent, in no particular order; those that are not there are left out.
  [[nodiscard]] async::Task<core::Result<std::vector<Item>>> batch_get_items(std::string table,
                                                                             std::vector<Item> keys);
  // Error: conflict (ConditionalCheckFailedException).
  [[nodiscard]] async::Task<core::Result<>> put_item(std::string table, Item item, Condition condition);
  [[nodiscard]] async::Task<core::Result<>> update_item(std::string table, Item key, std::string update,
                                                        Condition condition);
  [[nodiscard]] async::Task<core::Result<>> delete_item(std::string table, Item key, Condition condition);
  // A page of at most 100. index: "" for the table itself; start: the last page's `next`, empty for the first
  // page.
  [[nodiscard]] async::Task<core::Result<ItemPage>> query(std::string table, std::string index,
                                                          Condition key_condition, Item start);
  // Error: not_found.
  [[nodiscard]] async::Task<core::Result<TableDescription>> describe_table(std::string table);

 private:
  Session& session_;
};

}  // namespace aws
