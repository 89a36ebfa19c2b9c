#include "apiserver/service_account_tokens.hpp"

#include <algorithm>

#include "core/file.hpp"
#include "core/hash.hpp"
#include "core/json.hpp"
#include "core/random.hpp"
#include "core/uuid.hpp"

namespace apiserver {

namespace {

namespace json = boost::json;

std::string to_base64url(std::string_view data) {
  std::string text = core::base64_encode(data);
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  while (text.ends_with('=')) text.pop_back();
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string padded(text);
  for (char& c : padded) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (padded.size() % 4 != 0) padded += '=';
  auto data = core::base64_decode(padded);
  return data ? std::optional(std::move(*data)) : std::nullopt;
}

std::int64_t unix_seconds(core::SystemTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

core::Result<ServiceAccountTokens> ServiceAccountTokens::from_key_file(const std::string& path) {
  constexpr std::size_t key_bytes = 32;
  auto key = core::read_file(path, 4096);
  if (!key && key.error().kind == core::ErrorKind::not_found) {
    key = core::random_bytes(key_bytes);
    if (auto written = core::write_file(path, *key, 0600); !written) return core::fail(written.error());
  }
  if (!key) return core::fail(key.error().with_context("reading the tokens' key"));
  if (key->size() < key_bytes)
    return core::fail(core::ErrorKind::invalid,
                      path + " must hold at least 32 random bytes; delete it to get a new one");
  return ServiceAccountTokens(std::move(*key));
}

std::string ServiceAccountTokens::signature_of(std::string_view signed_part) const {
  const core::Sha256 digest = core::hmac_sha256(key_, signed_part);
  return to_base64url({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string ServiceAccountTokens::issue(const ServiceAccountIdentity& account,
                                        const std::vector<std::string>& audiences, core::SystemTime now,
                                        std::chrono::seconds valid_for) const {
  json::array audience_list;
  for (const std::string& one : audiences) audience_list.emplace_back(one);
  const json::object claims{{"aud", std::move(audience_list)},
                            {"exp", unix_seconds(now) + valid_for.count()},
                            {"iat", unix_seconds(now)},
                            {"iss", audience},
                            {"jti", core::Uuid::random().to_string()},
                            {"kubernetes.io",
                             {{"namespace", account.namespace_},
                              {"serviceaccount", {{"name", account.name}, {"uid", account.uid}}}}},
                            {"nbf", unix_seconds(now)},
                            {"sub", "system:serviceaccount:" + account.namespace_ + ":" + account.name}};
  const std::string signed_part =
      to_base64url(R"({"alg":"HS256","typ":"JWT"})") + "." + to_base64url(core::to_text(claims));
  return signed_part + "." + signature_of(signed_part);
}

std::optional<ServiceAccountIdentity> ServiceAccountTokens::verify(std::string_view token,
                                                                   core::SystemTime now) const {
  const std::size_t last_dot = token.rfind('.');
  const std::size_t first_dot = token.find('.');
  if (last_dot == std::string_view::npos || first_dot == last_dot) return std::nullopt;
  const std::string_view signed_part = token.substr(0, last_dot);
  if (!core::equal_constant_time(signature_of(signed_part), token.substr(last_dot + 1))) return std::nullopt;
  const auto payload = from_base64url(signed_part.substr(first_dot + 1));
  const auto claims = payload ? core::parse_json(*payload) : core::Result<json::value>(nullptr);
  if (!claims || core::find_int(*claims, {"exp"}).value_or(0) <= unix_seconds(now)) return std::nullopt;
  const json::array* const audiences = core::find_array(*claims, {"aud"});
  if (audiences == nullptr || std::ranges::find(*audiences, json::value(audience)) == audiences->end())
    return std::nullopt;  // meant for somebody else
  return ServiceAccountIdentity{
      .namespace_ = std::string(core::find_string(*claims, {"kubernetes.io", "namespace"})),
      .name = std::string(core::find_string(*claims, {"kubernetes.io", "serviceaccount", "name"})),
      .uid = std::string(core::find_string(*claims, {"kubernetes.io", "serviceaccount", "uid"}))};
}

}  // namespace apiserver
