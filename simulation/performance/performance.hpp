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
#include "simulation/performance/coverage.hpp"
#include "simulation/programs/broker.hpp"
#include "simulation/story/story.hpp"
#include "simulation/users/users.hpp"

namespace simulation {

struct Played {
  std::vector<std::string> violations;  // of what must hold; empty: all is well
  milliseconds virtual_time{};
  std::uint64_t steps = 0;
  std::set<std::string> coverage;
};

class Performance {
 public:
  // `folder`: of the real file system, for this story alone.
  Performance(Story story, const std::string& folder, Trace& trace);
  ~Performance();

  [[nodiscard]] Played play();

 private:
  // --- performance.cpp
  void calm_down();
  // Until nothing was written for a while, or time is up; then looks at everything.
  void rest(const std::string& why);
  void read_clusters();
  [[nodiscard]] bool is_empty() const;  // as it was read last
  void check(bool is_quiet);
  void check_silence();
  void note(const std::string& what);
  // What a user's task does, to its end.
  void run_task(Site& site, async::Task<> task, milliseconds limit);

  // --- set_up.cpp
  void set_up();
  void make_account();
  void make_brokers();
  void make_site(int number);

  // --- network.cpp
  [[nodiscard]] MessageFate fate_of(const Link& link, const net::Request& request);
  void observe(const Exchange& exchange);
  void note_exchange(const Exchange& exchange);
  void note_object(const Exchange& exchange);
  void note_credentials(const Exchange& exchange);

  // --- accidents.cpp
  void perform(const Act& act);
  void lose_power(Process& process);
  [[nodiscard]] Process& mortal(std::uint32_t which) { return *mortals_.at(which % mortals_.size()); }
  void restart_later(Process& process);
  void fail_stacks(std::uint32_t how);
  void change_stack(const Act& act);
  [[nodiscard]] const Stack* some_stack(std::uint32_t which);
  void claim_instance(const Act& act);
  void readdress_broker(const Act& act);

  // --- backups.cpp
  void save_cluster(const Act& act);
  void restore_cluster(const Act& act);
  void save_records(const Act& act);
  void restore_records(const Act& act);
  void note_set_back();

  // --- operators.cpp
  void install_template(std::uint32_t how);
  void break_template(std::uint32_t how);
  void mend_templates();

  [[nodiscard]] Site& site_of(const Act& act) { return sites_.at((act.who >> 8U) % sites_.size()); }
  [[nodiscard]] std::string broker_of(std::size_t site) const;
  [[nodiscard]] static bool is_api(const std::string& name) { return name.starts_with("api"); }
  [[nodiscard]] static bool is_users(const std::string& name) { return name.starts_with("users"); }

  Story story_;
  Simulator simulator_;
  Random noise_;
  AwsAccount account_;
  TemplateFolder templates_;
  std::map<std::string, std::string> installed_;  // templates as they should be
  std::uint64_t editions_ = 0;
  std::vector<Process*> mortals_;
  std::vector<Site> sites_;
  std::map<std::string, Disk::Image> saved_disks_;  // by process
  std::optional<TableService::Snapshot> saved_tables_;
  bool is_noisy_ = false;
  std::set<std::string> cut_off_;    // processes
  std::set<std::string> dead_ends_;  // addresses that lead nowhere any more
  Instant last_write_{};
  std::deque<std::string> last_writes_;
  Instant last_question_{};  // to a broker, but for its catalog
  std::string last_question_text_;
  OsbConversation conversation_;
  Excuses excuses_;
  std::vector<std::string> known_instances_;  // external ids that brokers were asked for, in that order
  std::set<std::string> known_ids_;           // the same, of bindings, too
  std::set<std::string> secrets_;             // values of credentials
  std::string said_;
  Coverage coverage_;
  std::vector<std::string> violations_;
};

}  // namespace simulation
