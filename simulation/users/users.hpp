// The users of one cluster: what they do with kubectl and its like, and what they remember of it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "async/task_group.hpp"
#include "kube/client.hpp"
#include "simulation/kernel/simulator.hpp"
#include "simulation/story/story.hpp"

namespace simulation {

namespace json = boost::json;

// Names of instances that claim what is another's begin with it.
inline constexpr std::string_view claim_prefix = "claim-";

class Users final : public Program {
 public:
  // `brokers`: the hosts of the brokers whose classes they use; each gets a ClusterServiceBroker of its name.
  Users(Simulator& simulator, Process& process, const std::string& api, std::vector<std::string> brokers);

  async::Task<> run() override;

  // Namespaces and brokers; tries until it has succeeded.
  [[nodiscard]] async::Task<> set_up();
  // Does it as a task of its own.
  void perform(const Act& act);
  void spawn(async::Task<> task) { tasks_.spawn("a user's act", std::move(task)); }
  // Deletes every binding and instance.
  [[nodiscard]] async::Task<> delete_everything();

  [[nodiscard]] kube::Client& client() { return client_; }
  [[nodiscard]] async::Clock& clock() { return process_.clock(); }

  // By external id. A deletion was asked for: data may go.
  [[nodiscard]] bool asked_to_delete(const std::string& external_id) const {
    return given_up_.contains(external_id);
  }
  // The object was given up so that what it stands for stays, or an older state of the cluster does not know
  // it.
  [[nodiscard]] bool may_stay(const std::string& external_id) const {
    return left_.contains(external_id) || forgotten_.contains(external_id);
  }
  // Objects with these external ids may have vanished.
  void forget(const std::set<std::string>& external_ids) {
    forgotten_.insert(external_ids.begin(), external_ids.end());
  }

  // Of an instance that was created here; null: none had that external id.
  [[nodiscard]] const json::object* spec_of(const std::string& external_id) const;
  // Creates an instance with another's external id and spec.
  [[nodiscard]] async::Task<> claim(kube::ObjectKey key, json::object spec);
  // Creates an instance that takes over the one with the spec's external id, which belonged to `from`: a
  // namespace, or <cluster id>/<namespace>.
  [[nodiscard]] async::Task<> adopt(kube::ObjectKey to, json::object spec, std::string from);
  // Where instances can move to, beside the namespaces here: called in a task of this cluster's. Empty:
  // nowhere.
  std::function<void(const kube::ObjectKey& to, json::object spec, const std::string& from)> emigrate;

 private:
  [[nodiscard]] async::Task<> act(Act act);
  [[nodiscard]] async::Task<> create_instance(kube::ObjectKey key, std::uint32_t how);
  [[nodiscard]] async::Task<> edit_instance(kube::ObjectKey key, json::value patch, std::string what);
  [[nodiscard]] async::Task<> apply(kube::Resource resource, kube::ObjectKey key, json::object manifest);
  [[nodiscard]] async::Task<> replace(kube::Resource resource, kube::ObjectKey key, json::object manifest);
  [[nodiscard]] async::Task<> remove(kube::Resource resource, kube::ObjectKey key, std::uint32_t how);
  [[nodiscard]] async::Task<> strip_finalizers(kube::Resource resource, kube::ObjectKey key);
  [[nodiscard]] async::Task<> move(kube::ObjectKey key, std::string to_namespace, bool emigrates);
  [[nodiscard]] async::Task<> readdress(std::uint32_t how);
  [[nodiscard]] async::Task<> save();
  [[nodiscard]] async::Task<> restore(std::uint32_t how);
  void note(const std::string& what, const core::Result<json::object>& result);

  Simulator& simulator_;
  Process& process_;
  std::vector<std::string> brokers_;
  std::unique_ptr<net::Transport> transport_;
  kube::Client client_;
  async::TaskGroup tasks_;
  std::vector<std::pair<kube::Resource, json::object>> saved_;
  std::map<kube::ObjectKey, json::object> manifests_;  // of instances, as last applied
  std::map<std::string, json::object> specs_;          // by external id
  std::set<std::string> given_up_, left_, forgotten_;
  std::uint64_t counter_ = 0;
};

}  // namespace simulation
