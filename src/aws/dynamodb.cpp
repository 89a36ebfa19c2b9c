#include "aws/dynamodb.hpp"

#include <algorithm>
#include <iterator>

#include "aws/json_protocol.hpp"

namespace aws {

namespace {

namespace json = boost::json;

async::Task<core::Result<json::object>> call_dynamodb(Session& session, std::string operation,
                                                      json::object input) {
  return call_json(session, Service::dynamodb, "1.0", "DynamoDB_20120810", std::move(operation),
                   std::move(input));
}

void add_expressions(json::object& input, const char* expression_name, Condition condition) {
  if (!condition.expression.empty()) input[expression_name] = condition.expression;
  if (!condition.names.empty()) input["ExpressionAttributeNames"] = std::move(condition.names);
  if (!condition.values.empty()) input["ExpressionAttributeValues"] = std::move(condition.values);
}

void add_objects(const json::array* from, std::vector<Item>& to) {
  if (from == nullptr) return;
  for (const json::value& each : *from) {
    if (each.is_object()) to.push_back(each.get_object());
  }
}

core::Result<> done(const core::Result<json::object>& answer) {
  if (!answer) return std::unexpected(answer.error());
  return {};
}

}  // namespace

json::object string_attribute(std::string_view text) {
  if (text.empty()) return {{"NULL", true}};
  return {{"S", text}};
}

std::string_view string_of(const Item& item, core::Path path) {
  const json::object* attribute = core::find_object(item, path);
  return attribute != nullptr ? core::find_string(*attribute, {"S"}) : std::string_view();
}

async::Task<core::Result<std::optional<Item>>> DynamoDb::get_item(std::string table, Item key) {
  json::object input{{"TableName", table}, {"Key", std::move(key)}, {"ConsistentRead", true}};
  auto answer = co_await call_dynamodb(session_, "GetItem", std::move(input));
  if (!answer) co_return core::fail(std::move(answer.error()));
  json::value* item = answer->if_contains("Item");
  if (item == nullptr || !item->is_object()) co_return std::optional<Item>();
  co_return std::optional<Item>(std::move(item->get_object()));
}

// A request may name 100 keys; what was too much for one answer is in UnprocessedKeys.
async::Task<core::Result<std::vector<Item>>> DynamoDb::batch_get_items(std::string table,
                                                                       std::vector<Item> keys) {
  constexpr std::size_t most_keys = 100;
  std::vector<Item> items;
  while (!keys.empty()) {
    const auto rest = keys.end() - static_cast<std::ptrdiff_t>(std::min(most_keys, keys.size()));
    json::array asked(std::make_move_iterator(rest), std::make_move_iterator(keys.end()));
    keys.erase(rest, keys.end());
    json::object of_table{{"Keys", std::move(asked)}, {"ConsistentRead", true}};
    json::object input{{"RequestItems", json::object{{table, std::move(of_table)}}}};
    const auto answer = co_await call_dynamodb(session_, "BatchGetItem", std::move(input));
    if (!answer) co_return core::fail(answer.error());
    add_objects(core::find_array(*answer, {"Responses", table}), items);
    add_objects(core::find_array(*answer, {"UnprocessedKeys", table, "Keys"}), keys);
  }
  co_return items;
}

async::Task<core::Result<>> DynamoDb::put_item(std::string table, Item item, Condition condition) {
  json::object input{{"TableName", table}, {"Item", std::move(item)}};
  add_expressions(input, "ConditionExpression", std::move(condition));
  co_return done(co_await call_dynamodb(session_, "PutItem", std::move(input)));
}

async::Task<core::Result<>> DynamoDb::update_item(std::string table, Item key, std::string update,
                                                  Condition condition) {
  json::object input{{"TableName", table}, {"Key", std::move(key)}, {"UpdateExpression", update}};
  add_expressions(input, "ConditionExpression", std::move(condition));
  co_return done(co_await call_dynamodb(session_, "UpdateItem", std::move(input)));
}

async::Task<core::Result<>> DynamoDb::delete_item(std::string table, Item key, Condition condition) {
  json::object input{{"TableName", table}, {"Key", std::move(key)}};
  add_expressions(input, "ConditionExpression", std::move(condition));
  co_return done(co_await call_dynamodb(session_, "DeleteItem", std::move(input)));
}

async::Task<core::Result<ItemPage>> DynamoDb::query(std::string table, std::string index,
                                                    Condition key_condition, Item start) {
  constexpr int most_items = 100;
  json::object input{{"TableName", table}, {"Limit", most_items}};
  if (!index.empty()) input["IndexName"] = index;
  if (!start.empty()) input["ExclusiveStartKey"] = start;
  add_expressions(input, "KeyConditionExpression", std::move(key_condition));
  auto answer = co_await call_dynamodb(session_, "Query", std::move(input));
  if (!answer) co_return core::fail(std::move(answer.error()));
  ItemPage page;
  add_objects(core::find_array(*answer, {"Items"}), page.items);
  if (json::value* last = answer->if_contains("LastEvaluatedKey"); last != nullptr && last->is_object())
    page.next = std::move(last->get_object());
  if (!page.next.empty() && page.next == start)
    co_return core::fail(core::ErrorKind::protocol,
                         "Query names the page that was just read as its next one");
  co_return page;
}

async::Task<core::Result<TableDescription>> DynamoDb::describe_table(std::string table) {
  json::object input{{"TableName", table}};
  const auto answer = co_await call_dynamodb(session_, "DescribeTable", std::move(input));
  if (!answer) co_return core::fail(answer.error());
  TableDescription description{.status = std::string(core::find_string(*answer, {"Table", "TableStatus"}))};
  const auto each_of = [&answer](std::string_view list, const auto& take) {
    const json::array* found = core::find_array(*answer, {"Table", list});
    for (std::size_t i = 0; found != nullptr && i < found->size(); ++i) take((*found)[i]);
  };
  each_of("KeySchema", [&description](const json::value& key) {
    const bool is_hash = core::find_string(key, {"KeyType"}) == "HASH";
    (is_hash ? description.hash_key : description.range_key) = core::find_string(key, {"AttributeName"});
  });
  each_of("GlobalSecondaryIndexes", [&description](const json::value& index) {
    description.indexes.emplace_back(core::find_string(index, {"IndexName"}));
  });
  co_return description;
}

}  // namespace aws
