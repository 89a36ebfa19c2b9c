// What a platform has seen, and what it owes when all is at rest. osb_platform_duties.cpp has what it may
// send.
#include "simulation/checks/osb_platform_side.hpp"

#include "simulation/checks/osb_platform_duties.hpp"

namespace simulation::osb_check {

using std::chrono::seconds;

// One answer, or none, as the client of the call saw it.
class PlatformSide::Reading {
 public:
  Reading(milliseconds time, const Call& call, const Told& told, const PlatformSide& side, Asset& asset,
          Talk& talk, Witness witness)
      : time_(time),
        asked_(call.asked),
        told_(told),
        side_(side),
        asset_(asset),
        talk_(talk),
        witness_(std::move(witness)),
        is_last_change_(call.number == asset.last_change) {}

  void create();  // provision or bind
  void update();
  void remove();
  void poll();
  void found() {
    if (told_.status == 200) asset_.was_found = true;
    if (told_.status == 404 || told_.status == 410) asset_.was_found = false;
  }

 private:
  void is_there(const std::string& plan);
  void is_gone();
  void begins(Verb verb);
  void ends();
  void wants_mitigation(bool must);
  void judge_usability();
  void poll_after(std::optional<seconds> least);
  [[nodiscard]] bool is_malformed() const { return !told_.body && !(told_.status == 200 && told_.is_empty); }

