#include "runtime/leader_election.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include "async/backoff.hpp"
#include "async/event.hpp"
#include "async/task_group.hpp"
#include "async/timeout.hpp"
#include "core/log.hpp"

namespace runtime {
namespace {

using core::ErrorKind;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr core::Path holder_path = {"spec", "holderIdentity"};

}  // namespace

// What the tasks of a term tell the one that waits for them.
struct LeaderElector::Term {
  explicit Term(const asio::any_io_executor& executor) : ended(executor) {}

  async::Event ended;
  bool lost = false;
  std::exception_ptr exception;  // that lead() threw
};

LeaderElector::LeaderElector(asio::any_io_executor executor, kube::Client& client, async::Clock& clock,
                             LeaderElectionOptions options)
    : executor_(std::move(executor)), client_(client), clock_(clock), options_(std::move(options)) {}

core::Result<> LeaderElector::check_options() const {
  const auto refuse = [](std::string why) {
    return core::fail(ErrorKind::invalid, "leader election: " + std::move(why));
  };
  if (options_.identity.empty()) return refuse("the identity is missing");
  if (options_.name.empty() || options_.namespace_.empty())
    return refuse("the lease's name or namespace is missing");
  if (options_.lease_duration < seconds(1)) return refuse("the lease duration must be at least 1s");
  if (options_.renew_deadline >= options_.lease_duration)
    return refuse("the renew deadline must be shorter than the lease duration");
  if (options_.retry_period <= milliseconds::zero() ||
      options_.retry_period * 6 / 5 >= options_.renew_deadline) {
    return refuse("the renew deadline must be longer than 1.2 retry periods");
  }
  return {};
}

async::Task<core::Result<>> LeaderElector::run(std::function<async::Task<>()> lead) {
  if (core::Result<> checked = check_options(); !checked) co_return checked;
  co_await acquire();
  core::log::info("Became the leader", {{"lease", options_.name}, {"identity", options_.identity}});
  co_return co_await lead_until_lost(std::move(lead));
}

async::Task<> LeaderElector::acquire() {
  // Candidates must not knock in step.
  async::Backoff pause(
      {.initial = options_.retry_period, .maximum = options_.retry_period, .factor = 1, .jitter = 0.2});
  std::string told;
  while (co_await try_acquire_or_renew(options_.renew_deadline) != Attempt::held) {
    if (observed_holder_ != told) {
      told = observed_holder_;
      core::log::info("Waiting to become the leader", {{"lease", options_.name}, {"leader", told}});
    }
    co_await clock_.sleep_for(pause.next());
  }
}

async::Task<core::Result<>> LeaderElector::lead_until_lost(std::function<async::Task<>()> lead) {
  Term term(executor_);
  async::TaskGroup group(executor_);
  leading_ = true;
  group.spawn("lead", run_lead(term, std::move(lead)));
  group.spawn("renewing " + options_.name, renew(term));
  std::exception_ptr cancellation;
  try {
    co_await term.ended.wait();
  } catch (const boost::system::system_error&) {
    cancellation = std::current_exception();
  }
  // From here on the task cleans up, cancelled or not.
  co_await asio::this_coro::reset_cancellation_state();
  group.cancel();
  co_await group.join();
  leading_ = false;
  if (!term.lost) co_await release();
  // What lead() threw counts only where it ended by itself: when it is cancelled it throws, too.
  if (cancellation) std::rethrow_exception(cancellation);
  if (term.lost) {
    co_return core::fail(ErrorKind::unavailable,
                         "the lease " + options_.namespace_ + "/" + options_.name + " was lost: " +
                             (is_held_by_other() ? "held by " + observed_holder_ : "not renewed in time"));
  }
  if (term.exception) std::rethrow_exception(term.exception);
  co_return core::Result<>();
}

async::Task<> LeaderElector::run_lead(Term& term, std::function<async::Task<>()> lead) {
  try {
    co_await lead();
  } catch (...) {
    term.exception = std::current_exception();
  }
  term.ended.notify();
}

async::Task<> LeaderElector::renew(Term& term) {
  while (true) {
    const auto deadline = renewed_at_ + options_.renew_deadline;
    co_await clock_.sleep_until(std::min(clock_.now() + options_.retry_period, deadline));
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - clock_.now());
    const Attempt attempt =
        left > milliseconds::zero() ? co_await try_acquire_or_renew(left) : Attempt::failed;
    if (attempt == Attempt::taken_by_other || (attempt == Attempt::failed && clock_.now() >= deadline)) {
      leading_ = false;  // from now on, not only when everything has been cancelled
      term.lost = true;
      term.ended.notify();
      co_return;
    }
  }
}

