#include "aws/signing.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "core/hash.hpp"
#include "core/text.hpp"

namespace aws {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

std::string_view view(const core::Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Without the white space around it, and runs of spaces inside made one.
std::string trimmed(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
    out += c;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

// Dot segments and empty segments go, as every service but S3 normalizes them (RFC 3986 §5.2.4).
std::string normalized(std::string_view path) {
  std::vector<std::string_view> kept;
  const bool folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
  while (!path.empty()) {
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(segment.size() + 1, path.size()));
    if (segment.empty() || segment == ".") continue;
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else {
      kept.push_back(segment);
    }
  }
  std::string out;
  for (const std::string_view segment : kept) out.append("/").append(segment);
  if (out.empty() || folder) out += '/';
  return out;
}

std::string canonical_path(std::string_view path, bool is_s3) {
  if (path.empty()) return "/";
  if (is_s3) return std::string(path);
  return core::percent_encode(normalized(path), "/");
}

std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    pairs.emplace_back(pair.substr(0, equals), value);
  }
  std::ranges::sort(pairs);
  std::string out;
  for (const auto& [name, value] : pairs)
    out.append(out.empty() ? "" : "&").append(name).append("=").append(value);
  return out;
}

// A key is good for one day, region and service; deriving it costs four HMACs, so the last ones are kept.
std::string signing_key(const Identity& identity, const std::string& date, const SigningScope& scope) {
  static thread_local std::map<std::string, std::string> cache;
  const std::string name = identity.access_key_id + "/" + core::sha256_hex(identity.secret_access_key) + "/" +
                           date + "/" + scope.region + "/" + scope.service;
  if (const auto found = cache.find(name); found != cache.end()) return found->second;
  const auto by_date = core::hmac_sha256("AWS4" + identity.secret_access_key, date);
  const auto by_region = core::hmac_sha256(view(by_date), scope.region);
  const auto by_service = core::hmac_sha256(view(by_region), scope.service);
  const auto key = core::hmac_sha256(view(by_service), "aws4_request");
  if (cache.size() > 64) cache.clear();
  return cache.emplace(name, view(key)).first->second;
}

bool is_signed(const std::string& lower_name) {
  static constexpr std::array<std::string_view, 5> unsigned_headers{
      "authorization", "user-agent", "connection", "expect", "x-amzn-trace-id"};
  return std::ranges::find(unsigned_headers, lower_name) == unsigned_headers.end();
}

}  // namespace

SignatureStages sign(net::Request& request, const Identity& identity, const SigningScope& scope) {
  const bool is_s3 = scope.service == "s3";
  const std::string time = core::to_aws_basic(scope.time);
  const std::string date = time.substr(0, 8);
  const std::string body_hash = core::sha256_hex(request.body);
  request.headers.set("X-Amz-Date", time);
  if (!identity.session_token.empty()) request.headers.set("X-Amz-Security-Token", identity.session_token);
  if (is_s3) request.headers.set("X-Amz-Content-Sha256", body_hash);

  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : request.headers) {
    const std::string lower_name = core::to_lower(name);
    if (!is_signed(lower_name)) continue;
    std::string& joined = headers[lower_name];
    joined += (joined.empty() ? "" : ",") + trimmed(value);
  }

  SignatureStages stages;
  std::string canonical_headers;
  for (const auto& [name, value] : headers) {
    canonical_headers += name + ":" + value + "\n";
    stages.signed_headers += (stages.signed_headers.empty() ? "" : ";") + name;
  }
  stages.canonical_request = request.method + "\n" + canonical_path(request.path(), is_s3) + "\n" +
                             canonical_query(request.query()) + "\n" + canonical_headers + "\n" +
                             stages.signed_headers + "\n" + body_hash;

  const std::string credential_scope = date + "/" + scope.region + "/" + scope.service + "/aws4_request";
  stages.string_to_sign = std::string(algorithm) + "\n" + time + "\n" + credential_scope + "\n" +
                          core::sha256_hex(stages.canonical_request);
  const std::string key = signing_key(identity, date, scope);
  stages.signature = core::to_hex(core::hmac_sha256(key, stages.string_to_sign));
  request.headers.set("Authorization", std::string(algorithm) + " Credential=" + identity.access_key_id +
                                           "/" + credential_scope + ", SignedHeaders=" +
                                           stages.signed_headers + ", Signature=" + stages.signature);
  return stages;
}

}  // namespace aws
