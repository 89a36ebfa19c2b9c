// A Kubernetes API server in memory, behind a net::Transport: objects of any kind with versions, conflicts,
// finalizers, watches, and faults on demand. The test plays the other clients and the network; it holds no
// opinion on schemas.
//
// Served: get, list (one page), watch (bookmarks only on demand), create, replace, merge patch (a subresource
// is written as the object is), delete with preconditions. Executor: the loop's thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "core/json.hpp"
#include "net/transport.hpp"

namespace fakes {

class FakeKubeApi final : public net::Transport {
 public:
  explicit FakeKubeApi(boost::asio::any_io_executor executor);
  ~FakeKubeApi() override;

  // --- as another client: collection is a path such as "/api/v1/secrets", the namespace is the object's ---
  boost::json::object put(const std::string& collection, boost::json::object object);  // as it is stored then
  void erase(const std::string& collection, const std::string& namespace_, const std::string& name);
  [[nodiscard]] const boost::json::object* find(const std::string& collection, const std::string& namespace_,
                                                const std::string& name) const;
  [[nodiscard]] std::size_t count(const std::string& collection) const;
  [[nodiscard]] std::uint64_t version() const { return version_; }

  // --- as the network and the server's troubles ---
  void fail_next(const core::Error& error, int times = 1);  // of requests, watches included
  void fail_next_of(std::string target_part,
                    const core::Error& error);     // of requests with that in their target
  void answer_next(int status, std::string body);  // to any request, watches included
  void break_watches();                            // the connection is lost
  void end_watches();                              // the regular end of their time
  void hold_events(bool hold) {
    holding_ = hold;
    release_events();
  }  // a slow watch: events wait in the server
  [[nodiscard]] bool has_held_events() const;  // that some watch is waiting for
  void send_bookmarks();
  void compact();                        // watches from before now are answered 410
  void set_back(std::uint64_t version);  // a restored backup: versions start from there

  // --- what was asked ---
  [[nodiscard]] const std::vector<net::Request>& requests() const { return requests_; }
  [[nodiscard]] std::size_t count_requests(std::string_view method, std::string_view target_part) const;
  [[nodiscard]] std::size_t watches() const;  // under way

  [[nodiscard]] async::Task<core::Result<net::Reply>> send(net::Request request,
                                                           net::CallOptions options) override;
  [[nodiscard]] async::Task<core::Result<net::IncomingReply>> open(net::Request request,
                                                                   net::CallOptions options) override;

 private:
  struct Target;
  struct Stream;
  class Body;
  struct Event {
    std::uint64_t version;
    std::string collection;
    std::string namespace_;
    std::string line;
  };
  using Key = std::pair<std::string, std::string>;  // namespace, name
  using Objects = std::map<Key, boost::json::object>;

  [[nodiscard]] net::Reply handle(const net::Request& request);
  [[nodiscard]] net::Reply list(const Target& target) const;
  [[nodiscard]] net::Reply create(const Target& target, boost::json::object object);
  [[nodiscard]] net::Reply change(const Target& target, const boost::json::value& body, bool is_patch);
  [[nodiscard]] net::Reply remove(const Target& target, const boost::json::value& options);
  boost::json::object store(const std::string& collection, boost::json::object object, std::string_view type);
  boost::json::object drop(const std::string& collection, boost::json::object object);
  void announce(const std::string& collection, std::string_view type, const boost::json::object& object);
  void release_events();

  boost::asio::any_io_executor executor_;
  std::uint64_t version_ = 100;
  std::uint64_t compacted_ = 0;
  std::uint64_t uids_ = 0;
  std::map<std::string, Objects> collections_;
  std::vector<Event> history_;
  std::vector<std::weak_ptr<Stream>> streams_;
  bool holding_ = false;
  [[nodiscard]] std::optional<core::Error> next_failure(const net::Request& request);

  std::deque<std::pair<std::string, core::Error>> failures_;  // of requests whose target contains the string
  std::deque<net::Reply> answers_;
  std::vector<net::Request> requests_;
};

}  // namespace fakes
