#include "apiserver/request_info.hpp"

#include <vector>

#include "core/hash.hpp"
#include "core/text.hpp"

namespace apiserver {

namespace {

core::Result<std::vector<std::string>> segments_of(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    auto decoded = core::percent_decode(segment);
    if (!decoded || decoded->contains('/') || *decoded == "." || *decoded == "..")
      return core::fail(core::ErrorKind::invalid, "the path has a segment that is not a name");
    if (!decoded->empty() || !path.empty()) segments.push_back(std::move(*decoded));
  }
  return segments;
}

std::string verb_of(const net::Request& request, bool has_name) {
  if (request.method == "POST") return "create";
  if (request.method == "PUT") return "update";
  if (request.method == "PATCH") return "patch";
  if (request.method == "DELETE") return has_name ? "delete" : "deletecollection";
  if (has_name) return "get";
  return net::Query::parse(request.query()).flag("watch") ? "watch" : "list";
}

}  // namespace

core::Result<RequestInfo> request_info_of(const net::Request& request) {
  auto segments = segments_of(request.path());
  if (!segments) return core::fail(std::move(segments.error()));
  RequestInfo info;
  for (const std::string& segment : *segments) info.path += "/" + segment;
  if (info.path.empty()) info.path = "/";
  info.verb = core::to_lower(request.method);

  std::size_t at = 0;
  const auto next = [&]() { return at < segments->size() ? (*segments)[at++] : std::string(); };
  const std::string root = next();
  if (root == "apis") info.group = next();
  info.version = next();
  if ((root != "api" && root != "apis") || at >= segments->size()) return info;

  info.is_resource = true;
  info.resource = next();
  const std::size_t left = segments->size() - at;
  // namespaces/x is a namespace; namespaces/x/status one of its parts; namespaces/x/secrets are in it.
  const bool is_part = left == 2 && ((*segments)[at + 1] == "status" || (*segments)[at + 1] == "finalize");
  if (info.resource == "namespaces" && info.group.empty()) {
    if (left >= 2 && !is_part) {
      info.namespace_ = next();
      info.resource = next();
    } else if (left >= 1) {
      info.namespace_ = (*segments)[at];
    }
  } else if (info.resource == "namespaces" && left >= 2) {
    info.namespace_ = next();
    info.resource = next();
  }
  info.name = next();
  info.subresource = next();
  if (at < segments->size()) info.is_resource = false;
  info.verb = verb_of(request, !info.name.empty());
  return info;
}

}  // namespace apiserver
