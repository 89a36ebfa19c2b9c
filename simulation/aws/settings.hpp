// What the run of a simulated account may be made of: sizes of pages, delays and chances.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "simulation/kernel/timeline.hpp"

namespace simulation {

struct AwsSettings {
  std::string account = "123456789012";
  std::string region = "us-east-1";

  // CloudFormation. Each resource takes between `least` and `most` to make, change or delete.
  milliseconds least_work{1'000};
  milliseconds most_work{60'000};
  double creation_failure = 0;  // chances, of each resource
  double update_failure = 0;
  double deletion_failure = 0;
  double rollback_failure = 0;         // of a resource that an update's rollback sets back
  milliseconds describe_staleness{0};  // DescribeStacks may show what was true so long ago
  milliseconds list_staleness{0};      // the same of ListStacks
  std::size_t most_stacks = 2'000;
  std::size_t page_of_stacks = 100;  // ListStacks, DescribeStacks
  std::size_t page_of_events = 100;  // DescribeStackEvents, DescribeEvents
  // The documentation says of outputs that an update cannot change them by themselves; CloudFormation has
  // done so for years.
  bool outputs_are_a_change = true;

  // DynamoDB.
  std::size_t most_items_of_page = 0;  // 0: as many as the request's Limit says
  std::size_t most_items_of_batch = 0;
  milliseconds index_delay{0};  // until a global index shows a write
  milliseconds read_delay{0};   // until every read that is not consistent shows a write

  // IAM is eventually consistent: what was made or deleted is seen after at most so long.
  milliseconds iam_delay{0};

  // Chances, of each call of any service.
  double throttled = 0;
  double server_error = 0;       // 500 or 503, nothing was done
  double server_error_late = 0;  // the same, but it was done

  // Of each key's requests to a service the first is verified, and then one in so many (1: all of them); the
  // scope and the time of all are looked at.
  std::size_t signatures_verified = 16;
};

// A fault of calls that a test or the simulation plans.
struct AwsFault {
  std::string service;  // "cloudformation"; "" for every service
  std::string action;   // "CreateStack"; "" for every action
  std::string code = "AccessDenied";
  std::string message = "User is not authorized to perform this action";
  int status = 403;
  std::string key_id;       // only calls of this access key; "" for everyone's
  std::int64_t times = -1;  // so many calls; -1 without end
  std::optional<core::SystemTime> until;
  double chance = 1;
  bool is_late = false;  // the call is done before it is answered so
};

}  // namespace simulation
