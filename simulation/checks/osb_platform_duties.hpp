// Whether a platform may send one request, given what it has seen.
#pragma once

#include "simulation/checks/osb_platform_side.hpp"

namespace simulation::osb_check {

class PlatformSide::Duties {
 public:
  Duties(const Call& call, PlatformSide& side, Talk& talk, Asset& asset, Findings& findings)
      : call_(call),
        asked_(call.asked),
        side_(side),
        talk_(talk),
        asset_(asset),
        findings_(findings),
        witness_(side.witness(call)) {}

  void check();
  void note();  // what the request itself changes

 private:
  void provision();
  void update();
  void remove();
  void poll();
  void bind();
  void check_rotation(const std::string& predecessor);
  void check_reason();  // of a deletion
  void check_bindings_gone();

  void wrong(int duty, const std::string& what) {
    findings_.add(call_.sent, call_, Party::platform, duty, what);
  }
  // The one who sends this knows it.
  [[nodiscard]] bool knows(const Witness& witness) const { return witness == witness_; }
  [[nodiscard]] bool is_same_process(const Witness& witness) const {
    return witness.process == witness_.process && witness.life == witness_.life;
  }
  [[nodiscard]] bool is_gone() const {
    return asset_.presence == Presence::gone && knows(asset_.presence_witness);
  }
  [[nodiscard]] bool is_over_limit() const;
  [[nodiscard]] bool is_under_way() const {
    return asset_.operation_verb != Verb::unknown && knows(asset_.operation_witness) && !is_over_limit();
  }
  [[nodiscard]] bool is_of_another_service() const {
    return !asset_.service.empty() && !asked_.service_id.empty() && asset_.service != asked_.service_id;
  }
  [[nodiscard]] bool is_left() const;
  [[nodiscard]] const Asset* instance() const;

  const Call& call_;
  const Asked& asked_;
  PlatformSide& side_;
  Talk& talk_;
  Asset& asset_;
  Findings& findings_;
  Witness witness_;
};

}  // namespace simulation::osb_check
