#include "simulation/aws/dynamodb/tables.hpp"

#include <algorithm>

namespace simulation {

namespace json = boost::json;

namespace {

std::optional<std::string> scalar_of(const DynamoItem& item, const std::string& name) {
  const json::value* value = item.if_contains(name);
  if (value == nullptr || !value->is_object()) return std::nullopt;
  for (const char* type : {"S", "N", "B"}) {
    const json::value* found = value->get_object().if_contains(type);
    if (found != nullptr && found->is_string() && !found->get_string().empty())
      return type + std::string(found->get_string());
  }
  return std::nullopt;
}

std::unexpected<Failure> no_table() {
  return refuse("ResourceNotFoundException", "Requested resource not found");
}

ExpressionInput input_of(const Call& call) {
  return {.names = core::find_object(call.input, {"ExpressionAttributeNames"}),
          .values = core::find_object(call.input, {"ExpressionAttributeValues"})};
}

DynamoItem keys_only(const DynamoItem& item, const std::vector<std::string>& names) {
  DynamoItem kept;
  for (const std::string& name : names)
    if (const json::value* value = item.if_contains(name)) kept[name] = *value;
  return kept;
}

}  // namespace

std::optional<DynamoKey> key_of(const DynamoItem& item, const std::string& hash, const std::string& range) {
  auto first = scalar_of(item, hash);
  if (!first) return std::nullopt;
  if (range.empty()) return DynamoKey{.hash = std::move(*first), .range = {}};
  auto second = scalar_of(item, range);
  if (!second) return std::nullopt;
  return DynamoKey{.hash = std::move(*first), .range = std::move(*second)};
}

DynamoTable* TableService::find(const std::string& name) {
  const auto found = tables_.find(name);
  return found == tables_.end() ? nullptr : &found->second;
}

Answer<DynamoTable*> TableService::create(DynamoTable table) {
  if (tables_.contains(table.name))
    return refuse("ResourceInUseException", "Table already exists: " + table.name);
  table.arn = world_.arn("dynamodb", "table/" + table.name);
  const std::string name = table.name;
  return &tables_.emplace(name, std::move(table)).first->second;
}

bool TableService::put(const std::string& name, DynamoItem item) {
  DynamoTable* table = find(name);
  const auto key = table == nullptr ? std::nullopt : key_of(item, table->hash, table->range);
  if (!key) return false;
  store(*table, *key, std::move(item));
  return true;
}

bool TableService::erase(const std::string& name, const DynamoKey& key) {
  DynamoTable* table = find(name);
  if (table == nullptr || !table->items.contains(key)) return false;
  store(*table, key, std::nullopt);
  return true;
}

void TableService::store(DynamoTable& table, const DynamoKey& key, std::optional<DynamoItem> item) {
  if (!table.indexes.empty()) {
    // An index shows the writes in their order.
    auto due = world_.now() + world_.share_of(world_.settings.index_delay);
    if (!table.pending.empty()) due = std::max(due, table.pending.back().due);
    table.pending.push_back({.due = due, .key = key, .item = item});
  }
  if (!item) {
    table.items.erase(key);
    return;
  }
  StoredItem& stored = table.items[key];
  if (!stored.item.empty()) stored.previous = std::move(stored.item);
  stored.item = std::move(*item);
  stored.changed = world_.now();
}

void TableService::show_writes(DynamoTable& table) {
  while (!table.pending.empty() && table.pending.front().due <= world_.now()) {
    DynamoTable::Pending write = std::move(table.pending.front());
    table.pending.pop_front();
    const auto old = table.indexed.find(write.key);
    for (const DynamoIndex& index : table.indexes) {
      auto& entries = table.shown[index.name];
      if (old != table.indexed.end()) {
        if (const auto key = key_of(old->second, index.hash, index.range))
          entries.erase({.of_index = *key, .of_table = write.key});
      }
      const auto key = write.item ? key_of(*write.item, index.hash, index.range) : std::nullopt;
      if (!key) continue;
      DynamoItem shown = *write.item;
      if (!index.projected.empty()) {
        std::vector<std::string> names = index.projected;
        names.insert(names.end(), {table.hash, index.hash});
        if (!table.range.empty()) names.push_back(table.range);
        if (!index.range.empty()) names.push_back(index.range);
        shown = keys_only(*write.item, names);
      }
      entries[{.of_index = *key, .of_table = write.key}] = std::move(shown);
    }
    if (old != table.indexed.end()) table.indexed.erase(old);
    if (write.item) table.indexed.emplace(write.key, std::move(*write.item));
  }
}

const DynamoItem* TableService::read(const DynamoTable& table, const DynamoKey& key, bool is_consistent) {
  const auto found = table.items.find(key);
  if (found == table.items.end()) return nullptr;
  const StoredItem& stored = found->second;
  if (!is_consistent && world_.now() - stored.changed < world_.share_of(world_.settings.read_delay))
    return stored.previous ? &*stored.previous : nullptr;
  return &stored.item;
}

Answer<> TableService::handle(const Call& call) {
  if (call.action == "BatchGetItem") return batch_get(call);
  DynamoTable* table = find(std::string(core::find_string(call.input, {"TableName"})));
  if (table == nullptr) {
    if (call.action == "DescribeTable")
      return refuse("ResourceNotFoundException",
                    "Requested resource not found: Table: " +
                        std::string(core::find_string(call.input, {"TableName"})) + " not found");
    return no_table();
  }
  if (call.action == "DescribeTable") return describe(*table);
  if (call.action == "GetItem") return get(call, *table);
  if (call.action == "Query" || call.action == "Scan") return query(call, *table);
  if (call.action == "PutItem" || call.action == "UpdateItem" || call.action == "DeleteItem")
    return write(call, *table);
  return refuse("UnknownOperationException", "");
}

Answer<> TableService::get(const Call& call, DynamoTable& table) {
  const json::object* given = core::find_object(call.input, {"Key"});
  const auto key = given == nullptr ? std::nullopt : key_of(*given, table.hash, table.range);
  if (!key || given->size() != (table.range.empty() ? 1U : 2U))
    return refuse("ValidationException", "The provided key element does not match the schema");
  json::object answer;
  const bool is_consistent = core::find_bool(call.input, {"ConsistentRead"}).value_or(false);
  if (const DynamoItem* item = read(table, *key, is_consistent)) {
    auto kept = project(core::find_string(call.input, {"ProjectionExpression"}), *item, input_of(call));
    if (!kept) return std::unexpected(kept.error());
    answer["Item"] = std::move(*kept);
  }
  return Reply{.body = core::to_text(answer)};
}

Answer<> TableService::batch_get(const Call& call) {
  json::object responses, left;
  std::size_t count = 0;
  const std::size_t most =
      world_.settings.most_items_of_batch == 0 ? 100 : world_.settings.most_items_of_batch;
  const json::object* asked = core::find_object(call.input, {"RequestItems"});
  for (const auto& entry : *asked) {
    DynamoTable* table = find(std::string(entry.key()));
    if (table == nullptr) return no_table();
    const json::array* keys = core::find_array(entry.value(), {"Keys"});
    if (keys == nullptr || keys->empty() || keys->size() > 100)
      return refuse("ValidationException", "Too many items requested for the BatchGetItem call");
    json::array items, unread;
    std::vector<DynamoKey> seen;
    for (const json::value& each : *keys) {
      const auto key = each.is_object() ? key_of(each.get_object(), table->hash, table->range) : std::nullopt;
      if (!key) return refuse("ValidationException", "The provided key element does not match the schema");
      if (std::ranges::find(seen, *key) != seen.end())
        return refuse("ValidationException", "Provided list of item keys contains duplicates");
      seen.push_back(*key);
      if (count++ >= most) {
        unread.push_back(each);
        continue;
      }
      const bool is_consistent = core::find_bool(entry.value(), {"ConsistentRead"}).value_or(false);
      if (const DynamoItem* item = read(*table, *key, is_consistent)) items.push_back(*item);
    }
    responses[entry.key()] = std::move(items);
    if (!unread.empty())
      left[entry.key()] = json::object{{"Keys", std::move(unread)}, {"ConsistentRead", true}};
  }
  return Reply{.body = core::to_text(
                   json::object{{"Responses", std::move(responses)}, {"UnprocessedKeys", std::move(left)}})};
}

Answer<> TableService::write(const Call& call, DynamoTable& table) {
  const bool is_put = call.action == "PutItem";
  const json::object* given = core::find_object(call.input, {is_put ? "Item" : "Key"});
  const auto key = given == nullptr ? std::nullopt : key_of(*given, table.hash, table.range);
  if (!key || (!is_put && given->size() != (table.range.empty() ? 1U : 2U)))
    return refuse("ValidationException", "The provided key element does not match the schema");
  constexpr std::size_t most_bytes = 400 * 1'024;
  if (is_put && call.request != nullptr && call.request->body.size() > most_bytes &&
      core::to_text(*given).size() > most_bytes)
    return refuse("ValidationException", "Item size has exceeded the maximum allowed size");
  const auto held = table.items.find(*key);
  static const DynamoItem nothing;
  const DynamoItem& before = held == table.items.end() ? nothing : held->second.item;
  const ExpressionInput input = input_of(call);
  if (const auto condition = core::find_string(call.input, {"ConditionExpression"}); !condition.empty()) {
    const auto is_met = holds(condition, before, input);
    if (!is_met) return std::unexpected(is_met.error());
    if (!*is_met) return refuse("ConditionalCheckFailedException", "The conditional request failed");
  }
  if (is_put) {
    store(table, *key, *given);
  } else if (call.action == "DeleteItem") {
    if (held != table.items.end()) store(table, *key, std::nullopt);
  } else {
    DynamoItem item = held == table.items.end() ? *given : before;
    if (const auto update = core::find_string(call.input, {"UpdateExpression"}); !update.empty()) {
      auto applied = apply_update(update, item, input);
      if (!applied) return applied;
    }
    if (key_of(item, table.hash, table.range) != key)
      return refuse("ValidationException",
                    "Cannot update attribute " + table.hash + ". This attribute is part of the key");
    store(table, *key, std::move(item));
  }
  return Reply{.body = "{}"};
}

Answer<> TableService::query(const Call& call, DynamoTable& table) {
  show_writes(table);
  const std::string index_name(core::find_string(call.input, {"IndexName"}));
  const auto index = std::ranges::find(table.indexes, index_name, &DynamoIndex::name);
  if (!index_name.empty() && index == table.indexes.end())
    return refuse("ValidationException", "The table does not have the specified index: " + index_name);
  const bool is_index = !index_name.empty();
  const ExpressionInput input = input_of(call);
  const std::string_view condition = core::find_string(call.input, {"KeyConditionExpression"});
  const std::string_view filter = core::find_string(call.input, {"FilterExpression"});
  std::string hash;
  if (call.action == "Query") {
    const std::string& name = is_index ? index->hash : table.hash;
    const auto value = equality_of(condition, name, input);
    if (!value) return std::unexpected(value.error());
    const auto scalar = *value == nullptr ? std::nullopt : scalar_of(DynamoItem{{name, **value}}, name);
    if (!scalar) return refuse("ValidationException", "Query condition missed key schema element: " + name);
    hash = *scalar;
  }
  if (is_index && core::find_bool(call.input, {"ConsistentRead"}).value_or(false))
    return refuse("ValidationException", "Consistent reads are not supported on global secondary indexes");

  // The items in their order, from where the last page ended.
  std::optional<DynamoTable::Entry> start;
  if (const json::object* given = core::find_object(call.input, {"ExclusiveStartKey"})) {
    const auto of_table = key_of(*given, table.hash, table.range);
    const auto of_index = is_index ? key_of(*given, index->hash, index->range) : std::optional(DynamoKey());
    if (!of_table || !of_index) return refuse("ValidationException", "The provided starting key is invalid");
    start = DynamoTable::Entry{.of_index = *of_index, .of_table = *of_table};
  }
  auto limit = static_cast<std::size_t>(core::find_int(call.input, {"Limit"}).value_or(1'000'000));
  if (limit == 0) return refuse("ValidationException", "Limit must be greater than or equal to 1");
  if (world_.settings.most_items_of_page > 0) limit = std::min(limit, world_.settings.most_items_of_page);
  const bool is_consistent = core::find_bool(call.input, {"ConsistentRead"}).value_or(false);
  std::vector<std::string> key_names{table.hash};
  if (!table.range.empty()) key_names.push_back(table.range);
  if (is_index) key_names.push_back(index->hash);
  if (is_index && !index->range.empty()) key_names.push_back(index->range);

  json::array items;
  json::object last;
  std::size_t read_items = 0;
  bool is_full = false;
  std::optional<Failure> failure;
  // false: the page ends before this item.
  const auto take = [&](const DynamoItem& item) {
    if (read_items == limit) {
      is_full = true;
      return false;
    }
    for (const std::string_view expression : {condition, filter}) {
      if (expression.empty()) continue;
      const auto is_met = holds(expression, item, input);
      if (!is_met) {
        failure = is_met.error();
        return false;
      }
      if (!*is_met && expression == condition) return true;  // another range key: it was not read
      if (!*is_met) {
        ++read_items;
        last = keys_only(item, key_names);
        return true;
      }
    }
    ++read_items;
    last = keys_only(item, key_names);
    auto kept = project(core::find_string(call.input, {"ProjectionExpression"}), item, input);
    if (!kept) {
      failure = kept.error();
      return false;
    }
    items.push_back(std::move(*kept));
    return true;
  };
  if (is_index) {
    const auto& entries = table.shown[index_name];
    auto at = start ? entries.upper_bound(*start)
                    : entries.lower_bound({.of_index = {.hash = hash, .range = {}}, .of_table = {}});
    for (; at != entries.end() && (call.action == "Scan" || at->first.of_index.hash == hash); ++at)
      if (!take(at->second)) break;
  } else {
    auto at = start ? table.items.upper_bound(start->of_table)
                    : table.items.lower_bound({.hash = hash, .range = {}});
    for (; at != table.items.end() && (call.action == "Scan" || at->first.hash == hash); ++at) {
      const DynamoItem* item = read(table, at->first, is_consistent);
      if (item != nullptr && !take(*item)) break;
    }
  }
  if (failure) return std::unexpected(*failure);
  json::object answer{{"Count", items.size()}, {"ScannedCount", read_items}};
  answer["Items"] = std::move(items);
  // DynamoDB names a next page where the limit was met, even where nothing follows.
  if (is_full || read_items == limit) answer["LastEvaluatedKey"] = std::move(last);
  return Reply{.body = core::to_text(answer)};
}

Answer<> TableService::describe(const DynamoTable& table) const {
  const auto schema = [](const std::string& hash, const std::string& range) {
    json::array keys{json::object{{"AttributeName", hash}, {"KeyType", "HASH"}}};
    if (!range.empty()) keys.push_back(json::object{{"AttributeName", range}, {"KeyType", "RANGE"}});
    return keys;
  };
  json::array indexes;
  for (const DynamoIndex& index : table.indexes) {
    indexes.push_back(json::object{{"IndexName", index.name},
                                   {"KeySchema", schema(index.hash, index.range)},
                                   {"IndexStatus", "ACTIVE"}});
  }
  json::object described{{"TableName", table.name},
                         {"TableStatus", table.status},
                         {"TableArn", table.arn},
                         {"KeySchema", schema(table.hash, table.range)},
                         {"ItemCount", table.items.size()}};
  if (!indexes.empty()) described["GlobalSecondaryIndexes"] = std::move(indexes);
  return Reply{.body = core::to_text(json::object{{"Table", std::move(described)}})};
}

}  // namespace simulation
