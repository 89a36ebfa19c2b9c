// The store that the flags name.
#pragma once

#include <memory>
#include <string>

#include "async/blocking_pool.hpp"
#include "aws/session.hpp"
#include "broker/store/store.hpp"
#include "core/uuid.hpp"
#include "options.hpp"

// --store, or sqlite in the data folder. `account` is the range key of every item in a table; pool (of one
// thread) and session outlive the store. Errors name the file, or the table and its region.
[[nodiscard]] async::Task<core::Result<std::unique_ptr<broker::Store>>> open_store(const Options& options,
                                                                                   const std::string& folder,
                                                                                   const core::Uuid& account,
                                                                                   async::BlockingPool& pool,
                                                                                   aws::Session& session);
