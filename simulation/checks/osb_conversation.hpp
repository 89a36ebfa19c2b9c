// Checks what platforms (controller managers) and brokers say to each other against the Open Service Broker
// API 2.17 (spec.md and profile.md of openservicebrokerapi/servicebroker). It looks at the wire alone, at
// both ends of it: what was sent, what was answered, and what the client saw of the answer.
//
// The numbers are those of the list of duties below, which the violations name. P: platform, B: broker.
//
//   1 P version header                        38 B an operation's end stays what it was
//   3 P form of the originating identity      40 P members of a provision request, ids of the catalog
//   4 P its members                           41 B statuses of a provision request; identical, different
//   5 P request identity; B repeats it        42 P maintenance_info is that of a catalog
//   7 both: Content-Type, JSON                43 P ids are not used twice
//   8 P percent-encoding                      44 B dashboard_url
//  10 B statuses of each endpoint             46 P, B which instances are fetched, and that they are there
//  11 B members of errors                     47 B what a fetched instance has
//  12 B instance_usable, update_repeatable    48 P members of an update, previous_values
//  13 B error codes go with 422               49 P which updates the catalog allows
//  14 B what is refused changes nothing       50 B updates
//  15 P the catalog after a conflict          52 P no bind of what is unusable
//  16-24 B form of the catalog, stable ids    53-56 P, B binds and their answers
//  27 both: accepts_incomplete and 202        60 B dates of a binding
//  28 P one operation at a time               61 B credentials appear nowhere else
//  29 P the operation's name is repeated; B   63, 64 P rotation
//  30 B repeated requests, same operation     66 P, B which bindings are fetched, and that they are there
//  32 P members of polls                      67-69 P, B deletions; bindings before their instance
//  33 B answers to polls                      71-74 P orphan mitigation, and what is never deleted
//  35 P what is gone is not deleted again     76, 78 P context
//  36 P when polls come, and their end; no endless repetition
//
// The others are not seen here: 2, 6 (the simulated brokers ask for no authentication), 9 and 79 to 83 (about
// what others send, and about openapi.yaml), 25, 57 to 59 (of services that we do not have), 26, 31, 39 (how
// brokers work inside), 34, 45, 51, 62, 65, 70, 75 (what is kept, not sent, or is only allowed), 37 (is taken
// into account where an operation takes too long), 77 (of Cloud Foundry). Of 52, `update_repeatable` is not
// checked: an edit and its reversal send the same request again.
//
// A broker is known by the name that it is reached by, up to the first dot, so that several processes may
// answer for it, and it may have several addresses. A
// platform is known by the API server that its processes talk to, and by the process's name before it has
// talked to any.
//
// It has to be told what cannot be seen: that a process's life has ended, that a platform's API server or a
// broker's records were set back or changed from outside. It may be told more often than necessary: it then
// finds less.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "simulation/checks/osb_broker_side.hpp"
#include "simulation/checks/osb_findings.hpp"
#include "simulation/checks/osb_form.hpp"
#include "simulation/checks/osb_intents.hpp"
#include "simulation/checks/osb_platform_side.hpp"
#include "simulation/kernel/network.hpp"

namespace simulation {

class OsbConversation {
 public:
  struct Options {
    osb_check::PlatformLimits limits;
    // So long what has vanished on its way to a broker may still be worked on: more than any delay of the
    // network and any time-out of a program.
    milliseconds settling = std::chrono::minutes(15);
  };
  OsbConversation() : OsbConversation(Options{}) {}
  explicit OsbConversation(Options options)
      : broker_side_(options.settling), platform_side_(options.limits, intents_) {}
  OsbConversation(const OsbConversation&) = delete;
  OsbConversation& operator=(const OsbConversation&) = delete;

  // Adds itself to what the network tells of requests and answers. It outlives the network's use.
  void watch(Network& network, const Timeline& timeline);

  // What watch() calls: a request that was sent, that was handled (perhaps twice), and what its client got.
  void sent(milliseconds time, const Link& link, std::uint64_t call, const net::Request& request);
  void handled(milliseconds time, const Link& link, std::uint64_t call, const net::Request& request,
               const net::Reply* reply);
  void seen(milliseconds time, const Link& link, std::uint64_t call, const core::Result<net::Reply>& got);

  // A process has ended or was killed: World::on_end.
  void ended(const std::string& process) { platform_side_.ended(process); }
  // The API server of that name has an earlier state again, or lost something.
  void platform_restored(const std::string& api) { platform_side_.restored(api); }
  // The broker's records were lost or set back, or its resources were changed by somebody else.
  void broker_restored(const std::string& broker) { broker_side_.forget(broker); }
  // All faults are over, and there was time to work everything off.
  void finish(milliseconds time) { platform_side_.finish(time, findings_); }

  // One sentence each, with the time, the request and the duty.
  [[nodiscard]] const std::vector<std::string>& violations() const { return findings_.all(); }
  [[nodiscard]] std::vector<std::string> take_violations() { return findings_.take(); }

 private:
  [[nodiscard]] std::string platform_of(const std::string& process) const;

  osb_check::Findings findings_;
  osb_check::Intents intents_;
  osb_check::RequestForm request_form_;
  osb_check::AnswerForm answer_form_;
  osb_check::BrokerSide broker_side_;
  osb_check::PlatformSide platform_side_;
  std::uint64_t events_ = 0;
  std::map<std::uint64_t, osb_check::Call> calls_;  // to brokers, until the client got an answer
  std::map<std::uint64_t, net::Request> writes_;    // to API servers, the same
  std::map<std::string, std::string> apis_;         // by process
};

}  // namespace simulation
