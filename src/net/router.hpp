// Method and path pattern → handler. "/v2/service_instances/{instance}": a {name} matches one non-empty
// segment and is decoded.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.hpp"

namespace net {

using PathParameters = std::map<std::string, std::string, std::less<>>;
using RouteHandler = std::function<async::Task<Response>(const Request&, const PathParameters&)>;

class Router {
 public:
  void add(std::string method, std::string_view pattern, RouteHandler handler);
  // No route: 404. The path, but another method: 405 with Allow. A broken escape or an encoded '/' trick
  // ("%2e%2e"): 400.
  [[nodiscard]] async::Task<Response> route(const Request& request) const;
  // Where a caller wants its own form of the answers 400, 404 and 405.
  using ErrorAnswer = std::function<Response(int status, std::string_view message)>;
  void on_error(ErrorAnswer answer) { error_answer_ = std::move(answer); }

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;
    RouteHandler handler;
  };
  std::vector<Route> routes_;
  ErrorAnswer error_answer_;
};

// A JSON answer with its Content-Type.
[[nodiscard]] Response json_response(int status, std::string body);
[[nodiscard]] Response text_response(int status, std::string body);

}  // namespace net
