// Questions to the API server that are asked by creating an object which is answered and not kept: what may I
// do, who am I, whose token is this; and tokens for ServiceAccounts.
//
// Executor: the loop's thread.
#pragma once

#include <span>
#include <string>

#include "apiserver/answer.hpp"
#include "apiserver/authentication.hpp"
#include "apiserver/request_info.hpp"

namespace apiserver {

// A resource that can only be created.
struct Question {
  kube::Resource resource;
  std::string_view singular;
};
[[nodiscard]] std::span<const Question> questions();

class Reviews {
 public:
  Reviews(Authentication& authentication, Store& store, Registry& registry, async::Clock& clock)
      : authentication_(authentication), store_(store), registry_(registry), clock_(clock) {}

  [[nodiscard]] static bool answers(const RequestInfo& info);
  // The object with its status.
  [[nodiscard]] async::Task<Answer<json::object>> answer(RequestInfo info, UserInfo user,
                                                         json::object object);

 private:
  [[nodiscard]] async::Task<Answer<json::object>> issue_token(RequestInfo info, json::object object);
  [[nodiscard]] async::Task<Answer<json::object>> review_token(json::object object);

  Authentication& authentication_;
  Store& store_;
  Registry& registry_;
  async::Clock& clock_;
};

}  // namespace apiserver
