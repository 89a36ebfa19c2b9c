// One watch: what there is at its start, what happens after that, bookmarks, the regular end.
// Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
//
// Executor: the loop's thread. Shared by the stream that runs it. A watcher that falls far behind is ended;
// it goes on from the last version it has seen.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "apiserver/selection.hpp"
#include "apiserver/store.hpp"
#include "apiserver/table.hpp"
#include "async/clock.hpp"
#include "net/http.hpp"

namespace apiserver {

struct WatchRequest {
  KindPtr kind;
  std::string namespace_;
  Selection selection;
  Presentation presentation;
  bool sends_initial = false;  // the objects that there are, as ADDED
  bool marks_initial_end = false;
  bool bookmarks = false;
  std::int64_t after = 0;  // without initial objects: changes after this revision; 0: from now on
  std::chrono::seconds timeout{0};
  std::chrono::seconds bookmark_interval{60};
};

class WatchSession {
 public:
  WatchSession(Store& store, async::Clock& clock, WatchRequest request)
      : store_(store), clock_(clock), request_(std::move(request)) {}

  [[nodiscard]] async::Task<> run(net::BodyWriter& writer);

 private:
  [[nodiscard]] async::Task<bool> send_initial(net::BodyWriter& writer);
  [[nodiscard]] async::Task<bool> send_changes(net::BodyWriter& writer);
  [[nodiscard]] std::string line_of(const Event& event);
  [[nodiscard]] std::string line(std::string_view type, std::string_view object) const;
  [[nodiscard]] std::string bookmark(std::int64_t revision, bool initial_end) const;
  [[nodiscard]] std::string shown(const json::object& object);

  Store& store_;
  async::Clock& clock_;
  WatchRequest request_;
  bool first_ = true;  // a Table names its columns once
};

}  // namespace apiserver
