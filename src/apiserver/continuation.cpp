#include "apiserver/continuation.hpp"

#include "core/hash.hpp"
#include "core/json.hpp"

namespace apiserver {

std::string Continuation::to_string() const {
  const boost::json::object object{{"v", "meta.k8s.io/v1"}, {"rv", revision}, {"start", after}};
  return core::base64_encode(core::to_text(object));
}

std::optional<Continuation> Continuation::parse(std::string_view token) {
  std::string padded(token);
  while (padded.size() % 4 != 0) padded += '=';  // some clients drop it
  const auto text = core::base64_decode(padded);
  if (!text) return std::nullopt;
  const auto value = core::parse_json(*text);
  if (!value) return std::nullopt;
  const auto revision = core::find_int(*value, {"rv"});
  const std::string_view after = core::find_string(*value, {"start"});
  if (!revision || *revision <= 0 || after.empty()) return std::nullopt;
  return Continuation{.revision = *revision, .after = std::string(after)};
}

}  // namespace apiserver
