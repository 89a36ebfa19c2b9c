// The verbs on objects and collections: reads what the request says, has it done, presents the outcome.
//
// Executor: the loop's thread.
#pragma once

#include <string>

#include "apiserver/answer.hpp"
#include "apiserver/authentication.hpp"
#include "apiserver/negotiation.hpp"
#include "apiserver/request_info.hpp"
#include "apiserver/watch_session.hpp"
#include "apiserver/writes.hpp"
#include "net/http.hpp"

namespace apiserver {

class ResourceRoutes {
 public:
  ResourceRoutes(Store& store, Writes& writes, async::Clock& clock, std::chrono::seconds bookmark_interval)
      : store_(store), writes_(writes), clock_(clock), bookmark_interval_(bookmark_interval) {}

  // kind: what info.resource names. The request lives until the answer was sent.
  [[nodiscard]] async::Task<Answer<net::Response>> handle(const net::Request& request,
                                                          const RequestInfo& info, KindPtr kind,
                                                          UserInfo user, Form form);

 private:
  // What the verbs have in common.
  struct Call {
    const net::Request& request;
    const RequestInfo& info;
    KindPtr kind;
    net::Query query;
    Presentation presentation;
    WriteOptions write;
    [[nodiscard]] kube::ObjectKey key() const;
  };

  [[nodiscard]] async::Task<Answer<net::Response>> get(const Call& call);
  [[nodiscard]] async::Task<Answer<net::Response>> list(const Call& call);
  [[nodiscard]] async::Task<Answer<net::Response>> watch(const Call& call);
  [[nodiscard]] async::Task<Answer<net::Response>> create(const Call& call);
  [[nodiscard]] async::Task<Answer<net::Response>> replace(const Call& call);
  [[nodiscard]] async::Task<bool> is_lost(std::string key);
  [[nodiscard]] async::Task<Answer<net::Response>> patch(const Call& call);
  [[nodiscard]] async::Task<Answer<net::Response>> remove(const Call& call);
  [[nodiscard]] async::Task<Answer<net::Response>> remove_collection(const Call& call);

  Store& store_;
  Writes& writes_;
  async::Clock& clock_;
  std::chrono::seconds bookmark_interval_;
};

}  // namespace apiserver
