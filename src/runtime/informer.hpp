// Keeps a Store equal to what the API server has of one kind: list, then watch from the list's version; watch
// again where a watch ends; list again where the version is too old (410 Gone); wait with jittered backoff
// where the server cannot be reached. The store keeps its content meanwhile, and a list after a gap calls
// handlers for the differences only.
//
// Owner: whoever spawns run() into its TaskGroup. Cancellation: of run(). Executor: the loop's.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "async/backoff.hpp"
#include "async/clock.hpp"
#include "async/event.hpp"
#include "kube/client.hpp"
#include "runtime/store.hpp"

namespace runtime {

namespace asio = boost::asio;

struct InformerOptions {
  std::string namespace_ = {};  // "" for all
  std::string label_selector = {};
  std::string field_selector = {};
  // Changes each object before it is kept (to leave out what nobody reads). The default drops
  // metadata.managedFields.
  std::function<void(json::object&)> transform = drop_managed_fields;
  std::chrono::milliseconds resync{0};  // how often every item is announced again; 0: never
  async::BackoffPolicy backoff{
      .initial = std::chrono::milliseconds(800), .maximum = std::chrono::seconds(30), .jitter = 0.5};

  static void drop_managed_fields(json::object& object);
};

class Informer {
 public:
  Informer(asio::any_io_executor executor, kube::Client& client, async::Clock& clock, kube::Resource resource,
           InformerOptions options = {});

  [[nodiscard]] Store& store() { return store_; }
  [[nodiscard]] const Store& store() const { return store_; }
  [[nodiscard]] const kube::Resource& resource() const { return resource_; }

  // What the API server answered to an own write comes into the store at once (Store::apply_written), in the
  // form in which the informer keeps it: that is returned.
  Object apply_written(json::object written);

  [[nodiscard]] bool has_synced() const { return synced_; }  // the first list is in the store
  [[nodiscard]] async::Task<> wait_until_synced();           // any number of tasks may wait
  [[nodiscard]] async::Task<> run();

 private:
  [[nodiscard]] async::Task<> follow();
  [[nodiscard]] async::Task<core::Result<>> list_once();
  [[nodiscard]] async::Task<core::Result<>> watch_once();
  [[nodiscard]] async::Task<core::Result<>> read_watch(kube::WatchOptions options);
  [[nodiscard]] async::Task<> resync();

  asio::any_io_executor executor_;
  kube::Client& client_;
  async::Clock& clock_;
  kube::Resource resource_;
  InformerOptions options_;
  Store store_;
  std::string resource_version_;  // "" where a list is needed
  bool progressed_ = false;       // the watch under way has shown something
  bool synced_ = false;
  async::Event synced_event_;
};

}  // namespace runtime
