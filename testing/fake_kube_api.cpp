#include "fake_kube_api.hpp"

#include <algorithm>

#include "async/event.hpp"

namespace fakes {

namespace json = boost::json;

// "/api/v1/namespaces/demo/secrets/a/status?watch=true", taken apart.
struct FakeKubeApi::Target {
  std::string collection;  // "/api/v1/secrets"
  std::string namespace_;
  std::string name;
  net::Query query;

  static Target parse(const net::Request& request) {
    std::vector<std::string> segments;
    for (std::size_t begin = 1; begin <= request.path().size();) {
      const std::size_t end = std::min(request.path().find('/', begin), request.path().size());
      segments.emplace_back(request.path().substr(begin, end - begin));
      begin = end + 1;
    }
    Target target{
        .collection = {}, .namespace_ = {}, .name = {}, .query = net::Query::parse(request.query())};
    const std::size_t group_segments = !segments.empty() && segments[0] == "api" ? 2 : 3;
    std::size_t at = std::min(group_segments, segments.size());
    for (std::size_t i = 0; i < at; ++i) target.collection += "/" + segments[i];
    if (segments.size() > at + 2 && segments[at] == "namespaces") {
      target.namespace_ = segments[at + 1];
      at += 2;
    }
    if (at < segments.size()) target.collection += "/" + segments[at];
    if (at + 1 < segments.size()) target.name = segments[at + 1];
    return target;
  }

  [[nodiscard]] Key key() const { return {namespace_, name}; }
};

struct FakeKubeApi::Stream {
  explicit Stream(boost::asio::any_io_executor executor) : changed(std::move(executor)) {}

  [[nodiscard]] bool waits_for(const Event& event) const;

  std::string collection;
  std::string namespace_;
  std::uint64_t sent = 0;  // the version up to which events were sent
  std::deque<std::string> pieces;
  bool ended = false;
  bool broken = false;
  async::Event changed;
};

class FakeKubeApi::Body final : public net::IncomingBody {
 public:
  explicit Body(std::shared_ptr<Stream> stream) : stream_(std::move(stream)) {}

  async::Task<core::Result<std::string>> read_some() override {
    while (stream_->pieces.empty() && !stream_->ended && !stream_->broken) co_await stream_->changed.wait();
    if (stream_->broken) co_return core::fail(core::ErrorKind::unavailable, "the connection was lost");
    if (stream_->pieces.empty()) co_return std::string();
    std::string piece = std::move(stream_->pieces.front());
    stream_->pieces.pop_front();
    co_return piece;
  }

