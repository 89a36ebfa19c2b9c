#include "paced_broker.hpp"

#include "core/json.hpp"
#include "net/router.hpp"
#include "serve.hpp"

namespace bench {

namespace {

constexpr std::string_view instances = "/v2/service_instances/";

std::string catalog(int classes, int plans) {
  boost::json::array services;
  for (int number = 0; number < classes; ++number) {
    const std::string name = "class-" + std::to_string(number);
    boost::json::array offered;
    for (int plan = 0; plan < plans; ++plan) {
      const std::string plan_name = "plan-" + std::to_string(plan);
      offered.push_back(boost::json::object{
          {"id", name + "-" + plan_name}, {"name", plan_name}, {"description", "A plan"}, {"free", true}});
    }
    services.push_back(boost::json::object{{"id", name},
                                           {"name", name},
                                           {"description", "A class"},
                                           {"bindable", true},
                                           {"plans", std::move(offered)}});
  }
  return core::to_text(boost::json::object{{"services", std::move(services)}});
}

}  // namespace

async::Task<net::Response> PacedBroker::handle(const net::Request& request) {
  const std::string_view path = request.path();
  if (path == "/v2/catalog") co_return net::json_response(200, catalog(options_.classes, options_.plans));
  if (!path.starts_with(instances)) co_return net::json_response(404, "{}");
  const std::string_view rest = path.substr(instances.size());
  const std::string instance(rest.substr(0, rest.find('/')));
  if (rest.ends_with("/last_operation")) co_return last_operation(instance);
  if (rest.find("/service_bindings/") != std::string_view::npos) {
    if (request.method != "PUT") co_return net::json_response(200, "{}");
    co_return net::json_response(201, R"({"credentials":{"user":"u","password":"p","host":"example.com"}})");
  }
  co_return start(instance, request.method == "PUT" ? 201 : 200);
}

net::Response PacedBroker::start(const std::string& instance, int status_at_once) {
  if (options_.operation.count() == 0) return net::json_response(status_at_once, "{}");
  ends_[instance] = clock_.now() + options_.operation;
  return net::json_response(202, R"({"operation":"working"})");
}

net::Response PacedBroker::last_operation(const std::string& instance) const {
  const auto end = ends_.find(instance);
  const bool working = end != ends_.end() && clock_.now() < end->second;
  return net::json_response(200, working ? R"({"state":"in progress"})" : R"({"state":"succeeded"})");
}

async::Task<int> serve_paced_broker(PacedBrokerOptions options) {
  PacedBroker broker(options);
  co_return co_await serve_until_told(
      options.port, [&broker](const net::Request& request) { return broker.handle(request); });
}

}  // namespace bench
