// Objects by key, with versions, consistent lists and changes to wait for: the revision log behind one
// thread, and the hub that tells watchers.
//
// Executor: the loop's thread. Writes that come while one is being made durable are committed together by the
// next transaction. run() does that; once it has ended writes answer `unavailable`.
#pragma once

#include <deque>
#include <functional>
#include <map>
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
// An object whose stored state cannot be read: one that an older version wrote, a damaged row, or a Secret
// that was sealed by a key that is lost. Lists and watches leave it out, and say so; it can be deleted and
// replaced.
struct Unreadable {
  std::string key;
  std::int64_t revision = 0;
  std::string why;
};

struct ListPage {
  std::vector<Object> items;
  std::vector<Unreadable> unreadable;
  std::int64_t revision = 0;  // that all pages are at
  std::string next;           // the last key, where there is more
  std::size_t remaining = 0;  // how many follow, before `matches`
};

class Store {
 public:
  // `threads`: for SQLite, 1 or 0 (async/blocking_pool.hpp).
  Store(boost::asio::any_io_executor executor, async::Clock& clock, core::Metrics& metrics, RevisionLog log,
        std::size_t threads = 1);
  ~Store();

  [[nodiscard]] async::Task<> run();

  // The object as it is stored, with its new resourceVersion. Errors: conflict (it is not at `previous`),
  // unavailable.
  [[nodiscard]] async::Task<core::Result<Object>> write(Write write);
  // Before run() and the first reader.
  [[nodiscard]] core::Result<Object> write_now(Write write);

  // What is stored under a key. Where only parts cannot be read (a number outside a double's range), those
  // are null in the object and `problem` names them; where nothing can, the object has only name, namespace
  // and version.
  struct Found {
    Object object;  // null where there is none
    std::string problem;
    bool is_lost = false;  // nothing of it can be read
  };
  [[nodiscard]] async::Task<core::Result<Found>> find(std::string key);
  // The same without the problem; null where there is none. Errors: internal with the code `unreadable` where
  // nothing can be read.
  [[nodiscard]] async::Task<core::Result<Object>> get(std::string key);
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
  void note(const std::vector<Unreadable>& unreadable);
  void count_unreadable();
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
  std::map<std::string, std::int64_t> noted_;  // what has been logged as unreadable, at which revision
  async::BlockingPool pool_;                   // last: its thread ends before what it works on
};

// A stored text as an object with its version; see Store::find().
[[nodiscard]] Store::Found found_in(const Record& record);
// The error of what is lost, and how an error tells that it is that.
[[nodiscard]] core::Error unreadable(const std::string& key, const std::string& why);
[[nodiscard]] bool is_unreadable(const core::Error& error);
[[nodiscard]] std::int64_t revision_of(const json::object& object);

}  // namespace apiserver