 private:
  std::shared_ptr<Stream> stream_;
};

namespace {

net::Reply reply_of(int status, const json::value& body) {
  net::Reply reply;
  reply.status = status;
  reply.body = core::to_text(body);
  return reply;
}

net::Reply failure(int code, std::string_view reason, std::string_view message) {
  return reply_of(
      code,
      {{"kind", "Status"}, {"status", "Failure"}, {"reason", reason}, {"message", message}, {"code", code}});
}

std::string text_at(const json::object& object, core::Path path) {
  return std::string(core::find_string(object, path));
}

bool is_finished(const json::object& object) {
  const json::array* finalizers = core::find_array(object, {"metadata", "finalizers"});
  return core::find(object, {"metadata", "deletionTimestamp"}) != nullptr &&
         (finalizers == nullptr || finalizers->empty());
}

std::string line_of(std::string_view type, const json::object& object) {
  return core::to_text(json::object{{"type", type}, {"object", object}}) + "\n";
}

}  // namespace

FakeKubeApi::FakeKubeApi(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
FakeKubeApi::~FakeKubeApi() = default;

json::object FakeKubeApi::put(const std::string& collection, json::object object) {
  const Key key{text_at(object, {"metadata", "namespace"}), text_at(object, {"metadata", "name"})};
  return store(collection, std::move(object), collections_[collection].contains(key) ? "MODIFIED" : "ADDED");
}

void FakeKubeApi::erase(const std::string& collection, const std::string& namespace_,
                        const std::string& name) {
  drop(collection, collections_.at(collection).at({namespace_, name}));
}

const json::object* FakeKubeApi::find(const std::string& collection, const std::string& namespace_,
                                      const std::string& name) const {
  const auto objects = collections_.find(collection);
  if (objects == collections_.end()) return nullptr;
  const auto object = objects->second.find({namespace_, name});
  return object == objects->second.end() ? nullptr : &object->second;
}

std::size_t FakeKubeApi::count(const std::string& collection) const {
  const auto objects = collections_.find(collection);
  return objects == collections_.end() ? 0 : objects->second.size();
}

void FakeKubeApi::fail_next(const core::Error& error, int times) {
  failures_.insert(failures_.end(), static_cast<std::size_t>(times), {std::string(), error});
}

void FakeKubeApi::fail_next_of(std::string target_part, const core::Error& error) {
  failures_.emplace_back(std::move(target_part), error);
}

std::optional<core::Error> FakeKubeApi::next_failure(const net::Request& request) {
  auto found = std::ranges::find_if(
      failures_, [&](const auto& failure) { return request.target.contains(failure.first); });
  if (found == failures_.end()) return std::nullopt;
  core::Error error = std::move(found->second);
  failures_.erase(found);
  return error;
}

void FakeKubeApi::answer_next(int status, std::string body) {
  net::Reply reply;
  reply.status = status;
  reply.body = std::move(body);
  answers_.push_back(std::move(reply));
}

void FakeKubeApi::break_watches() {
  for (const auto& weak : streams_) {
    if (const auto stream = weak.lock()) {
      stream->broken = true;
      stream->changed.notify();
    }
  }
}

void FakeKubeApi::end_watches() {
  for (const auto& weak : streams_) {
    if (const auto stream = weak.lock()) {
      stream->ended = true;
      stream->changed.notify();
    }
  }
}

void FakeKubeApi::send_bookmarks() {
  const std::string line =
      line_of("BOOKMARK", {{"metadata", {{"resourceVersion", std::to_string(version_)}}}});
  for (const auto& weak : streams_) {
    if (const auto stream = weak.lock()) {
      stream->pieces.push_back(line);
      stream->changed.notify();
    }
  }
}

void FakeKubeApi::compact() {
  history_.clear();
  compacted_ = version_;
}

void FakeKubeApi::set_back(std::uint64_t version) {
  history_.clear();
  version_ = version;
}

std::size_t FakeKubeApi::count_requests(std::string_view method, std::string_view target_part) const {
  return static_cast<std::size_t>(std::ranges::count_if(requests_, [&](const net::Request& request) {
    return request.method == method && request.target.find(target_part) != std::string::npos;
  }));
}

std::size_t FakeKubeApi::watches() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(streams_, [](const auto& weak) { return !weak.expired(); }));
}

async::Task<core::Result<net::Reply>> FakeKubeApi::send(net::Request request, net::CallOptions /*options*/) {
  requests_.push_back(request);
  if (std::optional<core::Error> error = next_failure(request)) co_return core::fail(std::move(*error));
  if (!answers_.empty()) {
    net::Reply reply = std::move(answers_.front());
    answers_.pop_front();
    co_return reply;
  }
  co_return handle(request);
}

async::Task<core::Result<net::IncomingReply>> FakeKubeApi::open(net::Request request,
                                                                net::CallOptions /*options*/) {
  requests_.push_back(request);
  if (std::optional<core::Error> error = next_failure(request)) co_return core::fail(std::move(*error));
  auto stream = std::make_shared<Stream>(executor_);
  net::IncomingReply reply;
  reply.status = 200;
  if (!answers_.empty()) {
    reply.status = answers_.front().status;
    stream->pieces.push_back(std::move(answers_.front().body));
    stream->ended = true;
    answers_.pop_front();
    reply.body = std::make_unique<Body>(std::move(stream));
    co_return reply;
  }
  const Target target = Target::parse(request);
  stream->collection = target.collection;
  stream->namespace_ = target.namespace_;
  stream->sent = std::stoull(std::string(target.query.get("resourceVersion")));
  if (stream->sent < compacted_) {
    const json::object status{{"kind", "Status"},
                              {"status", "Failure"},
                              {"reason", "Expired"},
                              {"message", "too old resource version"},
                              {"code", 410}};
    stream->pieces.push_back(line_of("ERROR", status));
    stream->ended = true;
  }
  std::erase_if(streams_, [](const auto& weak) { return weak.expired(); });
  streams_.push_back(stream);
  release_events();
  reply.body = std::make_unique<Body>(std::move(stream));
  co_return reply;
}

net::Reply FakeKubeApi::handle(const net::Request& request) {
  const Target target = Target::parse(request);
  const json::value body = core::parse_json(request.body).value_or(json::value());
  if (target.name.empty()) {
    return request.method == "POST" ? create(target, body.as_object()) : list(target);
  }
  const json::object* const object = find(target.collection, target.namespace_, target.name);
  if (object == nullptr) return failure(404, "NotFound", target.name + " not found");
  if (request.method == "GET") return reply_of(200, *object);
  if (request.method == "DELETE") return remove(target, body);
  return change(target, body, request.method == "PATCH");
}

