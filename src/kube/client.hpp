// A typed REST client: every verb builds a plain net::Request (requests.hpp) and reads a plain answer.
// Objects stay JSON.
//
// Errors carry the Status's message, its reason as `code` ("NotFound", "AlreadyExists", "Conflict",
// "Invalid", "Expired") and kind: not_found, already_exists, conflict, invalid (400, 422), gone (410),
// forbidden, unauthenticated, throttled, unavailable, timeout.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/resource.hpp"
#include "net/transport.hpp"

namespace kube {

struct ListOptions {
  std::string label_selector = {};
  std::string field_selector = {};
  std::int64_t limit = 500;  // page size; all pages are read by list()
};

struct List {
  std::vector<json::object> items;
  std::string resource_version = {};
};

enum class PatchType { json, merge, strategic_merge, apply };

struct PatchOptions {
  std::string subresource = {};    // "" | "status"
  std::string field_manager = {};  // required for apply
  bool force = false;              // apply only
};

struct DeleteOptions {
  std::string uid = {};                 // precondition; "" for none
  std::string resource_version = {};    // precondition; "" for none
  std::string propagation_policy = {};  // "" | "Background" | "Foreground" | "Orphan"
};

struct WatchEvent {
  enum class Type { added, modified, deleted, bookmark };
  Type type;
  json::object object;
};

// A watch under way. Destroying it ends it.
class Watch {
 public:
  virtual ~Watch() = default;
  // The next event; nullopt at the server's regular end (time-out): go on from the last version seen.
  // Errors: gone (list again), unavailable, protocol.
  [[nodiscard]] virtual async::Task<core::Result<std::optional<WatchEvent>>> next() = 0;
};

struct WatchOptions {
  std::string resource_version = {};
  std::string label_selector = {};
  std::string field_selector = {};
  std::chrono::seconds timeout{290};
};

class Client {
 public:
  // Asked before every request for the Authorization header's value ("Bearer …", "Basic …"; "" for none),
  // because projected service account tokens are renewed on disk. An error fails the request.
  using TokenSource = std::function<core::Result<std::string>()>;
  // The transport outlives the client. base_path: the path of the server's URL ("/k8s/clusters/c-1") or "".
  Client(net::Transport& transport, std::string user_agent, TokenSource token_source = {},
         std::chrono::milliseconds timeout = std::chrono::seconds(30), std::string base_path = {});

  [[nodiscard]] async::Task<core::Result<json::object>> get(Resource resource, ObjectKey key);
  // All pages. Where a continue token has expired (410), starts again.
  [[nodiscard]] async::Task<core::Result<List>> list(Resource resource, std::string namespace_,
                                                     ListOptions options = {});
  [[nodiscard]] async::Task<core::Result<json::object>> create(Resource resource, json::object object);
  [[nodiscard]] async::Task<core::Result<json::object>> replace(Resource resource, json::object object,
                                                                std::string subresource = {});
  [[nodiscard]] async::Task<core::Result<json::object>> patch(Resource resource, ObjectKey key,
                                                              PatchType type, json::value patch,
                                                              PatchOptions options = {});
  // Deleting is asynchronous where there are finalizers: success means accepted.
  [[nodiscard]] async::Task<core::Result<>> remove(Resource resource, ObjectKey key,
                                                   DeleteOptions options = {});
  [[nodiscard]] async::Task<core::Result<std::unique_ptr<Watch>>> watch(Resource resource,
                                                                        std::string namespace_,
                                                                        WatchOptions options);
  // Anything else: discovery, /version, /readyz.
  [[nodiscard]] async::Task<core::Result<json::value>> get_raw(std::string target);

 private:
  // Adds what every request carries and maps answers ≥ 400 to errors.
  [[nodiscard]] async::Task<core::Result<json::value>> call(
      core::Result<net::Request> request, std::vector<core::JsonProblem>* problems = nullptr);
  [[nodiscard]] async::Task<core::Result<json::object>> call_for_object(core::Result<net::Request> request);
  [[nodiscard]] core::Result<> complete(net::Request& request) const;

  net::Transport& transport_;
  std::string user_agent_;
  TokenSource token_source_;
  std::chrono::milliseconds timeout_;
  std::string base_path_;
};

}  // namespace kube
