#include "simulation/checks/osb_broker_side.hpp"

#include <iterator>
#include <utility>

namespace simulation::osb_check {

// What one answer says of one instance or binding.
class BrokerSide::Judgement {
 public:
  Judgement(milliseconds time, const Call& call, const Told& told, Broker& broker, Asset& asset,
            Findings& findings)
      : time_(time),
        call_(call),
        asked_(call.asked),
        told_(told),
        broker_(broker),
        asset_(asset),
        findings_(findings) {}

  void provision();
  void update();
  void remove();
  void poll();
  void fetch_instance();
  void bind();
  void fetch_binding();

 private:
  enum class Likeness { same, different, other_owner, unclear };

  void wrong(int duty, const std::string& what) {
    findings_.add(time_, call_, Party::broker, duty, told_.what() + ": " + what);
  }
  [[nodiscard]] Likeness likeness() const;
  void accept(State state);
  void begin(State state);
  void end();
  [[nodiscard]] std::string request_text() const {
    return call_.request.method + " " + call_.request.target + " " +
           core::to_canonical_text(asked_.members());
  }
  [[nodiscard]] Asset* instance_of_binding() const {
    const auto found = broker_.instances.find(asked_.instance);
    return found != broker_.instances.end() ? &found->second : nullptr;
  }

