#include "pairs.hpp"

#include <cstdio>
#include <set>

#include <boost/asio/this_coro.hpp>

#include "async/clock.hpp"
#include "async/event.hpp"
#include "async/task_group.hpp"
#include "catalog/api/conditions.hpp"
#include "catalog/api/resources.hpp"
#include "catalog/api/views.hpp"
#include "kube/kubeconfig.hpp"
#include "runtime/informer.hpp"

namespace bench {

namespace {

namespace json = boost::json;
namespace asio = boost::asio;
using catalog::resources::service_bindings;
using catalog::resources::service_instances;

constexpr int connections = 16;

std::string name_of(int number) {
  return "pair-" + std::to_string(number);
}

json::object manifest(const Pairs& pairs, const kube::Resource& resource, int number, json::object content) {
  content["apiVersion"] = resource.api_version();
  content["kind"] = resource.kind;
  content["metadata"] = json::object{{"namespace", pairs.namespace_}, {"name", name_of(number)}};
  return content;
}

json::object instance(const Pairs& pairs, int number) {
  return manifest(pairs, service_instances, number,
                  {{"spec", json::object{{"clusterServiceClassExternalName", "class-0"},
                                         {"clusterServicePlanExternalName", "plan-0"}}}});
}

json::object binding(const Pairs& pairs, int number) {
  return manifest(pairs, service_bindings, number,
                  {{"spec", json::object{{"instanceRef", json::object{{"name", name_of(number)}}}}}});
}

// One API server, many at once.
class Users {
 public:
  Users(const asio::any_io_executor& executor, const Pairs& pairs) : pairs_(pairs), executor_(executor) {
    auto config = kube::load_config({.path = pairs.kubeconfig, .context = {}, .cluster = {}, .user = {}});
    for (int number = 0; config && number < connections; ++number) {
      auto connection = kube::connect(executor, *config, "bench");
      if (connection) connections_.push_back(std::move(*connection));
    }
  }

  [[nodiscard]] bool connected() const { return connections_.size() == connections; }
  [[nodiscard]] kube::Client& client() { return *connections_.front().client; }
  [[nodiscard]] int failed() const { return failed_; }

  // act(client, number) of every pair, spread over the connections.
  template <class Act>
  async::Task<> for_each_pair(Act act) {
    async::TaskGroup tasks(executor_);
    for (int share = 0; share < connections; ++share) tasks.spawn("share", work_share(share, act));
    co_await tasks.join();
  }
  void count(bool succeeded, const std::string& what) {
    if (!succeeded && failed_++ == 0) std::fprintf(stderr, "%s\n", what.c_str());
  }
  template <class T>
  void count(const core::Result<T>& result) {
    count(result.has_value(), result ? "" : result.error().message);
  }

 private:
  template <class Act>
  async::Task<> work_share(int share, Act act) {
    for (int number = share; number < pairs_.count; number += connections)
      co_await act(*connections_[static_cast<std::size_t>(share)].client, number);
  }

  const Pairs& pairs_;
  asio::any_io_executor executor_;
  std::vector<kube::Connection> connections_;
  int failed_ = 0;
};

double seconds_since(async::Clock::TimePoint begin) {
  return std::chrono::duration<double>(async::SystemClock().now() - begin).count();
}

int print(const Users& users, const json::object& figures) {
  std::printf("%s\n", core::to_text(figures).c_str());
  return users.failed() == 0 ? 0 : 1;
}

// Follows the kind until as many objects as wanted are as they must be.
class Progress {
 public:
  Progress(const asio::any_io_executor& executor, kube::Client& client, const Pairs& pairs,
           const kube::Resource& resource, std::size_t wanted, bool ready)
      : informer_(executor, client, clock_, resource, {.namespace_ = pairs.namespace_}), reached_(executor) {
    informer_.store().on_change([this, wanted, ready](const runtime::Change& change) {
      const std::string name(kube::name_of(change.newest()));
      const bool counts =
          change.after && (!ready || catalog::condition_is_true(catalog::ObjectView(*change.after).status(),
                                                                catalog::condition_type::ready));
      if (counts) {
        found_.insert(name);
      } else {
        found_.erase(name);
      }
      if (found_.size() == wanted) reached_.notify();
    });
  }
  [[nodiscard]] async::Task<> follow() { return informer_.run(); }
  [[nodiscard]] async::Task<> wait_until_synced() { return informer_.wait_until_synced(); }
  [[nodiscard]] async::Task<> wait_until_reached() { return reached_.wait(); }

