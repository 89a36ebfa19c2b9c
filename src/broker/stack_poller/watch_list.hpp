// The stacks of one account and region that platforms poll for, what is known of each, and which call of
// CloudFormation comes next. Pure: the time comes in, a call goes out, its answer comes back;
// stack_poller.hpp makes the calls.
//
//  - Few stacks are asked for one by one (DescribeStacks). Of more, sweeps of ListStacks learn the states of
//  100 with each call: it lists what is in progress only, so other stacks of the account cost nothing. A
//  stack that a sweep no longer finds is asked for singly, for how it ended.
//  - A stack is asked for again when a platform has polled since it was last, and after `stale` at the
//  latest, until nobody has polled for `forgotten_after`. One whose operation has ended is not asked for
//  again.
//  - Sweeps leave half of the calls to single stacks; what those leave over goes to progress, the oldest
//  first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/cloud/cloud.hpp"
#include "broker/stack_poller/token_bucket.hpp"

namespace broker {

struct StackCall {
  enum class Kind { list, describe, resources };
  Kind kind = Kind::list;
  std::string argument;  // the page's token ("" for the first), or the stack
};

class WatchList {
 public:
  using TimePoint = async::Clock::TimePoint;

  WatchList(CallRate rate, TimePoint now) : bucket_(rate, now) {}

  // A platform polls. `version` is of the instance's record: what was learnt before the record's last change
  // is of another operation, and is forgotten.
  void polled(const std::string& stack, std::int64_t version, TimePoint now);
  // Whether a poll should wait for an answer: not where the last one is recent, or where its call would have
  // to wait for its turn.
  [[nodiscard]] bool is_due(const std::string& stack, TimePoint now) const;
  // How long a poll may wait; changes with the number of stacks that are watched.
  [[nodiscard]] async::milliseconds patience() const;
  // When its next call could be made at the earliest.
  [[nodiscard]] TimePoint call_time(const std::string& stack, TimePoint now) const;
  // How many answers came; nullopt where it is not watched.
  [[nodiscard]] std::optional<std::uint64_t> answers(const std::string& stack) const;
  // What is known; nullopt: nothing yet. An error, and the state of an operation that has ended, are told
  // once. Error: as describe_stack.
  [[nodiscard]] core::Result<std::optional<aws::Stack>> take(const std::string& stack);
  // As they were lately; empty where they were not read yet.
  [[nodiscard]] std::vector<aws::StackResource> resources(const std::string& stack) const;
  [[nodiscard]] bool is_in_progress(const std::string& stack) const;

  struct Decision {
    std::optional<StackCall> call;  // its token is taken
    TimePoint when;                 // no call now: ask again then, and after each poll
  };
  [[nodiscard]] Decision next(TimePoint now);

  // Answers. `sent` is when the call was made.
  void listed(const core::Result<aws::StackPage>& page, TimePoint sent, TimePoint now);
  void described(const std::string& stack, core::Result<aws::Stack> answer, TimePoint sent, TimePoint now);
  void resources_read(const std::string& stack, core::Result<std::vector<aws::StackResource>> resources,
                      TimePoint sent, TimePoint now);

  [[nodiscard]] std::size_t size() const { return watches_.size(); }

 private:
  struct Watch {
    std::int64_t version = 0;
    TimePoint begun, polled;
    std::optional<TimePoint> asked;  // when the call was sent that the last answer came from
    std::optional<core::Result<aws::Stack>> known;
    std::uint64_t answers = 0;
    std::uint64_t sweep = 0;    // the last one that found it
    bool has_vanished = false;  // from the list of stacks in progress
    std::optional<TimePoint> resources_asked;
    std::vector<aws::StackResource> resources;

    [[nodiscard]] bool has_ended() const;
  };

  [[nodiscard]] bool sweeps() const;
  [[nodiscard]] TimePoint next_sweep() const;
  [[nodiscard]] TimePoint due(const Watch& watch) const;
  // What to ask and when, without a thought for tokens.
  [[nodiscard]] Decision wanted() const;
  [[nodiscard]] Decision wanted_progress() const;
  void begin_sweep(TimePoint now);
  void end_sweep();
  void learn_rate(const core::Error* error, TimePoint now);
  [[nodiscard]] Watch* find(const std::string& stack, TimePoint sent);

  TokenBucket bucket_;
  std::unordered_map<std::string, Watch> watches_;  // by the stack's id, or its name where no id is known
  std::size_t moving_ = 0;  // watches whose operation has not ended, as of the last decision
  bool may_list_ = true;    // false: ListStacks was refused
  std::uint64_t sweep_ = 0;
  std::optional<TimePoint> sweep_begun_;
  std::optional<std::string> next_page_;  // of the sweep under way
  std::size_t pages_read_ = 0;            // of that sweep
  std::size_t pages_ = 1;                 // of the last one
};

}  // namespace broker