net::Reply FakeKubeApi::list(const Target& target) const {
  json::array items;
  if (const auto objects = collections_.find(target.collection); objects != collections_.end()) {
    for (const auto& [key, object] : objects->second) {
      if (target.namespace_.empty() || key.first == target.namespace_) items.push_back(object);
    }
  }
  return reply_of(
      200, {{"metadata", {{"resourceVersion", std::to_string(version_)}}}, {"items", std::move(items)}});
}

net::Reply FakeKubeApi::create(const Target& target, json::object object) {
  const std::string name = text_at(object, {"metadata", "name"});
  if (find(target.collection, target.namespace_, name) != nullptr)
    return failure(409, "AlreadyExists", name + " already exists");
  return reply_of(201, store(target.collection, std::move(object), "ADDED"));
}

net::Reply FakeKubeApi::change(const Target& target, const json::value& body, bool is_patch) {
  const json::object& current = collections_[target.collection][target.key()];
  const std::string wanted = text_at(body.as_object(), {"metadata", "resourceVersion"});
  if (!wanted.empty() && wanted != text_at(current, {"metadata", "resourceVersion"})) {
    return failure(409, "Conflict", "the object has been modified");
  }
  json::value changed = is_patch ? json::value(current) : body;
  if (is_patch) core::merge_patch(changed, body);
  if (is_finished(changed.as_object()))
    return reply_of(200, drop(target.collection, std::move(changed.as_object())));
  return reply_of(200, store(target.collection, std::move(changed.as_object()), "MODIFIED"));
}

net::Reply FakeKubeApi::remove(const Target& target, const json::value& options) {
  json::object object = collections_[target.collection][target.key()];
  for (const std::string_view member : {"uid", "resourceVersion"}) {
    const std::string_view wanted = core::find_string(options, {"preconditions", member});
    if (!wanted.empty() && wanted != core::find_string(object, {"metadata", member})) {
      return failure(409, "Conflict", "the precondition does not hold");
    }
  }
  core::set(object, {"metadata", "deletionTimestamp"}, "2026-01-31T10:00:00Z");
  if (!is_finished(object)) return reply_of(200, store(target.collection, std::move(object), "MODIFIED"));
  drop(target.collection, std::move(object));
  return reply_of(200, {{"kind", "Status"}, {"status", "Success"}});
}

json::object FakeKubeApi::store(const std::string& collection, json::object object, std::string_view type) {
  core::set(object, {"metadata", "resourceVersion"}, json::string(std::to_string(++version_)));
  if (text_at(object, {"metadata", "uid"}).empty())
    core::set(object, {"metadata", "uid"}, json::string("uid-" + std::to_string(++uids_)));
  const Key key{text_at(object, {"metadata", "namespace"}), text_at(object, {"metadata", "name"})};
  collections_[collection][key] = object;
  announce(collection, type, object);
  return object;
}

json::object FakeKubeApi::drop(const std::string& collection, json::object object) {
  core::set(object, {"metadata", "resourceVersion"}, json::string(std::to_string(++version_)));
  collections_[collection].erase(
      {text_at(object, {"metadata", "namespace"}), text_at(object, {"metadata", "name"})});
  announce(collection, "DELETED", object);
  return object;
}

void FakeKubeApi::announce(const std::string& collection, std::string_view type, const json::object& object) {
  history_.push_back({.version = version_,
                      .collection = collection,
                      .namespace_ = text_at(object, {"metadata", "namespace"}),
                      .line = line_of(type, object)});
  release_events();
}

bool FakeKubeApi::Stream::waits_for(const Event& event) const {
  return event.version > sent && event.collection == collection &&
         (namespace_.empty() || event.namespace_ == namespace_);
}

bool FakeKubeApi::has_held_events() const {
  return holding_ && std::ranges::any_of(streams_, [this](const auto& weak) {
           const auto stream = weak.lock();
           return stream && !stream->ended &&
                  std::ranges::any_of(history_, [&](const Event& event) { return stream->waits_for(event); });
         });
}

void FakeKubeApi::release_events() {
  if (holding_) return;
  for (const auto& weak : streams_) {
    const auto stream = weak.lock();
    if (!stream || stream->ended) continue;
    for (const Event& event : history_) {
      if (stream->waits_for(event)) stream->pieces.push_back(event.line);
    }
    if (!history_.empty()) stream->sent = std::max(stream->sent, history_.back().version);
    stream->changed.notify();
  }
}

}  // namespace fakes
