// Backups of a cluster and of a broker's records, and what restoring an older one excuses.
#include "simulation/performance/performance.hpp"

namespace simulation {

// Of what was asked for since the backup nobody may know any more.
void Performance::note_set_back() {
  excuses_.set_back.insert(known_ids_.begin(), known_ids_.end());
}

void Performance::save_cluster(const Act& act) {
  const std::string& api = site_of(act).name;
  saved_disks_[api] = simulator_.disk.image(simulator_.folder_of(api));
}

// As of etcd: all objects are as they were, their resource versions, too.
void Performance::restore_cluster(const Act& act) {
  Site& site = site_of(act);
  const auto saved = saved_disks_.find(site.name);
  if (saved == saved_disks_.end()) return;
  Process& api = simulator_.process(site.name);
  simulator_.kill(api);
  simulator_.disk.restore(simulator_.folder_of(site.name), saved->second);
  note("the cluster of " + site.name + " is set back");
  conversation_.platform_restored(site.name);
  note_set_back();
  site.users->forget(known_ids_);
  restart_later(api);
  // Who restores etcd restarts what has seen later states (kubernetes.io, "Operating etcd clusters").
  for (Process* process : mortals_) {
    if (process->name().starts_with("manager-") && process->is_running()) process->doom();
  }
}

void Performance::save_records(const Act& act) {
  if (story_.dynamodb) {
    saved_tables_ = account_.tables().snapshot();
    return;
  }
  const std::string broker = broker_of(act.who % static_cast<std::uint32_t>(story_.brokers));
  saved_disks_[broker] = simulator_.disk.image(simulator_.folder_of(broker));
}

void Performance::restore_records(const Act& act) {
  const std::string broker = broker_of(act.who % static_cast<std::uint32_t>(story_.brokers));
  if (story_.dynamodb) {
    if (!saved_tables_) return;
    account_.tables().restore(*saved_tables_);
    for (int i = 0; i < story_.brokers; ++i)
      conversation_.broker_restored(broker_of(static_cast<std::size_t>(i)));
  } else {
    const auto saved = saved_disks_.find(broker);
    if (saved == saved_disks_.end()) return;
    Process& process = simulator_.process(broker);
    simulator_.kill(process);
    simulator_.disk.restore(simulator_.folder_of(broker), saved->second);
    restart_later(process);
    conversation_.broker_restored(broker);
  }
  note("the records of " + (story_.dynamodb ? "all brokers" : broker) + " are set back");
  note_set_back();
}

}  // namespace simulation
