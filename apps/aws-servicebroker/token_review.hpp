// Bearer tokens checked by a Kubernetes API server (TokenReview,
// kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "kube/kubeconfig.hpp"
#include "osb/bearer_authenticator.hpp"

// Whose tokens count: those of one of the users, or of a member of one of the groups.
struct AllowedTokens {
  std::vector<std::string> audiences;  // one of which a token must be meant for; none: the API server's own
  std::set<std::string, std::less<>> users, groups;
};

class KubernetesTokenReviewer final : public osb::TokenReviewer {
 public:
  KubernetesTokenReviewer(kube::Connection connection, AllowedTokens allowed)
      : connection_(std::move(connection)), allowed_(std::move(allowed)) {}
  [[nodiscard]] async::Task<core::Result<std::optional<osb::Caller>>> review(std::string token) override;

 private:
  kube::Connection connection_;
  AllowedTokens allowed_;
};
