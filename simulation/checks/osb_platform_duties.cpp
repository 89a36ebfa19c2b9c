#include "simulation/checks/osb_platform_duties.hpp"

namespace simulation::osb_check {

namespace {

std::string_view name_of(Verb verb) {
  switch (verb) {
    case Verb::provision:
      return "the creation";
    case Verb::update:
      return "an update";
    case Verb::bind:
      return "the bind";
    default:
      return "the deletion";
  }
}

}  // namespace

bool PlatformSide::Duties::is_over_limit() const {
  const auto of_plan = talk_.catalogs.polling_limit(asset_.operation_plan);
  const milliseconds limit = std::min(side_.limits_.polling_limit, of_plan.value_or(milliseconds::max()));
  // Status keeps whole seconds.
  return call_.sent - asset_.operation_since + std::chrono::seconds(2) >= limit;
}

bool PlatformSide::Duties::is_left() const {
  const auto instance = side_.intents_.instance(call_.platform, asked_.instance);
  if (instance && instance->is_left) return true;
  const auto binding = side_.intents_.binding(call_.platform, asked_.binding);
  return asked_.is_of_binding() && binding && binding->is_left;
}

const PlatformSide::Asset* PlatformSide::Duties::instance() const {
  const auto found = talk_.instances.find(asked_.instance);
  return found != talk_.instances.end() ? &found->second : nullptr;
}

void PlatformSide::Duties::check() {
  switch (asked_.verb) {
    case Verb::provision:
      return provision();
    case Verb::update:
      return update();
    case Verb::deprovision:
    case Verb::unbind:
      return remove();
    case Verb::instance_operation:
    case Verb::binding_operation:
      return poll();
    case Verb::bind:
      return bind();
    case Verb::fetch_instance:
      if (talk_.catalogs.instances_retrievable(asked_.service_id) == false)
        wrong(46, "instances of this service cannot be fetched");
      return;
    case Verb::fetch_binding:
      if (talk_.catalogs.bindings_retrievable(asked_.service_id) == false)
        wrong(66, "bindings of this service cannot be fetched");
      return;
    default:
      return;
  }
}

void PlatformSide::Duties::provision() {
  if (!talk_.catalogs.is_empty() && !talk_.catalogs.has_plan(asked_.service_id, asked_.plan_id))
    wrong(40, "service and plan are in no catalog of this broker");
  if (!asked_.accepts_incomplete) wrong(27, "it does not say that it accepts incomplete answers");
  const bool is_another = !asset_.service.empty() && asset_.service != asked_.service_id;
  if (is_another && asset_.presence == Presence::there && !asset_.is_restored)
    wrong(43, "the id is that of an instance of the service " + asset_.service);
  if (is_under_way())
    wrong(28, fmt::format("{} of this instance is under way", name_of(asset_.operation_verb)));
  if (asset_.must_mitigate && knows(asset_.mitigation_witness) && !is_left())
    wrong(72, "the creation is repeated before the deletion that " + asset_.mitigation + " calls for");
  const auto version = core::find_string(asked_.members(), {"maintenance_info", "version"});
  if (!version.empty() && !talk_.catalogs.is_empty() && !talk_.catalogs.has_version(std::string(version)))
    wrong(42, "no catalog of this broker has this version");
}

void PlatformSide::Duties::update() {
  const std::string previous(core::find_string(asked_.members(), {"previous_values", "plan_id"}));
  if (!previous.empty()) {
    const bool is_known =
        asset_.plan == previous || asset_.other_plans.contains(previous) ||
        (!asset_.plan || asset_.is_restored ? asset_.asked_plans.contains(previous) : false);
    if (!is_known && (asset_.plan || !asset_.asked_plans.empty()) && !asset_.was_found)
      wrong(48, "previous_values names the plan " + previous + ", the instance has " +
                    asset_.plan.value_or("another one"));
  }
  const std::string before(core::find_string(asked_.members(), {"previous_values", "service_id"}));
  if (!before.empty() && before != asked_.service_id) wrong(48, "previous_values names another service");
  if (is_of_another_service()) wrong(48, "the instance is of the service " + asset_.service);
  if (!asked_.plan_id.empty() && !talk_.catalogs.is_empty()) {
    if (!talk_.catalogs.has_plan(asked_.service_id, asked_.plan_id))
      wrong(48, "the plan is in no catalog of this broker");
    const bool leaves = asset_.plan && *asset_.plan != asked_.plan_id && asset_.other_plans.empty();
    if (leaves && talk_.catalogs.plan_updateable(*asset_.plan) == false)
      wrong(49, "the plan that the instance has cannot be left");
  }
  const json::object& body = asked_.members();
  const bool is_context_only = body.contains("context") && !body.contains("plan_id") &&
                               !body.contains("parameters") && !body.contains("maintenance_info");
  if (is_context_only && talk_.catalogs.context_updates(asked_.service_id) == false)
    wrong(49, "the service does not take updates of nothing but the context");
  const auto version = core::find_string(body, {"maintenance_info", "version"});
  if (!version.empty() && !talk_.catalogs.is_empty() && !talk_.catalogs.has_version(std::string(version)))
    wrong(42, "no catalog of this broker has this version");
  if (!asked_.accepts_incomplete) wrong(27, "it does not say that it accepts incomplete answers");
  if (is_under_way())
    wrong(28, fmt::format("{} of this instance is under way", name_of(asset_.operation_verb)));
  if (is_gone()) wrong(71, "the instance is gone");
}

void PlatformSide::Duties::remove() {
  const bool is_instance = asked_.verb == Verb::deprovision;
  if (is_of_another_service()) wrong(67, "it is of the service " + asset_.service);
  const bool is_sure = is_instance && asset_.plan && asset_.other_plans.empty() && !asset_.is_restored &&
                       knows(asset_.presence_witness);
  if (is_sure && *asset_.plan != asked_.plan_id) wrong(67, "the instance has the plan " + *asset_.plan);
  if (is_instance && !asset_.asked_plans.empty() && !asset_.asked_plans.contains(asked_.plan_id) &&
      !asset_.was_found && asset_.plan != asked_.plan_id)
    wrong(67, "the instance was never asked for with this plan");
  if (is_gone()) wrong(35, "it was seen to be gone");
  const bool is_creation = asset_.operation_verb == Verb::provision || asset_.operation_verb == Verb::bind;
  if (is_under_way() && !is_creation)
    wrong(28, fmt::format("{} of it is under way", name_of(asset_.operation_verb)));
  if (!asked_.accepts_incomplete) wrong(27, "it does not say that it accepts incomplete answers");
  check_reason();
  if (is_instance) return check_bindings_gone();
  const Asset* owner = instance();
  if (owner != nullptr && owner->presence == Presence::gone && !owner->is_restored)
    wrong(69, "its instance is gone");
}

void PlatformSide::Duties::check_reason() {
  const auto object = asked_.is_of_binding() ? side_.intents_.binding(call_.platform, asked_.binding)
                                             : side_.intents_.instance(call_.platform, asked_.instance);
  if (!object || object->is_deleted || object->is_restored || object->cannot_keep) return;
  const bool may_have_made_it = asset_.creations > 1 && !asset_.was_found;
  if (asset_.may_mitigate || may_have_made_it || asset_.is_restored || asset_.presence == Presence::gone ||
      is_left())
    return;
  if (asked_.is_of_binding() && object->current != asked_.binding) return;  // it was rotated
  const bool was_too_long = asset_.operation_verb != Verb::unknown && is_over_limit();
  if (was_too_long) return;
  wrong(74, "nobody has deleted it, and no answer calls for its deletion");
}

void PlatformSide::Duties::check_bindings_gone() {
  const auto bindings = talk_.bindings.find(asked_.instance);
  if (bindings == talk_.bindings.end() || asset_.is_restored || is_left()) return;
  for (const auto& [id, binding] : bindings->second) {
    const auto object = side_.intents_.binding(call_.platform, id);
    if (binding.presence != Presence::there || binding.is_restored || (object && object->is_left)) continue;
    wrong(69, "the binding " + id + " is still there");
  }
}

void PlatformSide::Duties::poll() {
  if (asset_.is_restored) return;
  if (asset_.operation_verb == Verb::unknown) {
    if (asset_.has_ended && knows(asset_.end_witness)) wrong(36, "the operation has ended");
    if (asset_.operations.empty()) wrong(36, "no operation was begun");
    return;
  }
  const bool is_current = asked_.operation == asset_.operation;
  if (!is_current && (knows(asset_.operation_witness) || !asset_.operations.contains(asked_.operation)))
    wrong(29, "the operation is \"" + asset_.operation + "\"");
  const bool is_instance = !asked_.is_of_binding();
  if (is_instance && asset_.plan && knows(asset_.operation_witness) && *asset_.plan != asked_.plan_id &&
      asset_.operation_verb == Verb::update)
    wrong(32, "the plan before the update is " + *asset_.plan);
  if (is_instance && is_of_another_service()) wrong(32, "the instance is of the service " + asset_.service);
  if (!is_same_process(asset_.poll_witness)) return;
  constexpr milliseconds slack(5);
  const bool is_hasty =
      asset_.last_poll.count() >= 0 && call_.sent - asset_.last_poll < side_.limits_.poll_floor;
  if (is_hasty && knows(asset_.poll_witness)) wrong(36, "the last question was hardly answered");
  if (call_.sent + slack < asset_.poll_due && knows(asset_.poll_witness))
    wrong(36, fmt::format("the broker said that it should be asked {} ms later",
                          (asset_.poll_due - call_.sent).count()));
}

void PlatformSide::Duties::bind() {
  const Asset* owner = instance();
  const std::string predecessor = asked_.text("predecessor_binding_id");
  if (talk_.catalogs.bindable(asked_.plan_id) == false) wrong(53, "the plan cannot be bound");
  if (!asked_.service_id.empty() && !talk_.catalogs.is_empty() &&
      !talk_.catalogs.has_service(asked_.service_id))
    wrong(54, "the service is in no catalog of this broker");
  const auto retrievable = talk_.catalogs.bindings_retrievable(asked_.service_id);
  if (retrievable && *retrievable != asked_.accepts_incomplete)
    wrong(66, *retrievable ? "it does not say that it accepts incomplete answers"
                           : "the credentials of an asynchronous bind could not be fetched");
  if (!predecessor.empty()) check_rotation(predecessor);
  if (owner != nullptr) {
    const Witness of_owner{.process = witness_.process,
                           .life = witness_.life,
                           .objects = side_.intents_.holders(call_.platform, asked_.instance),
                           .failures = side_.intents_.failures(call_.platform, asked_.instance)};
    if (owner->is_unusable && owner->unusable_witness == of_owner)
      wrong(52, "the broker says that the instance cannot be used");
    if (owner->presence == Presence::gone && !owner->is_restored) wrong(54, "the instance is gone");
    if (!owner->service.empty() && !asked_.service_id.empty() && owner->service != asked_.service_id)
      wrong(54, "the instance is of the service " + owner->service);
    const bool is_owners = !owner->name_space || owner->name_space == asked_.context("namespace");
    const bool is_clusters = !owner->cluster || owner->cluster == asked_.context("clusterid");
    if (!is_owners || !is_clusters) wrong(78, "the context is not that of the instance");
    const bool is_known_plan = owner->plan == asked_.plan_id || owner->other_plans.contains(asked_.plan_id);
    if (owner->plan && !asked_.plan_id.empty() && !is_known_plan && !owner->is_restored &&
        owner->presence_witness == of_owner)
      wrong(54, "the instance has the plan " + *owner->plan);
  }
  const auto elsewhere = talk_.instance_of_binding.find(asked_.binding);
  if (elsewhere != talk_.instance_of_binding.end() && elsewhere->second != asked_.instance &&
      talk_.bindings[elsewhere->second][asked_.binding].presence == Presence::there)
    wrong(43, "the id is that of a binding of the instance " + elsewhere->second);
  if (is_under_way())
    wrong(28, fmt::format("{} of this binding is under way", name_of(asset_.operation_verb)));
  if (asset_.must_mitigate && knows(asset_.mitigation_witness) && !is_left())
    wrong(73, "the bind is repeated before the deletion that " + asset_.mitigation + " calls for");
}

void PlatformSide::Duties::check_rotation(const std::string& predecessor) {
  if (talk_.catalogs.rotatable(asked_.plan_id) == false) wrong(63, "bindings of the plan cannot be rotated");
  if (predecessor == asked_.binding) return wrong(64, "the binding is its own predecessor");
  const auto& bindings = talk_.bindings[asked_.instance];
  const auto found = bindings.find(predecessor);
  if (found == bindings.end()) {
    if (!asset_.is_restored && instance() != nullptr && !instance()->is_restored)
      wrong(64, "the predecessor is no binding of this instance");
  } else if (found->second.presence == Presence::gone) {
    wrong(64, "the predecessor is gone");
  }
}

void PlatformSide::Duties::note() {
  if (asked_.changes()) asset_.last_change = call_.number;
  if (asked_.verb == Verb::provision || asked_.verb == Verb::bind) ++asset_.creations;
  switch (asked_.verb) {
    case Verb::provision:
      if (asset_.presence == Presence::gone) {
        asset_.plan.reset();
        asset_.asked_plans.clear();
        asset_.presence = Presence::unknown;
      }
      asset_.asked_plans.insert(asked_.plan_id);
      asset_.other_plans.insert(asked_.plan_id);
      return;
    case Verb::update:
      if (asked_.plan_id.empty()) return;
      asset_.asked_plans.insert(asked_.plan_id);
      asset_.other_plans.insert(asked_.plan_id);
      return;
    case Verb::bind:
      if (asset_.presence == Presence::gone) asset_.presence = Presence::unknown;
      talk_.instance_of_binding[asked_.binding] = asked_.instance;
      return;
    case Verb::instance_operation:
    case Verb::binding_operation:
      asset_.last_poll = call_.sent;
      asset_.poll_witness = witness_;
      return;
    default:
      return;
  }
}

}  // namespace simulation::osb_check
