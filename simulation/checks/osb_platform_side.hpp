// What platforms must send, given what they have seen: not what brokers have done.
//
// A platform keeps what it has seen in its API server. So what it must know counts as known only while the
// same life of the same process goes on, no write about the object has failed since, and the API server was
// not set back; another process may repeat what its predecessor did.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "simulation/checks/osb_catalog.hpp"
#include "simulation/checks/osb_findings.hpp"
#include "simulation/checks/osb_intents.hpp"

namespace simulation::osb_check {

struct PlatformLimits {
  milliseconds poll_floor{90};                                    // between two polls of an operation
  milliseconds longest_poll_interval = std::chrono::minutes(20);  // also where Retry-After says more
  milliseconds polling_limit = std::chrono::hours(168);           // of plans that do not say
  // The same request so often in so short a time goes round in circles.
  std::size_t most_repeats = 60;
  milliseconds repeats_within = std::chrono::seconds(10);
};

class PlatformSide {
 public:
  PlatformSide(PlatformLimits limits, const Intents& intents) : limits_(limits), intents_(intents) {}

  void sent(const Call& call, Findings& findings);
  void seen(milliseconds time, const Call& call, const Told& told);
  // The process's life is over.
  void ended(const std::string& process) { ++lives_[process]; }
  // Its API server was set back to an earlier state.
  void restored(const std::string& platform);
  // When all is well and at rest: what is still owed.
  void finish(milliseconds time, Findings& findings) const;

 private:
  // Who has seen something, for which objects, and how many writes about them had failed then.
  struct Witness {
    std::string process;
    std::uint64_t life = 0;
    std::string objects;
    std::uint64_t failures = 0;
    bool operator==(const Witness&) const = default;
  };
  enum class Presence { unknown, there, gone };
  struct Asset {  // an instance or a binding, as the platform knows it
    Presence presence = Presence::unknown;
    Witness presence_witness;
    std::string service;
    std::optional<std::string> plan;    // that the broker has confirmed
    std::set<std::string> other_plans;  // that requests without a clear end have named
    std::set<std::string> asked_plans;  // ever
    std::optional<std::string> name_space, cluster;
    // The operation that a 202 began, until its end was seen.
    Verb operation_verb = Verb::unknown;  // unknown: none
    std::string operation, operation_plan;
    milliseconds operation_since{0}, poll_due{0}, last_poll{-1};
    Witness operation_witness, poll_witness;
    std::set<std::string> operations;  // of all 202s
    Witness end_witness;               // of the last operation's end
    bool has_ended = false;
    // A deletion is due because of an answer, or may follow it.
    std::string mitigation;
    bool must_mitigate = false, may_mitigate = false;
    // Requests to create it, since it was seen to be gone: what becomes of one says nothing of the others.
    std::uint64_t creations = 0;
    bool was_found = false;  // the broker had it before it was asked for
    bool is_unusable = false;
    Witness mitigation_witness, unusable_witness;
    bool is_restored = false;
    std::uint64_t last_change = 0;  // the number of the last call that changes it
  };
  struct Talk {  // of one platform with one broker
    std::map<std::string, Asset> instances;
    std::map<std::string, std::map<std::string, Asset>> bindings;  // instance → binding
    std::map<std::string, std::string> instance_of_binding;
    KnownCatalogs catalogs;
    std::optional<milliseconds> conflict, fetched;  // MaintenanceInfoConflict, catalog
    std::map<std::string, std::deque<milliseconds>> repeats;
    std::set<std::pair<std::string, std::uint64_t>> lives;  // of processes that have talked
  };
  class Duties;
  class Reading;

  [[nodiscard]] Talk& talk_of(const Call& call) { return talks_[{call.platform, call.server}]; }
  [[nodiscard]] Asset& asset_of(Talk& talk, const Call& call) const;
  [[nodiscard]] Witness witness(const Call& call) const;
  [[nodiscard]] bool is_remembered(const Witness& witness) const;
  void check_repeats(Talk& talk, const Call& call, Findings& findings) const;

  PlatformLimits limits_;
  const Intents& intents_;
  std::map<std::string, std::uint64_t> lives_;
  std::map<std::pair<std::string, std::string>, Talk> talks_;
};

}  // namespace simulation::osb_check
