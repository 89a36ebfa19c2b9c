// Where a story is played: the processes, the network's noise, the accidents, and the checks after it.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "simulation/aws/account.hpp"
#include "simulation/checks/at_rest.hpp"
#include "simulation/checks/osb_conversation.hpp"
#include "simulation/kernel/simulator.hpp"
#include "simulation/programs/broker.hpp"
#include "simulation/story.hpp"
#include "simulation/users/users.hpp"

namespace simulation {

struct Played {
  std::vector<std::string> violations;  // of what must hold; empty: all is well
  milliseconds virtual_time{};
  std::uint64_t steps = 0;
};

class Performance {
 public:
  // `folder`: of the real file system, for this story alone.
  Performance(Story story, const std::string& folder, Trace& trace);
  ~Performance();

  [[nodiscard]] Played play();

 private:
  void set_up();
  [[nodiscard]] MessageFate fate_of(const Link& link, const net::Request& request);
  void perform(const Act& act);
  void calm_down();
  // Until nothing was written for a while, or time is up; then looks at everything.
  void rest(const std::string& why);
  void check(bool is_quiet);
  void note(const std::string& what);
  void note_exchange(const Exchange& exchange);
  void note_readiness(const Exchange& exchange);
  [[nodiscard]] Process& mortal(std::uint32_t which);
  void restart_later(Process& process);
  // What a user's task does, to its end.
  void run_task(async::Task<> task, milliseconds limit);

  Story story_;
  Simulator simulator_;
  Random noise_;
  AwsAccount account_;
  TemplateFolder templates_;
  std::vector<Process*> mortals_;
  Users* users_ = nullptr;  // the program of the process of that name, which never dies
  bool is_noisy_ = false;
  std::set<std::string> cut_off_;  // processes
  Instant last_write_{};
  std::deque<std::string> last_writes_;
  OsbConversation conversation_;
  Cluster cluster_;
  Excuses excuses_;
  std::vector<std::string> violations_;
};

}  // namespace simulation
