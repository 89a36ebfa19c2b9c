// Answers platforms' polls from memory: one task for each account and region asks CloudFormation for all
// stacks that are polled for, at a rate that does not grow with their number (watch_list.hpp decides).
//
// Executor: the loop's thread. The tasks belong to the group that is given; cancelling it ends them.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "async/event.hpp"
#include "async/task_group.hpp"
#include "broker/stack_poller/watch_list.hpp"

namespace broker {

struct PolledStack {
  Placement placement;
  std::string stack;         // its id, or its name where no id is known
  std::int64_t version = 0;  // of the instance's record (WatchList::polled)
};

class StackPoller {
 public:
  // All outlive the poller; the group's tasks have ended before it goes.
  StackPoller(CloudProvider& clouds, async::Clock& clock, boost::asio::any_io_executor executor,
              async::TaskGroup& tasks, CallRate rate = {})
      : clouds_(clouds), clock_(clock), executor_(std::move(executor)), tasks_(tasks), rate_(rate) {}

  // What is known of the stack; nullopt: nothing yet. Waits for CloudFormation only where few stacks are
  // polled for, or a moment. Errors: as describe_stack, but throttling.
  [[nodiscard]] async::Task<core::Result<std::optional<aws::Stack>>> poll(PolledStack question);
  // The resources of a polled stack as they were lately; empty where they were not read yet.
  [[nodiscard]] std::vector<aws::StackResource> resources(const PolledStack& question);
  // A poll that needs no more to be known: an operation is in progress as far as was learnt lately.
  [[nodiscard]] bool is_in_progress(const PolledStack& question);

 private:
  struct Place {
    Place(Cloud& its_cloud, WatchList list, const boost::asio::any_io_executor& executor)
        : cloud(its_cloud), watches(std::move(list)), wake(executor), answered(executor) {}
    Cloud& cloud;
    WatchList watches;
    async::Event wake;               // there is something to ask earlier than at `resumes`
    async::Event answered;           // by CloudFormation, on any stack
    WatchList::TimePoint resumes{};  // while its task sleeps; the beginning of time while it does not
  };

  [[nodiscard]] Place& place_of(const PolledStack& question);
  // Tells the watch list, and its task if that has to hurry. Whether the poll should wait.
  bool note_poll(Place& place, const PolledStack& question);
  [[nodiscard]] async::Task<> ask_on(Place& place);
  [[nodiscard]] async::Task<> ask(Place& place, StackCall call);

  CloudProvider& clouds_;
  async::Clock& clock_;
  boost::asio::any_io_executor executor_;
  async::TaskGroup& tasks_;
  CallRate rate_;
  std::map<Placement, std::unique_ptr<Place>> places_;
};

}  // namespace broker
