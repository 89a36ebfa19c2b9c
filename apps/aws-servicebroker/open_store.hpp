// The store that the flags name.
#pragma once

#include <memory>
#include <string>

#include "async/blocking_pool.hpp"
#include "aws/dynamodb.hpp"
#include "broker/store/store.hpp"
#include "core/uuid.hpp"
#include "options.hpp"

struct StoreName {
  bool is_dynamodb = false;
  std::string name;  // of the table, or the file's path
};
// --store, or --table-name, or a file in the data folder. Error: invalid.
[[nodiscard]] core::Result<StoreName> store_name_of(const Options& options, const std::string& data_folder);

// nullopt: the table is as the store needs it; otherwise what is wrong with it.
[[nodiscard]] std::optional<std::string> problem_of(const aws::TableDescription& table);

// What to do where describing the table failed.
[[nodiscard]] core::Error no_such_table(core::Error error, const std::string& table,
                                        const std::string& region);

// `account` is the range key of every item in a table; pool (of one thread) and session outlive the store.
// Errors name the file, or the table and its region, and what to do.
[[nodiscard]] async::Task<core::Result<std::unique_ptr<broker::Store>>> open_store(const StoreName& name,
                                                                                   const core::Uuid& account,
                                                                                   async::BlockingPool& pool,
                                                                                   aws::Session& session);