  milliseconds time_;
  const Asked& asked_;
  const Told& told_;
  const PlatformSide& side_;
  Asset& asset_;
  Talk& talk_;
  Witness witness_;
  bool is_last_change_;  // no other request was sent meanwhile, by whoever took over
};

void PlatformSide::Reading::is_there(const std::string& plan) {
  if (asset_.operation_verb != Verb::unknown) ends();  // a repeated request tells of the end as polls do
  asset_.presence = Presence::there;
  asset_.creations = 0;
  asset_.presence_witness = witness_;
  if (!plan.empty()) asset_.plan = plan;
  asset_.other_plans.clear();
  asset_.must_mitigate = asset_.may_mitigate = asset_.was_found = asset_.is_unusable = false;
  asset_.is_restored = false;
}

void PlatformSide::Reading::is_gone() {
  asset_ = {.presence = Presence::gone,
            .presence_witness = witness_,
            .operations = std::move(asset_.operations),
            .end_witness = witness_,
            .has_ended = asset_.operation_verb != Verb::unknown || asset_.has_ended,
            .last_change = asset_.last_change};
}

void PlatformSide::Reading::begins(Verb verb) {
  asset_.operation_verb = verb;
  asset_.operation = told_.text("operation");
  asset_.operations.insert(asset_.operation);
  asset_.operation_plan = asked_.plan_id;
  asset_.operation_since = time_;
  asset_.operation_witness = asset_.poll_witness = witness_;
  asset_.last_poll = milliseconds(-1);
  asset_.has_ended = false;
  asset_.is_restored = false;
  poll_after(told_.retry_after());
}

void PlatformSide::Reading::ends() {
  asset_.operation_verb = Verb::unknown;
  asset_.has_ended = true;
  asset_.end_witness = witness_;
}

void PlatformSide::Reading::wants_mitigation(bool must) {
  if (asset_.was_found) return;  // what was found is no orphan
  asset_.may_mitigate = true;
  // An answer that may be mitigated does not say anew what an earlier one had to be.
  if (asset_.must_mitigate && !must) return;
  asset_.must_mitigate = asset_.must_mitigate || (must && is_last_change_);
  asset_.mitigation = told_.status == 200 ? "a state of failed" : told_.what();
  asset_.mitigation_witness = witness_;
}

void PlatformSide::Reading::judge_usability() {
  if (core::find_bool(told_.members(), {"instance_usable"}) != false) return;
  asset_.is_unusable = true;
  asset_.unusable_witness = witness_;
}

void PlatformSide::Reading::poll_after(std::optional<seconds> least) {
  const milliseconds wanted =
      std::min<milliseconds>(least.value_or(seconds(0)), side_.limits_.longest_poll_interval);
  asset_.poll_due = time_ + wanted;
}

void PlatformSide::Reading::create() {
  if (told_.text("error") == "MaintenanceInfoConflict") talk_.conflict = time_;
  if (told_.is_success() && !is_malformed()) {
    if (!asked_.service_id.empty()) asset_.service = asked_.service_id;
    asset_.name_space = asked_.context("namespace");
    asset_.cluster = asked_.context("clusterid");
    if (told_.status != 202) return is_there(asked_.plan_id);
    asset_.must_mitigate = asset_.may_mitigate = false;
    if (!asked_.accepts_incomplete) return wants_mitigation(false);
    return begins(asked_.verb);
  }
  // What was announced before, by a former life or without an answer from the API server, may have been sent:
  // the refusal says nothing of that.
  const bool may_be_repeated = talk_.lives.size() > 1 || witness_.failures > 0;
  if (may_be_repeated && told_.status >= 400 && told_.status != 409) asset_.may_mitigate = true;
  if (told_.status == 409) {  // it is there, and not because of this platform
    asset_.must_mitigate = asset_.may_mitigate = false;
  } else if (told_.status == 0) {
    wants_mitigation(told_.timed_out);
  } else if (told_.status > 200 && (told_.status < 300 || told_.status >= 500)) {
    wants_mitigation(true);
  }
}

void PlatformSide::Reading::update() {
  if (told_.text("error") == "MaintenanceInfoConflict") talk_.conflict = time_;
  if (told_.status == 202 && told_.body) return begins(Verb::update);
  if (told_.status == 200 && !is_malformed()) return is_there(asked_.plan_id);
  if (told_.status >= 400) judge_usability();
  if (told_.status >= 400 && told_.status < 500 && told_.status != 408)
    asset_.other_plans.erase(asked_.plan_id);
}

void PlatformSide::Reading::remove() {
  if (told_.status == 200 || told_.status == 410) return is_gone();
  if (told_.status == 202 && told_.body) return begins(asked_.verb);
  if (told_.status >= 400) judge_usability();
}

void PlatformSide::Reading::poll() {
  if (asked_.operation != asset_.operation || asset_.operation_verb == Verb::unknown) return;
  const Verb verb = asset_.operation_verb;
  const bool removes = verb == Verb::deprovision || verb == Verb::unbind;
  if (told_.status == 410 && removes) return is_gone();
  const std::string state = told_.status == 200 ? told_.text("state") : "";
  if (state == "succeeded") {
    if (removes) return is_gone();
    std::string plan = asset_.operation_plan;
    ends();
    return is_there(plan);
  }
  if (state == "failed") {
    ends();
    is_last_change_ = true;
    if (verb == Verb::provision || verb == Verb::bind) wants_mitigation(true);
    if (!asked_.is_of_binding()) judge_usability();
    return;
  }
  if (told_.status == 404 && !removes) wants_mitigation(false);  // it is lost, and is made again
  // What cannot be read says nothing of when to come again.
  const bool is_read = told_.status != 200 || told_.body;
  poll_after(is_read ? told_.retry_after() : std::nullopt);
}

void PlatformSide::seen(milliseconds time, const Call& call, const Told& told) {
  Talk& talk = talk_of(call);
  const Asked& asked = call.asked;
  if (asked.verb == Verb::unknown) return;
  if (asked.verb == Verb::catalog) {
    if (told.status != 200 || !told.body) return;
    talk.catalogs.add(*told.body);
    talk.fetched = time;
    return;
  }
  Asset& asset = asset_of(talk, call);
  talk.lives.emplace(call.client, witness(call).life);
  Reading reading(time, call, told, *this, asset, talk, witness(call));
  switch (asked.verb) {
    case Verb::provision:
    case Verb::bind:
      return reading.create();
    case Verb::update:
      return reading.update();
    case Verb::deprovision:
    case Verb::unbind:
      return reading.remove();
    case Verb::instance_operation:
    case Verb::binding_operation:
      return reading.poll();
    case Verb::fetch_instance:
      return reading.found();
    default:
      return;
  }
}

PlatformSide::Asset& PlatformSide::asset_of(Talk& talk, const Call& call) const {
  if (call.asked.is_of_binding()) return talk.bindings[call.asked.instance][call.asked.binding];
  return talk.instances[call.asked.instance];
}

PlatformSide::Witness PlatformSide::witness(const Call& call) const {
  const auto life = lives_.find(call.client);
  const std::string& id = call.asked.is_of_binding() ? call.asked.binding : call.asked.instance;
  return {.process = call.client,
          .life = life != lives_.end() ? life->second : 0,
          .objects = intents_.holders(call.platform, id),
          .failures = intents_.failures(call.platform, id)};
}

void PlatformSide::check_repeats(Talk& talk, const Call& call, Findings& findings) const {
  auto& times = talk.repeats[call.request.method + " " + call.request.target + " " + call.request.body];
  times.push_back(call.sent);
  while (times.front() + limits_.repeats_within < call.sent) times.pop_front();
  if (times.size() <= limits_.most_repeats) return;
  findings.add(call.sent, call, Party::platform, 36,
               fmt::format("the same request for the {}th time within {} s", times.size(),
                           limits_.repeats_within.count() / 1000));
  times.clear();
}

void PlatformSide::sent(const Call& call, Findings& findings) {
  Talk& talk = talk_of(call);
  check_repeats(talk, call, findings);
  if (call.asked.verb == Verb::catalog || call.asked.verb == Verb::unknown) return;
  Duties duties(call, *this, talk, asset_of(talk, call), findings);
  duties.check();
  duties.note();
}

void PlatformSide::restored(const std::string& platform) {
  const auto forget = [](Asset& asset) {
    asset.is_restored = true;
    asset.has_ended = asset.must_mitigate = false;
    asset.operation_verb = Verb::unknown;
  };
  for (auto& [who, talk] : talks_) {
    if (who.first != platform) continue;
    for (auto& [id, asset] : talk.instances) forget(asset);
    for (auto& [instance, bindings] : talk.bindings) {
      for (auto& [id, asset] : bindings) forget(asset);
    }
    talk.conflict.reset();
  }
}

// By the same life of the process that has seen it.
bool PlatformSide::is_remembered(const Witness& witness) const {
  const auto life = lives_.find(witness.process);
  return witness.life == (life != lives_.end() ? life->second : 0);
}

void PlatformSide::finish(milliseconds time, Findings& findings) const {
  for (const auto& [who, talk] : talks_) {
    const auto& [platform, broker] = who;
    const auto owes = [&](const std::string& what, int duty, const std::string& why) {
      findings.add(time, what + " of " + platform + " at " + broker, Party::platform, duty, why);
    };
    const auto check = [&](const std::string& what, const Asset& asset,
                           const std::optional<Intents::Object>& object, int mitigation_duty) {
      const bool is_left = object && object->is_left;
      if (asset.is_restored || is_left) return;
      // A deletion may wait for others (bindings, people), and does the same.
      if (asset.must_mitigate && is_remembered(asset.mitigation_witness) && !(object && object->is_deleted))
        owes(what, mitigation_duty, "no deletion has succeeded after " + asset.mitigation);
      if (object && object->is_released && asset.presence == Presence::there && !object->is_restored)
        owes(what, 71, "it is gone in the platform, and not at the broker");
      const milliseconds last = std::max(asset.operation_since, asset.last_poll);
      // How a creation ends that is going to be deleted need not be known.
      const bool is_of_interest = asset.operation_verb == Verb::deprovision ||
                                  asset.operation_verb == Verb::unbind || !object || !object->is_deleted;
      if (asset.operation_verb != Verb::unknown && is_of_interest &&
          time - last > limits_.longest_poll_interval + std::chrono::minutes(1))
        owes(what, 36, "its operation is under way, and it is not asked about any more");
    };
    for (const auto& [id, asset] : talk.instances)
      check("the instance " + id, asset, intents_.instance(platform, id), 72);
    for (const auto& [instance, bindings] : talk.bindings) {
      for (const auto& [id, asset] : bindings) {
        std::optional<Intents::Object> object = intents_.binding(platform, id);
        const auto owner = intents_.instance(platform, instance);
        if (object && owner && owner->is_left) object->is_left = true;
        check("the binding " + id, asset, object, 73);
      }
    }
    constexpr milliseconds patience = std::chrono::minutes(5);
    if (talk.conflict && time - *talk.conflict > patience &&
        talk.fetched.value_or(milliseconds(-1)) < *talk.conflict)
      owes("the catalog", 15, "it was not fetched again after a MaintenanceInfoConflict");
  }
}

}  // namespace simulation::osb_check
