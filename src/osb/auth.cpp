#include "osb/auth.hpp"

#include "core/hash.hpp"

namespace osb {

namespace {

std::string digest(std::string_view credentials) {
  const core::Sha256 hash = core::sha256(credentials);
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

}  // namespace

BasicAuthenticator::BasicAuthenticator(const std::vector<User>& users) {
  for (const User& user : users)
    digests_.push_back(digest(core::base64_encode(user.name + ":" + user.password)));
}

bool BasicAuthenticator::accepts(const net::Headers& headers) const {
  constexpr std::string_view scheme = "basic ";
  const std::string_view header = headers.get("Authorization");
  if (header.size() <= scheme.size()) return false;
  for (std::size_t i = 0; i < scheme.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(header[i])) != scheme[i]) return false;
  }
  const std::string given = digest(header.substr(scheme.size()));
  bool accepted = false;
  for (const std::string& known : digests_) accepted |= core::equal_constant_time(given, known);
  return accepted;
}

}  // namespace osb
