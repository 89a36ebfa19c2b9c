#include "open_store.hpp"

#include <algorithm>

#include "broker/store/dynamodb_store.hpp"
#include "broker/store/sqlite_store.hpp"

using core::ErrorKind;
using core::fail;

core::Result<StoreName> store_name_of(const Options& options, const std::string& data_folder) {
  constexpr std::string_view dynamodb = "dynamodb:";
  constexpr std::string_view sqlite = "sqlite:";
  const std::string& store = options.store;
  if (store.empty()) {
    if (!options.table_name.empty()) return StoreName{.is_dynamodb = true, .name = options.table_name};
    return StoreName{.name = data_folder + "/broker.sqlite"};
  }
  if (store.starts_with(sqlite)) return StoreName{.name = store.substr(sqlite.size())};
  if (store.starts_with(dynamodb))
    return StoreName{.is_dynamodb = true, .name = store.substr(dynamodb.size())};
  return fail(ErrorKind::invalid, "--store must be sqlite:PATH or dynamodb:TABLE, not \"" + store + "\"");
}

std::optional<std::string> problem_of(const aws::TableDescription& table) {
  if (table.status != "ACTIVE" && table.status != "UPDATING") return "is " + table.status + ", not ACTIVE";
  if (table.hash_key != "id" || table.range_key != "userid")
    return "has the keys \"" + table.hash_key + "\" and \"" + table.range_key + "\" instead of id and userid";
  if (std::ranges::find(table.indexes, "type-userid-index") == table.indexes.end())
    return "has no global secondary index type-userid-index (type, userid)";
  return std::nullopt;
}

core::Error no_such_table(core::Error error, const std::string& table, const std::string& region) {
  const std::string what = "the DynamoDB table " + table + " in " + region;
  if (error.kind != ErrorKind::not_found) return error.with_context(what);
  error.message =
      what + " does not exist: create it (docs/moving-from-go-broker.md), or use --region with its region";
  return error;
}

async::Task<core::Result<std::unique_ptr<broker::Store>>> open_store(const StoreName& name,
                                                                     const core::Uuid& account,
                                                                     async::BlockingPool& pool,
                                                                     aws::Session& session) {
  if (!name.is_dynamodb) {
    auto opened = broker::SqliteStore::open(pool, name.name);
    if (!opened) co_return fail(std::move(opened.error()));
    co_return std::unique_ptr<broker::Store>(std::move(*opened));
  }
  auto table = co_await aws::DynamoDb(session).describe_table(name.name);
  if (!table) co_return fail(no_such_table(std::move(table.error()), name.name, session.region()));
  if (const auto problem = problem_of(*table))
    co_return fail(ErrorKind::invalid,
                   "the DynamoDB table " + name.name + " in " + session.region() + " " + *problem);
  co_return std::unique_ptr<broker::Store>(
      std::make_unique<broker::DynamoDbStore>(session, name.name, account.to_string()));
}
