// Every request to the control plane: who asks and may they, then discovery, schemas, questions, objects.
//
// Executor: the loop's thread.
#pragma once

#include <string>

#include "apiserver/authentication.hpp"
#include "apiserver/resource_routes.hpp"
#include "apiserver/reviews.hpp"
#include "core/metrics.hpp"

namespace apiserver {

class Api {
 public:
  Api(Registry& registry, Authentication& authentication, Reviews& reviews, ResourceRoutes& resources,
      async::Clock& clock, core::Metrics& metrics)
      : registry_(registry),
        authentication_(authentication),
        reviews_(reviews),
        resources_(resources),
        clock_(clock),
        metrics_(metrics) {}

  [[nodiscard]] async::Task<net::Response> handle(const net::Request& request);
  // What /readyz tells.
  void set_ready(bool ready) { ready_ = ready; }

 private:
  [[nodiscard]] async::Task<Answer<net::Response>> answer(const net::Request& request,
                                                          const RequestInfo& info);
  [[nodiscard]] async::Task<Answer<UserInfo>> user_of(const net::Request& request);
  [[nodiscard]] async::Task<Answer<net::Response>> review(const net::Request& request,
                                                          const RequestInfo& info, UserInfo user, Form form);
  // Paths that are no resources; nullopt: there is no such path.
  [[nodiscard]] std::optional<net::Response> describe(const RequestInfo& info, const Form& form) const;
  [[nodiscard]] net::Response health() const;

  Registry& registry_;
  Authentication& authentication_;
  Reviews& reviews_;
  ResourceRoutes& resources_;
  async::Clock& clock_;
  core::Metrics& metrics_;
  bool ready_ = false;
};

}  // namespace apiserver
