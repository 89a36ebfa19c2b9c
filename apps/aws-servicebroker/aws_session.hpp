// The broker's own AWS session: region, credentials, and who AWS says it is.
#pragma once

#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "async/blocking_pool.hpp"
#include "aws/session.hpp"
#include "aws/sts.hpp"
#include "core/metrics.hpp"
#include "options.hpp"

struct Region {
  std::string name;    // "" where nothing says it
  std::string source;  // "--region or AWS_REGION"
};
// --region, AWS_REGION, AWS_DEFAULT_REGION, or that of the profile in use. Blocks. Error: invalid.
[[nodiscard]] core::Result<Region> region_of(const Options& options);

// What the session uses; everything outlives it.
struct SessionSurroundings {
  boost::asio::any_io_executor executor;
  async::Clock& clock;
  async::BlockingPool& pool;
  core::Metrics& metrics;  // counts and times its calls
};
// Error: invalid, naming the flags.
[[nodiscard]] core::Result<aws::SessionOptions> session_options_of(const Options& options,
                                                                   const Region& region,
                                                                   const SessionSurroundings& surroundings);

struct Identification {
  aws::CallerIdentity caller;
  std::string source;  // where the credentials came from
};
// Errors say which source was asked.
[[nodiscard]] async::Task<core::Result<Identification>> identify(aws::Session& session);