async::Task<> LeaderElector::release() {
  json::object spec = spec_to_write();
  spec["holderIdentity"] = "";
  spec["leaseDurationSeconds"] = 1;
  json::object lease = lease_;
  lease["spec"] = std::move(spec);
  std::string what = "giving back the lease";
  const core::Result<json::object> released =
      co_await async::with_timeout(clock_, options_.renew_deadline, std::move(what),
                                   client_.replace(kube::resources::leases, std::move(lease)));
  if (released) {
    core::log::info("Gave back the lease", {{"lease", options_.name}});
  } else {
    core::log::warn("Could not give back the Lease, it will expire",
                    {{"lease", options_.name}, {"error", released.error().message}});
  }
}

async::Task<LeaderElector::Attempt> LeaderElector::try_acquire_or_renew(milliseconds limit) {
  // Counted from before the request: the server's clock of the lease cannot start earlier.
  const auto started = clock_.now();
  std::string what = "renewing the lease";
  core::Result<json::object> lease =
      co_await async::with_timeout(clock_, limit, std::move(what), take_or_renew());
  if (lease) {
    observe(std::move(*lease));
    renewed_at_ = started;
    co_return Attempt::held;
  }
  if (is_held_by_other()) co_return Attempt::taken_by_other;
  core::log::warn("The Lease could not be acquired or renewed",
                  {{"lease", options_.name}, {"error", lease.error().message}, {"leading", leading_}});
  co_return Attempt::failed;
}

// The lease as it was written with us as its holder.
async::Task<core::Result<json::object>> LeaderElector::take_or_renew() {
  kube::ObjectKey key{.namespace_ = options_.namespace_, .name = options_.name};
  core::Result<json::object> current = co_await client_.get(kube::resources::leases, std::move(key));
  if (!current && current.error().kind != ErrorKind::not_found) co_return current;
  if (!current) {
    lease_ = {};
    json::object created{{"metadata", {{"name", options_.name}, {"namespace", options_.namespace_}}},
                         {"spec", spec_to_write()}};
    co_return co_await client_.create(kube::resources::leases, std::move(created));
  }
  observe(*current);
  if (is_held_by_other()) co_return core::fail(ErrorKind::conflict, "held by " + observed_holder_);
  json::object taken = std::move(*current);
  taken["spec"] = spec_to_write();
  co_return co_await client_.replace(kube::resources::leases, std::move(taken));
}

json::object LeaderElector::spec_to_write() const {
  const std::string now = core::to_rfc3339_micros(clock_.system_now());
  const json::object* const spec = core::find_object(lease_, {"spec"});
  json::object result = spec != nullptr ? *spec : json::object();
  const bool is_ours = core::find_string(lease_, holder_path) == options_.identity;
  if (!is_ours) {
    result["holderIdentity"] = options_.identity;
    result["acquireTime"] = now;
    const bool is_first = lease_.empty();
    result["leaseTransitions"] =
        is_first ? 0 : core::find_int(lease_, {"spec", "leaseTransitions"}).value_or(0) + 1;
  }
  result["leaseDurationSeconds"] = std::chrono::ceil<seconds>(options_.lease_duration).count();
  result["renewTime"] = now;
  return result;
}

bool LeaderElector::is_held_by_other() const {
  if (observed_holder_.empty() || observed_holder_ == options_.identity) return false;
  // As long as the holder itself says that it lasts, from when it was last seen to renew.
  const auto said = core::find_int(lease_, {"spec", "leaseDurationSeconds"});
  const milliseconds lasts = said && *said > 0 ? milliseconds(seconds(*said)) : options_.lease_duration;
  return clock_.now() < observed_at_ + lasts;
}

void LeaderElector::observe(json::object lease) {
  if (kube::resource_version_of(lease) != kube::resource_version_of(lease_) || lease_.empty())
    observed_at_ = clock_.now();
  observed_holder_ = core::find_string(lease, holder_path);
  lease_ = std::move(lease);
}

}  // namespace runtime
