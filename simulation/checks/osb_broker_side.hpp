// What brokers must answer, given what they have answered before: a broker that has taken a request knows it,
// and one that has said that something is gone does not have it any more.
//
// It reasons only from requests that nothing crossed: while another request that changes the same resource is
// under way, or has vanished on its way, nothing is known of the resource. What has vanished may still be
// worked on for `settling` after it was sent.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "simulation/checks/osb_catalog.hpp"
#include "simulation/checks/osb_findings.hpp"

namespace simulation::osb_check {

class BrokerSide {
 public:
  explicit BrokerSide(milliseconds settling) : settling_(settling) {}

  void sent(const Call& call);
  // In the order of the answers. `event`: see Call::begun.
  void handled(milliseconds time, std::uint64_t event, const Call& call, const Told& told,
               Findings& findings);
  // Its records were lost or set back, or somebody has changed its resources without it.
  void forget(const std::string& broker) { brokers_.erase(broker); }

 private:
  enum class State { unknown, absent, creating, failed, ready, updating, deleting };
  struct Asset {  // an instance or a binding
    State state = State::unknown;
    // What it was accepted with; nullopt: not known.
    std::optional<std::string> service, plan, parameters, name_space, cluster;
    std::set<std::string> plans;  // every plan it may ever have had
    std::string operation;        // of the last 202
    std::string request;          // which got it: the canonical body and target
    // While it is updated `plan` is not known: it is one of these.
    std::optional<std::string> plan_before, plan_after;
    bool may_expire = false;
    std::map<std::string, std::string> ends;     // final states by operation
    std::map<std::uint64_t, milliseconds> open;  // calls that change it and are not handled yet
    std::uint64_t last_change = 0;               // the event with which such a call was handled
  };
  struct Broker {
    std::map<std::string, Asset> instances;
    std::map<std::string, std::map<std::string, Asset>> bindings;  // instance → binding
    KnownCatalogs catalogs;
    CatalogIds ids;
  };
  class Judgement;

  [[nodiscard]] Asset& asset_of(const Call& call);
  // Nothing has crossed the call. What something else that is open may have changed is forgotten.
  [[nodiscard]] bool is_alone(milliseconds time, const Call& call, Asset& asset) const;

  milliseconds settling_;
  std::map<std::string, Broker> brokers_;
};

}  // namespace simulation::osb_check
