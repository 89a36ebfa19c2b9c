// One leader among several processes, by a coordination.k8s.io/v1 Lease, with the semantics of client-go's
// leaderelection: a candidate takes a lease that nobody renewed for lease_duration *as observed on its own
// clock*; the leader renews every retry_period and stops leading when it could not for renew_deadline (<
// lease_duration, so before anybody else may start).
//
// Owner: whoever spawns run(). Executor: the loop's. Cancellation of run(): what was led is cancelled and
// joined first, then the lease is given back, so that the next leader starts at once.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "async/clock.hpp"
#include "kube/client.hpp"

namespace runtime {

namespace asio = boost::asio;
namespace json = boost::json;

struct LeaderElectionOptions {
  std::string namespace_;
  std::string name;      // of the Lease
  std::string identity;  // unique in the cluster: "<host name>_<uuid>"
  std::chrono::milliseconds lease_duration{15'000};
  std::chrono::milliseconds renew_deadline{10'000};
  std::chrono::milliseconds retry_period{2'000};
};

class LeaderElector {
 public:
  LeaderElector(asio::any_io_executor executor, kube::Client& client, async::Clock& clock,
                LeaderElectionOptions options);

  // Waits to be elected, then runs lead() (whose captures outlive it). Returns what ended it:
  //   success: lead() came to its end by itself; unavailable: the lease was lost; then lead() has been
  //   cancelled and has ended.
  // A program ends after a lost lease, and is started again by its supervisor. Error invalid: options that
  // cannot work.
  [[nodiscard]] async::Task<core::Result<>> run(std::function<async::Task<>()> lead);

  [[nodiscard]] bool is_leader() const { return leading_; }
  // Nobody else can lead yet: it leads, and its last renewal is younger than renew_deadline. Asked before
  // each act (fenced_transport.hpp), because a process that was stopped finds out late that it lost its
  // lease.
  [[nodiscard]] bool may_act() const {
    return leading_ && clock_.now() < renewed_at_ + options_.renew_deadline;
  }
  [[nodiscard]] const std::string& observed_leader() const { return observed_holder_; }

 private:
  enum class Attempt { held, taken_by_other, failed };
  struct Term;  // one time of leading

  [[nodiscard]] core::Result<> check_options() const;
  [[nodiscard]] async::Task<> acquire();
  [[nodiscard]] async::Task<core::Result<>> lead_until_lost(std::function<async::Task<>()> lead);
  [[nodiscard]] async::Task<> run_lead(Term& term, std::function<async::Task<>()> lead);
  [[nodiscard]] async::Task<> renew(Term& term);
  [[nodiscard]] async::Task<> release();
  [[nodiscard]] async::Task<Attempt> try_acquire_or_renew(std::chrono::milliseconds limit);
  [[nodiscard]] async::Task<core::Result<json::object>> take_or_renew();
  [[nodiscard]] json::object spec_to_write() const;
  [[nodiscard]] bool is_held_by_other() const;
  void observe(json::object lease);

  asio::any_io_executor executor_;
  kube::Client& client_;
  async::Clock& clock_;
  LeaderElectionOptions options_;
  bool leading_ = false;
  async::Clock::TimePoint renewed_at_;  // when the last request began that took or renewed the lease
  json::object lease_;                  // as last read or written
  std::string observed_holder_;
  async::Clock::TimePoint observed_at_;  // when lease_ was first seen as it is
};

}  // namespace runtime