  milliseconds time_;
  const Call& call_;
  const Asked& asked_;
  const Told& told_;
  Broker& broker_;
  Asset& asset_;
  Findings& findings_;
};

BrokerSide::Judgement::Likeness BrokerSide::Judgement::likeness() const {
  const auto differs = [](const std::optional<std::string>& known, const std::string& asked) {
    return known && !asked.empty() && *known != asked;
  };
  if (differs(asset_.service, asked_.service_id) || differs(asset_.plan, asked_.plan_id) ||
      (asset_.parameters && *asset_.parameters != asked_.parameters()))
    return Likeness::different;
  if (differs(asset_.name_space, asked_.context("namespace")) ||
      differs(asset_.cluster, asked_.context("clusterid")))
    return Likeness::other_owner;
  const bool is_whole = asset_.service && asset_.plan && asset_.parameters && asset_.name_space;
  return is_whole ? Likeness::same : Likeness::unclear;
}

void BrokerSide::Judgement::accept(State state) {
  asset_.state = state;
  asset_.service = asked_.service_id;
  asset_.plan = asked_.plan_id;
  asset_.parameters = asked_.parameters();
  asset_.name_space = asked_.context("namespace");
  asset_.cluster = asked_.context("clusterid");
  asset_.plans.insert(asked_.plan_id);
  asset_.ends.clear();
  asset_.operation.clear();
}

void BrokerSide::Judgement::begin(State state) {
  const std::string request = request_text();
  const std::string operation = told_.text("operation");
  if (asset_.state == state && state != State::updating && asset_.request == request &&
      asset_.operation != operation)
    wrong(30, "the repeated request has the operation \"" + operation + "\", the first one \"" +
                  asset_.operation + "\"");
  asset_.state = state;
  asset_.request = request;
  asset_.operation = operation;
  asset_.ends.erase(operation);
}

// With an instance its bindings go.
void BrokerSide::Judgement::end() {
  asset_ = {.state = State::absent,
            .operation = std::move(asset_.operation),
            .ends = std::move(asset_.ends),
            .open = std::move(asset_.open),
            .last_change = asset_.last_change};
  if (!asked_.is_of_binding()) broker_.bindings.erase(asked_.instance);
}

void BrokerSide::Judgement::provision() {
  const bool is_known = asset_.state == State::creating || asset_.state == State::ready ||
                        asset_.state == State::updating || asset_.state == State::failed;
  const Likeness like = is_known ? likeness() : Likeness::unclear;
  const bool is_adoption = core::find_object(asked_.members(), {"context", "adopted_from"}) != nullptr;
  if (told_.is_success() && like == Likeness::different && asset_.state != State::failed)
    wrong(41, "an instance with this id exists, with another service, plan or other parameters");
  if (told_.is_success() && like == Likeness::other_owner && !is_adoption)
    wrong(41, "the instance is of another namespace or cluster");
  if (asset_.state == State::ready && like == Likeness::same && told_.status != 200) {
    if (told_.is_success() || told_.status == 409) wrong(41, "an identical instance exists: that is 200");
  }
  if (!told_.is_success()) {
    // What it had is unchanged; but it may have begun something new.
    const bool may_have_begun = told_.status >= 500 || told_.text("error") == "ConcurrencyError";
    if (may_have_begun && !is_known) asset_.state = State::unknown;
    return;
  }
  if (like == Likeness::other_owner || like == Likeness::different) {
    asset_ = {.open = std::move(asset_.open), .last_change = asset_.last_change};
    asset_.plans.insert(asked_.plan_id);
    return;
  }
  if (told_.status == 202) {
    const bool repeats = asset_.state == State::creating && like == Likeness::same;
    if (!repeats) accept(State::unknown);
    return begin(State::creating);
  }
  const bool was_updated = asset_.state == State::updating || (is_known && like == Likeness::unclear);
  if (was_updated) return;
  accept(State::ready);
}

void BrokerSide::Judgement::update() {
  if (asset_.state == State::absent && told_.is_success()) return wrong(50, "the instance does not exist");
  if (told_.is_success() && asset_.service && !asked_.service_id.empty() &&
      *asset_.service != asked_.service_id)
    wrong(48, "the instance is of another service");
  const std::string name_space = asked_.context("namespace");
  if (told_.is_success() && asset_.name_space && !name_space.empty() && *asset_.name_space != name_space)
    wrong(14, "the instance is of another namespace");
  if (!told_.is_success()) return;
  if (!asked_.plan_id.empty()) asset_.plans.insert(asked_.plan_id);
  if (asked_.members().contains("parameters")) asset_.parameters.reset();  // merged, as the broker sees fit
  if (told_.status == 202) {
    if (asset_.plan) asset_.plan_before = std::exchange(asset_.plan, std::nullopt);
    asset_.plan_after = asked_.plan_id.empty() ? asset_.plan_before : std::optional(asked_.plan_id);
    return begin(State::updating);
  }
  if (asset_.state == State::updating) {  // perhaps another update has ended meanwhile
    asset_.plan.reset();
    asset_.parameters.reset();
  }
  if (!asked_.plan_id.empty()) asset_.plan = asked_.plan_id;
  asset_.state = State::ready;
}

void BrokerSide::Judgement::remove() {
  const bool is_gone = told_.status == 200 || told_.status == 410;
  if (asset_.state == State::ready && told_.status == 410 && !asset_.may_expire)
    wrong(68, "it was there and nobody has deleted it");
  // IAM may show the user of a removed binding for a while, so that it is removed again.
  const bool may_be_seen_again = asked_.is_of_binding() && told_.status == 200;
  if (told_.is_success() && asset_.state == State::absent && !may_be_seen_again)
    wrong(68, "it does not exist: that is 410");
  if (told_.is_success() && asset_.service && *asset_.service != asked_.service_id)
    wrong(67, "it is of another service");
  // A binding is also told by the plans that its instance has got since.
  const Asset* instance = asked_.is_of_binding() ? instance_of_binding() : nullptr;
  const bool is_known_plan = asset_.plans.empty() || asset_.plans.contains(asked_.plan_id) ||
                             (instance != nullptr && instance->plans.contains(asked_.plan_id));
  if (told_.is_success() && asset_.service && !is_known_plan) wrong(67, "it has never had this plan");
  if (is_gone) {
    return end();
  }
  if (told_.status == 202) return begin(State::deleting);
  if (told_.status >= 500) asset_.state = State::unknown;
}

void BrokerSide::Judgement::poll() {
  const bool is_of_now = asked_.operation == asset_.operation;
  if (told_.status == 404 &&
      (asset_.state == State::creating || asset_.state == State::ready || asset_.state == State::updating))
    return wrong(33, "it exists");
  if (told_.status == 410) {
    const bool changes = asset_.state == State::creating || asset_.state == State::updating;
    if (changes && is_of_now) return wrong(33, "nothing is being deleted");
    if (asset_.state == State::deleting && is_of_now) end();
    return;
  }
  if (told_.status != 200) return;
  const std::string state = told_.text("state");
  const auto ended = asset_.ends.find(asked_.operation);
  if (is_of_now && ended != asset_.ends.end() && ended->second != state)
    wrong(38, "the operation has been \"" + ended->second + "\" and is \"" + state + "\" now");
  if (state != "succeeded" && state != "failed") return;
  asset_.ends[asked_.operation] = state;
  if (!is_of_now) return;
  const bool succeeded = state == "succeeded";
  switch (asset_.state) {
    case State::creating:
      asset_.state = succeeded ? State::ready : State::failed;
      break;
    case State::updating:
      asset_.plan = succeeded ? asset_.plan_after : asset_.plan_before;
      asset_.state = State::ready;
      break;
    case State::deleting:
      if (succeeded) {
        end();
      } else {
        asset_.state = State::unknown;
      }
      break;
    default:
      break;
  }
}

void BrokerSide::Judgement::fetch_instance() {
  if (asset_.state == State::ready && told_.status == 404) {
    const auto retrievable = broker_.catalogs.instances_retrievable(asset_.service.value_or(""));
    if (retrievable.value_or(false)) wrong(46, "the instance is there, and its service is retrievable");
  }
  if (told_.status != 200) return;
  if (asset_.state == State::absent) return wrong(47, "the instance does not exist");
  if (asset_.state != State::ready) return;
  const std::string service = told_.text("service_id"), plan = told_.text("plan_id");
  if (asset_.service && !service.empty() && service != *asset_.service)
    wrong(47, "its service is " + *asset_.service);
  if (asset_.plan && !plan.empty() && plan != *asset_.plan) wrong(14, "its plan is " + *asset_.plan);
  if (!asset_.parameters) return;
  const auto known = core::parse_json(*asset_.parameters);
  const json::object* shown = core::find_object(told_.members(), {"parameters"});
  if (!known || !known->is_object() || shown == nullptr) return;
  for (const json::key_value_pair& each : *shown) {
    const json::value* wanted = known->get_object().if_contains(each.key());
    if (wanted != nullptr && *wanted != each.value())
      wrong(14, "the parameter " + std::string(each.key()) + " is not what was accepted");
  }
}

void BrokerSide::Judgement::bind() {
  const Asset* instance = instance_of_binding();
  if (told_.is_success() && instance != nullptr) {
    if (instance->state == State::absent) wrong(54, "the instance does not exist");
    const std::string name_space = asked_.context("namespace");
    if (instance->name_space && !name_space.empty() && *instance->name_space != name_space)
      wrong(54, "the instance is of another namespace");
    if (instance->service && !asked_.service_id.empty() && *instance->service != asked_.service_id)
      wrong(54, "the instance is of another service");
  }
  for (const auto& [id, bindings] : broker_.bindings) {
    const auto other = bindings.find(asked_.binding);
    if (id != asked_.instance && told_.is_success() && other != bindings.end() &&
        other->second.state == State::ready)
      wrong(55, "the binding is of the instance " + id);
  }
  const bool is_known = asset_.state == State::creating || asset_.state == State::ready;
  const Likeness like = is_known && !asset_.may_expire ? likeness() : Likeness::unclear;
  if (told_.is_success() && (like == Likeness::different || like == Likeness::other_owner))
    wrong(55, "a binding with this id exists, with other attributes");
  if (asset_.state == State::ready && like == Likeness::same &&
      (told_.status == 201 || told_.status == 202 || told_.status == 409))
    wrong(55, "an identical binding exists: that is 200");
  const bool expires = !core::find_string(told_.members(), {"metadata", "expires_at"}).empty();
  if (!told_.is_success()) {
    if (told_.status >= 500 && !is_known) asset_.state = State::unknown;
    return;
  }
  if (told_.status == 202) {
    if (asset_.state != State::creating) accept(State::unknown);
    return begin(State::creating);
  }
  accept(State::ready);
  // A rotation need not repeat what its predecessor has.
  if (asked_.service_id.empty()) asset_.service.reset();
  if (asked_.plan_id.empty()) asset_.plan.reset();
  if (!asked_.text("predecessor_binding_id").empty()) asset_.parameters.reset();
  asset_.may_expire = expires;
}

void BrokerSide::Judgement::fetch_binding() {
  if (told_.status == 200 && asset_.state == State::absent) return wrong(66, "the binding does not exist");
  if (told_.status != 404 || asset_.state != State::ready || asset_.may_expire) return;
  const auto retrievable = broker_.catalogs.bindings_retrievable(asked_.service_id);
  if (retrievable.value_or(false)) wrong(66, "the binding is there, and its service is retrievable");
}

BrokerSide::Asset& BrokerSide::asset_of(const Call& call) {
  Broker& broker = brokers_[call.server];
  if (call.asked.is_of_binding()) return broker.bindings[call.asked.instance][call.asked.binding];
  return broker.instances[call.asked.instance];
}

void BrokerSide::sent(const Call& call) {
  if (call.asked.verb == Verb::catalog || !call.asked.changes()) return;
  asset_of(call).open[call.number] = call.sent;
}

bool BrokerSide::is_alone(milliseconds time, const Call& call, Asset& asset) const {
  const bool is_alone = asset.last_change <= call.begun;
  bool is_known = true;
  for (auto each = asset.open.begin(); each != asset.open.end();) {
    const bool is_other = each->first != call.number;
    if (is_other) is_known = false;
    each = is_other && time - each->second > settling_ ? asset.open.erase(each) : std::next(each);
  }
  if (!is_known) asset = {.open = std::move(asset.open), .last_change = asset.last_change};
  return is_alone && is_known;
}

void BrokerSide::handled(milliseconds time, std::uint64_t event, const Call& call, const Told& told,
                         Findings& findings) {
  Broker& broker = brokers_[call.server];
  const Asked& asked = call.asked;
  if (asked.verb == Verb::unknown) return;
  if (asked.verb == Verb::catalog) {
    if (told.status != 200 || !told.body) return;
    const auto wrong = [&](int duty, const std::string& what) {
      findings.add(time, call, Party::broker, duty, what);
    };
    check_catalog(*told.body, wrong);
    broker.ids.check(*told.body, wrong);
    broker.catalogs.add(*told.body);
    return;
  }
  Asset& asset = asset_of(call);
  bool is_alone = this->is_alone(time, call, asset);
  if (asked.is_of_binding()) {
    // The end of its instance ends a binding.
    const auto instance = broker.instances.find(asked.instance);
    if (instance != broker.instances.end())
      is_alone = this->is_alone(time, call, instance->second) && is_alone;
  }
  if (asked.changes()) {
    asset.open.erase(call.number);
    asset.last_change = event;
  }
  if (!is_alone) {
    if (asked.changes()) asset = {.open = std::move(asset.open), .last_change = asset.last_change};
    return;
  }
  Judgement judgement(time, call, told, broker, asset, findings);
  switch (asked.verb) {
    case Verb::provision:
      return judgement.provision();
    case Verb::update:
      return judgement.update();
    case Verb::deprovision:
    case Verb::unbind:
      return judgement.remove();
    case Verb::instance_operation:
    case Verb::binding_operation:
      return judgement.poll();
    case Verb::fetch_instance:
      return judgement.fetch_instance();
    case Verb::bind:
      return judgement.bind();
    case Verb::fetch_binding:
      return judgement.fetch_binding();
    default:
      return;
  }
}

}  // namespace simulation::osb_check
