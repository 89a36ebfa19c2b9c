// The acts of a story, but for those of users: accidents, and people who change what is not theirs.
#include "simulation/performance/performance.hpp"

namespace simulation {

using std::chrono::seconds;

void Performance::restart_later(Process& process) {
  conversation_.ended(process.name());
  const milliseconds pause(is_noisy_ ? noise_.between(50, noise_.chance(0.2) ? 60'000 : 3'000) : 100);
  simulator_.timeline.after(pause, [&process] {
    if (!process.is_running()) process.start();
  });
}

void Performance::lose_power(Process& process) {
  simulator_.kill(process);
  simulator_.disk.lose_power(simulator_.folder_of(process.name()), [this] { return noise_.chance(0.5); });
  restart_later(process);
}

void Performance::fail_stacks(std::uint32_t how) {
  excuses_.stacks_failed = true;
  AwsSettings& settings = account_.settings();
  double& chance = how % 4 == 0   ? settings.creation_failure
                   : how % 4 == 1 ? settings.update_failure
                   : how % 4 == 2 ? settings.deletion_failure
                                  : settings.rollback_failure;
  chance = 0.5;
  simulator_.timeline.after(milliseconds(60'000 + how % 600'000), [&chance] { chance = 0; });
}

const Stack* Performance::some_stack(std::uint32_t which) {
  account_.settle();
  std::vector<const Stack*> living;
  for (const auto& [id, stack] : account_.all_stacks()) {
    if (!stack->is_deleted()) living.push_back(stack.get());
  }
  // By the order of their creation: their ids are random.
  std::ranges::sort(living, {}, &Stack::number);
  return living.empty() ? nullptr : living[which % living.size()];
}

void Performance::change_stack(const Act& act) {
  const Stack* stack = some_stack(act.what);
  if (stack == nullptr) return;
  if (act.kind == ActKind::delete_stack) {
    excuses_.changed_stacks.insert(stack->id);
    excuses_.stacks_failed = true;
    return note("people delete " + stack->name + ": " +
                (account_.delete_stack_outside(stack->id) ? "done" : "refused"));
  }
  if (act.how % 2 == 0)
    return note("people protect " + stack->name + ": " +
                (account_.protect_outside(stack->id, true) ? "done" : "refused"));
  Tags tags = stack->state->tags;
  tags["cost-center"] = std::to_string(act.how % 10);
  note("people tag " + stack->name + ": " + (account_.retag_outside(stack->id, tags) ? "done" : "refused"));
}

void Performance::claim_instance(const Act& act) {
  if (known_instances_.empty()) return;
  const std::string& id = known_instances_[act.what % known_instances_.size()];
  Site& site = site_of(act);
  for (const Site& each : sites_) {
    const json::object* spec = each.users->spec_of(id);
    if (spec == nullptr) continue;
    const kube::ObjectKey key{act.how % 2 == 0 ? "team-a" : "team-b",
                              std::string(claim_prefix) + std::to_string(act.how % 3)};
    return site.users->spawn(site.users->claim(key, *spec));
  }
}

void Performance::readdress_broker(const Act& act) {
  Site& site = site_of(act);
  const std::string broker = broker_of(static_cast<std::size_t>(&site - sites_.data()));
  const bool is_old = act.how % 3 == 0;
  dead_ends_.erase(is_old ? broker : broker + new_address);
  if (act.how % 2 == 0) dead_ends_.insert(is_old ? broker + new_address : broker);
  site.users->perform(act);
}

void Performance::perform(const Act& act) {
  note(std::string(name_of(act.kind)) + " " + std::to_string(act.who) + " " + std::to_string(act.what) + " " +
       std::to_string(act.how));
  coverage_.act(simulator_.timeline.now(), act.kind);
  switch (act.kind) {
    case ActKind::kill_process:
      return mortal(act.what).doom();
    case ActKind::lose_power:
      return lose_power(mortal(act.what));
    case ActKind::pause_process: {
      Process& process = mortal(act.what);
      process.pause(true);
      return simulator_.timeline.after(milliseconds(500 + act.how % 120'000),
                                       [&process] { process.pause(false); });
    }
    case ActKind::jump_clock:
      return mortal(act.what).clock().set_skew(
          milliseconds(static_cast<std::int64_t>(act.how % 7'200'000) - 3'600'000));
    case ActKind::fill_disk: {
      const std::string its_disk = simulator_.folder_of(mortal(act.what).name());
      simulator_.disk.fill(its_disk, true);
      return simulator_.timeline.after(milliseconds(1000 + act.how % 60'000),
                                       [this, its_disk] { simulator_.disk.fill(its_disk, false); });
    }
    case ActKind::cut_network: {
      const std::string name = mortal(act.what).name();
      cut_off_.insert(name);
      return simulator_.timeline.after(milliseconds(1000 + act.how % 180'000),
                                       [this, name] { cut_off_.erase(name); });
    }
    case ActKind::throttle_aws:
    case ActKind::fail_aws: {
      AwsSettings& settings = account_.settings();
      double& chance = act.kind == ActKind::throttle_aws ? settings.throttled
                       : act.how % 2 == 0                ? settings.server_error
                                                         : settings.server_error_late;
      chance = 0.3 + 0.6 * static_cast<double>(act.how % 100) / 100;
      return simulator_.timeline.after(milliseconds(5000 + act.how % 300'000), [&chance] { chance = 0; });
    }
    case ActKind::fail_stacks:
      return fail_stacks(act.how);
    case ActKind::change_stack:
    case ActKind::delete_stack:
      return change_stack(act);
    case ActKind::install_template:
      return install_template(act.how);
    case ActKind::break_template:
      return break_template(act.how);
    case ActKind::mend_templates:
      return mend_templates();
    case ActKind::save_cluster:
      return save_cluster(act);
    case ActKind::restore_cluster:
      return restore_cluster(act);
    case ActKind::save_records:
      return save_records(act);
    case ActKind::restore_records:
      return restore_records(act);
    case ActKind::claim_instance:
      return claim_instance(act);
    case ActKind::readdress_broker:
      return readdress_broker(act);
    default:
      return site_of(act).users->perform(act);
  }
}

}  // namespace simulation
