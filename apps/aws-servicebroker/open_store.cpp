#include "open_store.hpp"

#include "broker/store/dynamodb_store.hpp"
#include "broker/store/sqlite_store.hpp"

using core::ErrorKind;
using core::fail;

async::Task<core::Result<std::unique_ptr<broker::Store>>> open_store(const Options& options,
                                                                     const std::string& folder,
                                                                     const core::Uuid& account,
                                                                     async::BlockingPool& pool,
                                                                     aws::Session& session) {
  constexpr std::string_view dynamodb = "dynamodb:";
  constexpr std::string_view sqlite = "sqlite:";
  std::string store = options.store;
  if (store.empty())
    store =
        options.table_name.empty() ? "sqlite:" + folder + "/broker.sqlite" : "dynamodb:" + options.table_name;
  if (store.starts_with(sqlite)) {
    auto opened = broker::SqliteStore::open(pool, store.substr(sqlite.size()));
    if (!opened) co_return fail(std::move(opened.error()));
    co_return std::unique_ptr<broker::Store>(std::move(*opened));
  }
  if (!store.starts_with(dynamodb))
    co_return fail(ErrorKind::invalid,
                   "--store must be sqlite:PATH or dynamodb:TABLE, not \"" + store + "\"");
  const std::string table = store.substr(dynamodb.size());
  auto status = co_await aws::DynamoDb(session).describe_table(table);
  if (!status)
    co_return fail(status.error().with_context("the DynamoDB table " + table + " in " + session.region()));
  co_return std::unique_ptr<broker::Store>(
      std::make_unique<broker::DynamoDbStore>(session, table, account.to_string()));
}
