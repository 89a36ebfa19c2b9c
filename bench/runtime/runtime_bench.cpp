// What the machinery between the API server and a reconcile costs: a key through the queue, a reconcile
// through the controller, an event through decoder and store.
#include <benchmark/benchmark.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "async/clock.hpp"
#include "kube/watch_decoder.hpp"
#include "runtime/controller.hpp"

namespace {

using runtime::ObjectKey;

std::vector<ObjectKey> make_keys(std::int64_t count) {
  std::vector<ObjectKey> keys;
  for (std::int64_t i = 0; i < count; ++i)
    keys.push_back({.namespace_ = "demo", .name = "instance-" + std::to_string(i)});
  return keys;
}

async::Task<> take_all(runtime::WorkQueue& queue, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::optional<ObjectKey> key = co_await queue.get();
    queue.done(*key);
  }
}

void work_queue(benchmark::State& state) {
  const std::vector<ObjectKey> keys = make_keys(state.range(0));
  async::SystemClock clock;
  boost::asio::io_context io;
  runtime::WorkQueue queue(io.get_executor(), clock);
  for (auto _ : state) {
    for (const ObjectKey& key : keys) queue.add(key);
    boost::asio::co_spawn(io, take_all(queue, keys.size()), boost::asio::detached);
    io.restart();
    io.run();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(work_queue)->Arg(100)->Arg(10'000);

class CountDown final : public runtime::Reconciler {
 public:
  async::Task<core::Result<runtime::Next>> reconcile(ObjectKey /*key*/) override {
    if (--left == 0) io->stop();
    co_return runtime::Next::done();
  }
  std::size_t left = 0;
  boost::asio::io_context* io = nullptr;
};

void controller(benchmark::State& state) {
  const std::vector<ObjectKey> keys = make_keys(state.range(0));
  async::SystemClock clock;
  boost::asio::io_context io;
  CountDown reconciler;
  reconciler.io = &io;
  runtime::Controller controller(io.get_executor(), clock, reconciler, {.name = "bench"});
  async::TaskGroup tasks(io.get_executor());
  tasks.spawn("controller", controller.run());
  for (auto _ : state) {
    reconciler.left = keys.size();
    for (const ObjectKey& key : keys) controller.enqueue(key);
    io.restart();
    io.run();
  }
  tasks.cancel();
  io.restart();
  io.run();
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(controller)->Arg(1'000);

std::string instance_event(std::int64_t number, std::int64_t version) {
  boost::json::object instance{
      {"apiVersion", "servicecatalog.k8s.io/v1beta1"},
      {"kind", "ServiceInstance"},
      {"metadata",
       {{"namespace", "demo"},
        {"name", "instance-" + std::to_string(number)},
        {"resourceVersion", std::to_string(version)},
        {"finalizers", {"kubernetes-incubator/service-catalog"}}}},
      {"spec", {{"clusterServiceClassExternalName", "s3"}, {"clusterServicePlanExternalName", "production"}}},
      {"status",
       {{"conditions", {{{"type", "Ready"}, {"status", "True"}, {"reason", "ProvisionedSuccessfully"}}}}}}};
  return core::to_text(boost::json::object{{"type", "MODIFIED"}, {"object", std::move(instance)}}) + "\n";
}

void watch_to_store(benchmark::State& state) {
  runtime::Store store;
  store.add_index("class", [](const boost::json::object& object) {
    return std::vector{std::string(core::find_string(object, {"spec", "clusterServiceClassExternalName"}))};
  });
  std::int64_t version = 0;
  for (auto _ : state) {
    state.PauseTiming();
    std::string body;
    for (std::int64_t i = 0; i < state.range(0); ++i) body += instance_event(i, ++version);
    state.ResumeTiming();
    kube::WatchDecoder decoder;
    decoder.feed(body);
    while (std::optional<kube::WatchEvent> event = decoder.next().value())
      store.apply_event(std::move(*event));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(watch_to_store)->Arg(1'000);

}  // namespace

BENCHMARK_MAIN();
