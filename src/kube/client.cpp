#include "kube/client.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "core/log.hpp"
#include "kube/requests.hpp"
#include "kube/status.hpp"
#include "kube/watch_decoder.hpp"

namespace kube {
namespace {

constexpr std::size_t max_answer_bytes = 64UL * 1024 * 1024;  // a page of 500 large objects
constexpr std::size_t max_error_bytes = 64UL * 1024;
constexpr core::JsonLimits answer_limits{.max_bytes = max_answer_bytes, .max_depth = 256};

class HttpWatch final : public Watch {
 public:
  explicit HttpWatch(std::unique_ptr<net::IncomingBody> body) : body_(std::move(body)) {}

  async::Task<core::Result<std::optional<WatchEvent>>> next() override {
    while (true) {
      core::Result<std::optional<WatchEvent>> event = decoder_.next();
      if (!event || event->has_value()) co_return event;
      core::Result<std::string> piece = co_await body_->read_some();
      if (!piece) co_return core::fail(std::move(piece.error()));
      if (piece->empty()) {
        if (core::Result<> ended = decoder_.finish(); !ended) co_return core::fail(std::move(ended.error()));
        co_return std::nullopt;
      }
      decoder_.feed(*piece);
    }
  }

 private:
  std::unique_ptr<net::IncomingBody> body_;
  WatchDecoder decoder_;
};

// The answer ≥ 400 of a call whose body comes as a stream.
async::Task<core::Error> read_error(net::IncomingReply incoming) {
  net::Reply reply;
  reply.status = incoming.status;
  reply.headers = std::move(incoming.headers);
  while (incoming.body != nullptr && reply.body.size() < max_error_bytes) {
    core::Result<std::string> piece = co_await incoming.body->read_some();
    if (!piece || piece->empty()) break;
    reply.body += *piece;
  }
  co_return error_of_reply(reply);
}

// The items of a page that hold what no JSON reader can keep: "/items/3/spec/parameters/a" → 3.
std::set<std::size_t> unreadable_items(const json::value& answer, const Resource& resource,
                                       const std::vector<core::JsonProblem>& problems) {
  constexpr std::string_view start = "/items/";
  std::set<std::size_t> places;
  for (const core::JsonProblem& problem : problems) {
    const std::string_view pointer = problem.pointer;
    std::size_t place = 0;
    if (!pointer.starts_with(start)) continue;
    std::from_chars(pointer.data() + start.size(), pointer.data() + pointer.size(), place);
    if (!places.insert(place).second) continue;
    const json::value& item = answer.at("items").at(place);
    const std::string name = item.is_object() ? key_of(item.get_object()).to_string() : "";
    core::log::error("An object of the API server cannot be read and is ignored: change or delete it",
                     {{"kind", resource.kind}, {"object", name}, {"error", problem.message}});
  }
  return places;
}

core::Result<List> read_page(json::value answer, const Resource& resource, List list,
                             const std::vector<core::JsonProblem>& problems) {
  json::object* const members = answer.if_object();
  json::value* const items = members != nullptr ? members->if_contains("items") : nullptr;
  if (items == nullptr || (!items->is_array() && !items->is_null())) {
    return core::fail(core::ErrorKind::protocol,
                      "the answer to listing " + resource.plural + " has no items");
  }
  list.resource_version = core::find_string(answer, {"metadata", "resourceVersion"});
  if (items->is_null()) return list;
  const std::set<std::size_t> left_out = unreadable_items(answer, resource, problems);
  std::size_t place = 0;
  for (json::value& item : items->get_array()) {
    if (left_out.contains(place++)) continue;
    json::object* const object = item.if_object();
    if (object == nullptr)
      return core::fail(core::ErrorKind::protocol,
                        "a list of " + resource.plural + " has an item that is not an object");
    // Lists of built-in kinds leave these out.
    if (!object->contains("kind")) (*object)["kind"] = resource.kind;
    if (!object->contains("apiVersion")) (*object)["apiVersion"] = resource.api_version();
    list.items.push_back(std::move(*object));
  }
  return list;
}

}  // namespace

Client::Client(net::Transport& transport, std::string user_agent, TokenSource token_source,
               std::chrono::milliseconds timeout, std::string base_path)
    : transport_(transport),
      user_agent_(std::move(user_agent)),
      token_source_(std::move(token_source)),
      timeout_(timeout),
      base_path_(std::move(base_path)) {}

core::Result<> Client::complete(net::Request& request) const {
  request.target.insert(0, base_path_);
  request.headers.set("User-Agent", user_agent_);
  if (!token_source_) return {};
  core::Result<std::string> authorization = token_source_();
  if (!authorization)
    return core::fail(authorization.error().with_context("getting credentials for the API server"));
  if (!authorization->empty()) request.headers.set("Authorization", std::move(*authorization));
  return {};
}

async::Task<core::Result<json::value>> Client::call(core::Result<net::Request> request,
                                                    std::vector<core::JsonProblem>* problems) {
  if (!request) co_return core::fail(std::move(request.error()));
  if (core::Result<> completed = complete(*request); !completed)
    co_return core::fail(std::move(completed.error()));
  const net::CallOptions options{.timeout = timeout_, .max_body = max_answer_bytes};
  core::Result<net::Reply> reply = co_await transport_.send(std::move(*request), options);
  if (!reply) co_return core::fail(std::move(reply.error()));
  if (reply->status >= 400) co_return core::fail(error_of_reply(*reply));
  core::Result<json::value> body = problems != nullptr
                                       ? core::parse_json(reply->body, answer_limits, *problems)
                                       : core::parse_json(reply->body, answer_limits);
  if (!body)
    co_return core::fail(core::ErrorKind::protocol,
                         "the API server's answer is not JSON: " + body.error().message);
  co_return body;
}

async::Task<core::Result<json::object>> Client::call_for_object(core::Result<net::Request> request) {
  core::Result<json::value> answer = co_await call(std::move(request));
  if (!answer) co_return core::fail(std::move(answer.error()));
  if (!answer->is_object())
    co_return core::fail(core::ErrorKind::protocol, "the API server's answer is not a JSON object");
  co_return std::move(answer->get_object());
}

async::Task<core::Result<json::object>> Client::get(Resource resource, ObjectKey key) {
  co_return co_await call_for_object(requests::get(resource, key));
}

async::Task<core::Result<List>> Client::list(Resource resource, std::string namespace_, ListOptions options) {
  List list;
  std::string continue_token;
  while (true) {
    std::vector<core::JsonProblem> problems;
    core::Result<json::value> page =
        co_await call(requests::list(resource, namespace_, options, continue_token), &problems);
    if (!page && page.error().kind == core::ErrorKind::too_large && options.limit != 1) {
      // Many large objects: fewer at once. One by one they all fit.
      constexpr std::int64_t fewer = 100;
      options.limit = options.limit > 0 ? std::max<std::int64_t>(1, options.limit / 8) : fewer;
      continue;
    }
    if (!page && page.error().kind == core::ErrorKind::gone && !continue_token.empty()) {
      // The pages' version was compacted meanwhile. All at once cannot expire again.
      list = {};
      continue_token.clear();
      options.limit = 0;
      continue;
    }
    if (!page) co_return core::fail(std::move(page.error()));
    continue_token = core::find_string(*page, {"metadata", "continue"});
    core::Result<List> longer = read_page(std::move(*page), resource, std::move(list), problems);
    if (!longer || continue_token.empty()) co_return longer;
    list = std::move(*longer);
  }
}

async::Task<core::Result<json::object>> Client::create(Resource resource, json::object object) {
  co_return co_await call_for_object(requests::create(resource, std::move(object)));
}

async::Task<core::Result<json::object>> Client::replace(Resource resource, json::object object,
                                                        std::string subresource) {
  co_return co_await call_for_object(requests::replace(resource, std::move(object), subresource));
}

async::Task<core::Result<json::object>> Client::patch(Resource resource, ObjectKey key, PatchType type,
                                                      json::value patch, PatchOptions options) {
  co_return co_await call_for_object(requests::patch(resource, key, type, patch, options));
}

async::Task<core::Result<>> Client::remove(Resource resource, ObjectKey key, DeleteOptions options) {
  core::Result<json::value> answer = co_await call(requests::remove(resource, key, options));
  if (!answer) co_return core::fail(std::move(answer.error()));
  co_return core::Result<>();
}

async::Task<core::Result<std::unique_ptr<Watch>>> Client::watch(Resource resource, std::string namespace_,
                                                                WatchOptions options) {
  core::Result<net::Request> request = requests::watch(resource, namespace_, options);
  if (!request) co_return core::fail(std::move(request.error()));
  if (core::Result<> completed = complete(*request); !completed)
    co_return core::fail(std::move(completed.error()));
  const net::CallOptions call_options{.timeout = timeout_};
  core::Result<net::IncomingReply> reply = co_await transport_.open(std::move(*request), call_options);
  if (!reply) co_return core::fail(std::move(reply.error()));
  if (reply->status >= 400) co_return core::fail(co_await read_error(std::move(*reply)));
  co_return std::make_unique<HttpWatch>(std::move(reply->body));
}

async::Task<core::Result<json::value>> Client::get_raw(std::string target) {
  net::Request request;
  request.target = std::move(target);
  request.headers.set("Accept", "application/json");
  co_return co_await call(std::move(request));
}

}  // namespace kube