 private:
  async::SystemClock clock_;
  runtime::Informer informer_;
  async::Event reached_;
  std::set<std::string> found_;
};

async::Task<> create_pair(Users& users, kube::Client& client, const Pairs& pairs, int number) {
  json::object wanted = instance(pairs, number);
  users.count(co_await client.create(service_instances, std::move(wanted)));
  json::object bound = binding(pairs, number);
  users.count(co_await client.create(service_bindings, std::move(bound)));
}

async::Task<> delete_pair(Users& users, kube::Client& client, const Pairs& pairs, int number) {
  for (const kube::Resource* resource : {&service_bindings, &service_instances}) {
    kube::ObjectKey key{pairs.namespace_, name_of(number)};
    users.count(co_await client.remove(*resource, std::move(key)));
  }
}

}  // namespace

async::Task<int> create_pairs(Pairs pairs) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  Users users(executor, pairs);
  if (!users.connected()) co_return 2;
  Progress ready(executor, users.client(), pairs, service_bindings, static_cast<std::size_t>(pairs.count),
                 true);
  async::TaskGroup watching(executor);
  watching.spawn("watch", ready.follow());
  co_await ready.wait_until_synced();
  const auto begin = async::SystemClock().now();
  co_await users.for_each_pair(
      [&](kube::Client& client, int number) { return create_pair(users, client, pairs, number); });
  const double created = seconds_since(begin);
  if (users.failed() == 0) co_await ready.wait_until_reached();
  const double all_ready = seconds_since(begin);
  watching.cancel();
  co_await watching.join();
  co_return print(users, {{"created_seconds", created}, {"ready_seconds", all_ready}});
}

async::Task<int> delete_pairs(Pairs pairs) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  Users users(executor, pairs);
  if (!users.connected()) co_return 2;
  Progress gone(executor, users.client(), pairs, service_instances, 0, false);
  async::TaskGroup watching(executor);
  watching.spawn("watch", gone.follow());
  co_await gone.wait_until_synced();
  const auto begin = async::SystemClock().now();
  co_await users.for_each_pair(
      [&](kube::Client& client, int number) { return delete_pair(users, client, pairs, number); });
  if (users.failed() == 0) co_await gone.wait_until_reached();
  const double deleted = seconds_since(begin);
  watching.cancel();
  co_await watching.join();
  co_return print(users, {{"deleted_seconds", deleted}});
}

namespace {

json::object event(const Pairs& pairs, int number, int which) {
  json::object object = manifest(
      pairs, kube::resources::events, number,
      {{"reason", "Bench"},
       {"message", "As long as such a message commonly is"},
       {"type", "Normal"},
       {"involvedObject", json::object{{"namespace", pairs.namespace_}, {"name", name_of(number)}}}});
  object["metadata"].as_object()["name"] = name_of(number) + "." + std::to_string(which);
  return object;
}

async::Task<> patch(Users& users, kube::Client& client, const Pairs& pairs, int number,
                    const kube::Resource& resource, int spec_patches, int status_patches) {
  for (int round = 0; round < spec_patches + status_patches; ++round) {
    const std::string text = "round " + std::to_string(round);
    json::object body{{"metadata", json::object{{"annotations", json::object{{"bench", text}}}}}};
    kube::PatchOptions options;
    if (round >= spec_patches) {
      options.subresource = "status";
      json::object condition{{"type", "Ready"},
                             {"status", "False"},
                             {"reason", "Bench"},
                             {"message", text},
                             {"lastTransitionTime", "2026-01-01T00:00:00Z"}};
      body = {{"status", json::object{{"conditions", json::array{std::move(condition)}}}}};
    }
    kube::ObjectKey key{pairs.namespace_, name_of(number)};
    users.count(co_await client.patch(resource, std::move(key), kube::PatchType::merge, std::move(body),
                                      std::move(options)));
  }
}

async::Task<> write_pair(Users& users, kube::Client& client, const Pairs& pairs, const WritesOfAPair& writes,
                         int number) {
  json::object wanted = instance(pairs, number);
  users.count(co_await client.create(service_instances, std::move(wanted)));
  co_await patch(users, client, pairs, number, service_instances, writes.instance_patches,
                 writes.instance_status_patches);
  json::object bound = binding(pairs, number);
  users.count(co_await client.create(service_bindings, std::move(bound)));
  json::object secret =
      manifest(pairs, kube::resources::secrets, number, {{"stringData", json::object{{"user", "u"}}}});
  users.count(co_await client.create(kube::resources::secrets, std::move(secret)));
  co_await patch(users, client, pairs, number, service_bindings, writes.binding_patches,
                 writes.binding_status_patches);
  for (int which = 0; which < writes.events; ++which) {
    json::object told = event(pairs, number, which);
    users.count(co_await client.create(kube::resources::events, std::move(told)));
  }
}

}  // namespace

async::Task<int> write_alone(Pairs pairs, WritesOfAPair writes) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  Users users(executor, pairs);
  if (!users.connected()) co_return 2;
  const auto begin = async::SystemClock().now();
  co_await users.for_each_pair(
      [&](kube::Client& client, int number) { return write_pair(users, client, pairs, writes, number); });
  co_return print(users, {{"seconds", seconds_since(begin)}});
}

}  // namespace bench
