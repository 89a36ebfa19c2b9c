#include "net/health.hpp"

namespace net {

namespace {

async::Task<Response> answer_with(Response response) {
  co_return response;
}

}  // namespace

void add_health_routes(Router& router, const core::Metrics& metrics, Readiness readiness) {
  router.add("GET", "/metrics", [&metrics](const Request&, const PathParameters&) {
    Response response = text_response(200, metrics.render());
    response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    return answer_with(std::move(response));
  });
  router.add("GET", "/healthz",
             [](const Request&, const PathParameters&) { return answer_with(text_response(200, "ok")); });
  router.add("GET", "/readyz", [readiness = std::move(readiness)](const Request&, const PathParameters&) {
    const auto missing = readiness();
    return answer_with(missing ? text_response(503, *missing + "\n") : text_response(200, "ok"));
  });
}

}  // namespace net
