// Who asks: by bearer token, ServiceAccount token, client certificate, or from within this process.
//
// Executor: the loop's thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apiserver/answer.hpp"
#include "apiserver/control_plane.hpp"
#include "apiserver/registry.hpp"
#include "apiserver/service_account_tokens.hpp"
#include "apiserver/store.hpp"

namespace apiserver {

class Authentication {
 public:
  Authentication(Store& store, Registry& registry, async::Clock& clock, std::vector<Token> tokens,
                 UserInfo in_process_user, ServiceAccountTokens service_accounts)
      : store_(store),
        registry_(registry),
        clock_(clock),
        tokens_(std::move(tokens)),
        in_process_user_(std::move(in_process_user)),
        service_accounts_(std::move(service_accounts)) {}

  // nullopt: nobody we know. Impersonation is not looked at.
  [[nodiscard]] async::Task<std::optional<UserInfo>> authenticate(const net::Request& request);
  [[nodiscard]] async::Task<std::optional<UserInfo>> user_of_token(std::string token);
  [[nodiscard]] const ServiceAccountTokens& service_accounts() const { return service_accounts_; }

 private:
  Store& store_;
  Registry& registry_;
  async::Clock& clock_;
  std::vector<Token> tokens_;
  UserInfo in_process_user_;
  ServiceAccountTokens service_accounts_;
};

// The user that the headers Impersonate-User, -Uid and -Group name; nullopt where there are none.
[[nodiscard]] std::optional<UserInfo> impersonated(const net::Request& request);
[[nodiscard]] json::object to_json(const UserInfo& user);

}  // namespace apiserver
