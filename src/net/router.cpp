#include "net/router.hpp"

#include <optional>

#include "core/hash.hpp"
#include "core/json.hpp"

namespace net {

namespace {

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> segments;
  if (!path.empty() && path.front() == '/') path.remove_prefix(1);
  while (true) {
    const std::size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool is_parameter(std::string_view segment) {
  return segment.starts_with('{') && segment.ends_with('}');
}

// The decoded segments, or nullopt where one is a broken escape, a dot segment, or hides a '/' or NUL.
std::optional<std::vector<std::string>> decode_segments(std::string_view path) {
  std::vector<std::string> decoded;
  for (const std::string_view segment : split_path(path)) {
    auto text = core::percent_decode(segment);
    if (!text || *text == "." || *text == ".." || text->find('/') != std::string::npos ||
        text->find('\0') != std::string::npos) {
      return std::nullopt;
    }
    decoded.push_back(std::move(*text));
  }
  return decoded;
}

std::optional<PathParameters> match(const std::vector<std::string>& pattern,
                                    const std::vector<std::string>& segments) {
  if (pattern.size() != segments.size()) return std::nullopt;
  PathParameters parameters;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (is_parameter(pattern[i])) {
      if (segments[i].empty()) return std::nullopt;
      parameters.emplace(pattern[i].substr(1, pattern[i].size() - 2), segments[i]);
    } else if (pattern[i] != segments[i]) {
      return std::nullopt;
    }
  }
  return parameters;
}

Response default_error(int status, std::string_view message) {
  return json_response(status, core::to_text(boost::json::object{{"description", message}}));
}

}  // namespace

void Router::add(std::string method, std::string_view pattern, RouteHandler handler) {
  Route route{.method = std::move(method), .segments = {}, .handler = std::move(handler)};
  for (const std::string_view segment : split_path(pattern)) route.segments.emplace_back(segment);
  routes_.push_back(std::move(route));
}

async::Task<Response> Router::route(const Request& request) const {
  const ErrorAnswer answer = error_answer_ ? error_answer_ : default_error;
  const auto segments = decode_segments(request.path());
  if (!segments) co_return answer(400, "The path of the request is malformed.");
  std::string allowed;
  for (const Route& route : routes_) {
    const auto parameters = match(route.segments, *segments);
    if (!parameters) continue;
    const bool head_as_get = request.method == "HEAD" && route.method == "GET";
    if (route.method == request.method || head_as_get) co_return co_await route.handler(request, *parameters);
    allowed += (allowed.empty() ? "" : ", ") + route.method;
  }
  if (allowed.empty()) co_return answer(404, "There is nothing at this path.");
  Response response = answer(405, "This path takes only " + allowed + ".");
  response.headers.set("Allow", allowed);
  co_return response;
}

Response json_response(int status, std::string body) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

Response text_response(int status, std::string body) {
  return {
      .status = status, .headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = std::move(body)};
}

}  // namespace net
