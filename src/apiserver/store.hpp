// Objects by key, with versions, consistent lists and changes to wait for: the revision log behind one
// thread, and the hub that tells watchers.
//
// Executor: the loop's thread. Writes that come while one is being made durable are committed together by the
// next transaction. run() does that; once it has ended writes answer `unavailable`.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apiserver/revision_log.hpp"
#include "apiserver/watch_hub.hpp"
#include "async/blocking_pool.hpp"
#include "async/clock.hpp"
#include "async/event.hpp"
#include "core/metrics.hpp"

namespace apiserver {

// "/<group or core>/<plural>/[<namespace>/]<name>"
struct Write {
  std::string key;
  ChangeType type = ChangeType::added;
  std::shared_ptr<json::object> object;  // the new state, given away; of a deletion: the last one
  Object previous;                       // the state it was made from; null: the key must not exist
};

struct ListRequest {
  std::string prefix;
  std::string after;                                 // continue behind this key
  std::int64_t revision = 0;                         // 0: as it is now
  std::size_t limit = 0;                             // 0: all
  std::function<bool(const json::object&)> matches;  // runs on the store's thread; empty: all
};
struct ListPage {
  std::vector<Object> items;
  std::int64_t revision = 0;  // that all pages are at
  std::string next;           // the last key, where there is more
  std::size_t remaining = 0;  // how many follow, before `matches`
};

class Store {
 public:
  Store(boost::asio::any_io_executor executor, async::Clock& clock, core::Metrics& metrics, RevisionLog log);
  ~Store();

  [[nodiscard]] async::Task<> run();

  // The object as it is stored, with its new resourceVersion. Errors: conflict (it is not at `previous`),
  // unavailable.
  [[nodiscard]] async::Task<core::Result<Object>> write(Write write);
  // Before run() and the first reader.
  [[nodiscard]] core::Result<Object> write_now(Write write);

  [[nodiscard]] async::Task<core::Result<Object>> get(std::string key);  // null where there is none
  // Errors: gone (the revision has been compacted), invalid (the revision is in the future).
  [[nodiscard]] async::Task<core::Result<ListPage>> list(ListRequest request);

  // Changes after a revision: first those of the past, then the subscription's. Errors: gone.
  struct Changes {
    std::vector<EventPtr> past;
    std::shared_ptr<Subscription> future;
  };
  [[nodiscard]] async::Task<core::Result<Changes>> changes_after(std::string prefix, std::int64_t revision);
  [[nodiscard]] std::shared_ptr<Subscription> subscribe(std::string prefix, std::int64_t after) {
    return hub_.subscribe(std::move(prefix), after);
  }
  // Ends all watches: the server stops.
  void end_watches() { hub_.end_all(); }
  [[nodiscard]] std::int64_t published() const { return published_; }

  // Something about the log, on its thread.
  template <class Function>
  [[nodiscard]] async::Task<std::invoke_result_t<Function, RevisionLog&>> with_log(Function function) {
    auto call = [this, &function] { return function(log_); };
    co_return co_await pool_.run(std::move(call));
  }
  [[nodiscard]] RevisionLog& log_now() { return log_; }  // before run() only

 private:
  struct Pending;
  void finish(const std::vector<std::shared_ptr<Pending>>& batch,
              const core::Result<std::vector<core::Result<std::int64_t>>>& revisions);
  void finish_one(Pending& pending, const core::Result<std::int64_t>& revision);

  boost::asio::any_io_executor executor_;
  async::Clock& clock_;
  core::Metrics& metrics_;
  RevisionLog log_;
  WatchHub hub_;
  std::deque<std::shared_ptr<Pending>> pending_;
  async::Event writes_waiting_;
  bool stopped_ = false;
  std::int64_t published_ = 0;
  async::BlockingPool pool_{1};  // last: its thread ends before what it works on
};

// A stored text as an object with its version.
[[nodiscard]] core::Result<Object> object_of(const Record& record);
[[nodiscard]] std::int64_t revision_of(const json::object& object);

}  // namespace apiserver
