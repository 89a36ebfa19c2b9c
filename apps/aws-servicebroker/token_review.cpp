#include "token_review.hpp"

#include <algorithm>

namespace {

namespace json = boost::json;

const kube::Resource token_reviews{.group = "authentication.k8s.io",
                                   .version = "v1",
                                   .kind = "TokenReview",
                                   .plural = "tokenreviews",
                                   .namespaced = false};

bool has_one_of(const json::array* values, const auto& wanted) {
  return values != nullptr && std::ranges::any_of(*values, [&wanted](const json::value& value) {
           return value.is_string() &&
                  std::ranges::find(wanted, std::string_view(value.get_string())) != wanted.end();
         });
}

// An API server that knows nothing of audiences answers without any: then the token is for the server itself.
std::optional<osb::Caller> caller_of(const json::object& review, const AllowedTokens& allowed) {
  if (!core::find_bool(review, {"status", "authenticated"}).value_or(false)) return std::nullopt;
  if (!allowed.audiences.empty() &&
      !has_one_of(core::find_array(review, {"status", "audiences"}), allowed.audiences))
    return std::nullopt;
  const std::string_view user = core::find_string(review, {"status", "user", "username"});
  if (!allowed.users.contains(user) &&
      !has_one_of(core::find_array(review, {"status", "user", "groups"}), allowed.groups))
    return std::nullopt;
  return osb::Caller{.name = std::string(user)};
}

}  // namespace

async::Task<core::Result<std::optional<osb::Caller>>> KubernetesTokenReviewer::review(std::string token) {
  json::object spec{{"token", token}};
  if (!allowed_.audiences.empty())
    spec["audiences"] = json::array(allowed_.audiences.begin(), allowed_.audiences.end());
  json::object review{
      {"apiVersion", token_reviews.api_version()}, {"kind", token_reviews.kind}, {"spec", std::move(spec)}};
  const auto answer = co_await connection_.client->create(token_reviews, std::move(review));
  if (!answer) co_return core::fail(answer.error().with_context("TokenReview"));
  co_return caller_of(*answer, allowed_);
}
