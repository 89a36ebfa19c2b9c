#include "apiserver/watch_session.hpp"

#include "kube/status.hpp"

namespace apiserver {

std::string WatchSession::line(std::string_view type, std::string_view object) const {
  std::string text = R"({"type":")";
  text.append(type).append(R"(","object":)").append(object).append("}\n");
  return text;
}

std::string WatchSession::shown(const json::object& object) {
  request_.presentation.now = clock_.system_now();
  return present(*request_.kind, object, request_.presentation, std::exchange(first_, false));
}

// An object that comes into the selection is added, one that leaves it is deleted, whatever happened to it.
std::string WatchSession::line_of(const Event& event) {
  const Selection& selection = request_.selection;
  const bool is_in = event.type != ChangeType::deleted && selection.matches(*event.object);
  const bool was_in = event.previous && selection.matches(*event.previous);
  if (is_in) return line(was_in ? "MODIFIED" : "ADDED", shown(*event.object));
  if (!was_in) return {};
  if (event.type == ChangeType::deleted) return line("DELETED", shown(*event.object));
  json::object last = *event.previous;
  core::set(last, {"metadata", "resourceVersion"}, json::value(std::to_string(event.revision)));
  return line("DELETED", shown(last));
}

std::string WatchSession::bookmark(std::int64_t revision, bool initial_end) const {
  json::object metadata{{"resourceVersion", std::to_string(revision)}, {"creationTimestamp", nullptr}};
  if (initial_end) metadata["annotations"] = {{"k8s.io/initial-events-end", "true"}};
  return line("BOOKMARK", present_bookmark(*request_.kind, metadata, request_.presentation));
}

async::Task<bool> WatchSession::send_initial(net::BodyWriter& writer) {
  ListRequest list{
      .prefix = request_.kind->key_prefix(request_.namespace_),
      .matches = [this](const json::object& object) { return request_.selection.matches(object); }};
  core::Result<ListPage> page = co_await store_.list(std::move(list));
  if (!page) {
    const std::string status = line("ERROR", core::to_text(kube::status_of_error(page.error())));
    co_return co_await writer.write(status) && false;
  }
  for (const Object& object : page->items) {
    const std::string added = line("ADDED", shown(*object));
    if (!co_await writer.write(added)) co_return false;
  }
  if (request_.marks_initial_end) {
    const std::string end = bookmark(page->revision, true);
    if (!co_await writer.write(end)) co_return false;
  }
  request_.after = page->revision;
  co_return true;
}

async::Task<> WatchSession::run(net::BodyWriter& writer) {
  if (request_.sends_initial) {
    const bool goes_on = co_await send_initial(writer);
    if (!goes_on) co_return;
  }
  co_await send_changes(writer);
}

async::Task<bool> WatchSession::send_changes(net::BodyWriter& writer) {
  const auto end = clock_.now() + request_.timeout;
  auto next_bookmark = clock_.now() + request_.bookmark_interval;
  const std::int64_t after = request_.after != 0 ? request_.after : store_.published();
  core::Result<Store::Changes> changes =
      co_await store_.changes_after(request_.kind->key_prefix(request_.namespace_), after);
  if (!changes) {
    const std::string status = line("ERROR", core::to_text(kube::status_of_error(changes.error())));
    co_return co_await writer.write(status) && false;
  }
  for (const EventPtr& event : std::exchange(changes->past, {})) {
    const std::string text = line_of(*event);
    if (!text.empty() && !co_await writer.write(text)) co_return false;
  }
  const std::shared_ptr<Subscription> future = std::move(changes->future);
  while (clock_.now() < end) {
    const std::int64_t seen = store_.published();  // of which all events are already in `future`
    const std::deque<EventPtr> events = co_await future->next(clock_, std::min(end, next_bookmark));
    for (const EventPtr& event : events) {
      const std::string text = line_of(*event);
      if (!text.empty() && !co_await writer.write(text)) co_return false;
    }
    if (future->ended()) co_return false;
    if (request_.bookmarks && events.empty() && clock_.now() >= next_bookmark) {
      const std::string text = bookmark(seen, false);
      if (!co_await writer.write(text)) co_return false;
    }
    if (clock_.now() >= next_bookmark) next_bookmark = clock_.now() + request_.bookmark_interval;
  }
  co_return true;
}

}  // namespace apiserver
