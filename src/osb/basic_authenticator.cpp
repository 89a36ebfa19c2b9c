#include "osb/basic_authenticator.hpp"

#include <algorithm>
#include <set>

namespace osb {

namespace {

constexpr std::string_view hashed_prefix = "{SHA256}";

std::string_view text_of(const core::Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::optional<core::Sha256> from_hex(std::string_view hex) {
  core::Sha256 digest{};
  if (hex.size() != digest.size() * 2) return std::nullopt;
  const auto value = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const int high = value(hex[2 * i]);
    const int low = value(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    digest[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return digest;
}

// What htpasswd and its like write. Taken for a password, everyone who has read the file would know it.
bool is_another_hash(std::string_view password) {
  return password.starts_with("$apr1$") || password.starts_with("$2") || password.starts_with("$5$") ||
         password.starts_with("$6$") || password.starts_with("{SHA}") || password.starts_with("{SSHA}");
}

core::Result<User> parse_user(std::string_view name, std::string_view password) {
  if (!password.starts_with(hashed_prefix)) {
    if (is_another_hash(password)) {
      return core::fail(core::ErrorKind::invalid,
                        "this kind of password hash is not supported: write {SHA256} and the password's "
                        "SHA-256 in hex (printf %s PASSWORD | sha256sum)");
    }
    return make_user(name, password);
  }
  const auto digest = from_hex(password.substr(hashed_prefix.size()));
  if (!digest) return core::fail(core::ErrorKind::invalid, "{SHA256} must be followed by 64 hex digits");
  return User{.name = core::sha256(name), .password = *digest};
}

}  // namespace

User make_user(std::string_view name, std::string_view password) {
  return {.name = core::sha256(name), .password = core::sha256(password)};
}

core::Result<std::vector<User>> parse_users(std::string_view text) {
  std::vector<User> users;
  std::set<std::string_view> names;
  int number = 0;
  const auto wrong = [&number](const std::string& what) {
    return core::fail(core::ErrorKind::invalid, "line " + std::to_string(number) + ": " + what);
  };
  while (!text.empty()) {
    ++number;
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return wrong("expected name:password");
    const std::string_view name = line.substr(0, colon);
    if (!names.insert(name).second) return wrong("this name is there twice");
    auto user = parse_user(name, line.substr(colon + 1));
    if (!user) return wrong(user.error().message);
    users.push_back(*user);
  }
  if (users.empty()) return core::fail(core::ErrorKind::invalid, "it has no users");
  return users;
}

async::Task<core::Result<std::optional<Caller>>> BasicAuthenticator::authenticate(
    const net::Request& request) {
  co_return caller_of(request.headers);
}

std::optional<Caller> BasicAuthenticator::caller_of(const net::Headers& headers) const {
  const auto credentials = core::base64_decode(credentials_of(headers, "basic"));
  if (!credentials) return std::nullopt;
  const std::size_t colon = credentials->find(':');
  if (colon == std::string::npos) return std::nullopt;
  const std::string_view name = std::string_view(*credentials).substr(0, colon);
  const User given = make_user(name, std::string_view(*credentials).substr(colon + 1));
  bool accepted = false;
  for (const User& user : users_) {
    const bool same_name = core::equal_constant_time(text_of(given.name), text_of(user.name));
    const bool same_password = core::equal_constant_time(text_of(given.password), text_of(user.password));
    accepted |= same_name && same_password;
  }
  if (!accepted) return std::nullopt;
  return Caller{.name = std::string(name)};
}

}  // namespace osb
