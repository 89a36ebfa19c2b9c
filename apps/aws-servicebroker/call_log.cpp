#include "call_log.hpp"

#include "core/log.hpp"

namespace {

// The Go broker's metric. Ids that are not of the catalog are no labels: clients could make any number of
// them.
void count_action(core::Metrics& metrics, const broker::Catalog& catalog, const osb::ServedCall& call) {
  const auto service = catalog.find_service(call.service_id);
  if (!service) return;
  const auto selection = catalog.find(call.service_id, call.plan_id);
  metrics.increment("aws_sb_actions_total", "Requested actions, by class and plan",
                    {{"action", call.action},
                     {"service", service->name},
                     {"plan", selection && selection->plan != nullptr ? selection->plan->name : ""}});
}

bool is_reading(const osb::ServedCall& call) {
  return call.action == "catalog" || call.action == "last_operation" ||
         call.action == "last_binding_operation";
}

}  // namespace

void log_call(core::Metrics& metrics, const broker::Catalog& catalog, const osb::ServedCall& call) {
  count_action(metrics, catalog, call);
  const bool ok = call.status < 400;
  metrics.increment("aws_sb_http_requests_total", "Answered requests, by action and status",
                    {{"action", call.action}, {"status", std::to_string(call.status)}});
  metrics.observe_seconds("aws_sb_http_request_seconds", "Time until a request was answered, by action",
                          {{"action", call.action}}, call.seconds);
  if (call.status == 401) {
    metrics.increment("aws_sb_authentication_failures_total", "Requests with wrong or missing credentials",
                      {});
  }
  // Polls come by the thousand.
  if (ok && is_reading(call) && !core::log::enabled(core::log::Level::debug)) return;
  const auto read_or_done = is_reading(call) ? core::log::debug : core::log::info;
  const auto log = ok ? read_or_done : core::log::warn;
  log("Answered", {{"action", call.action},
                   {"status", call.status},
                   {"seconds", call.seconds},
                   {"instance", call.instance_id},
                   {"binding", call.binding_id},
                   {"request", call.request_id},
                   {"user", call.user},
                   {"caller", call.caller},
                   {"peer", call.peer},
                   {"error", call.error}});
}

async::Task<> count_instances(broker::Store& store, core::Metrics& metrics, async::Clock& clock) {
  constexpr std::chrono::minutes interval{1};
  std::map<std::string, std::int64_t> counts;
  while (true) {
    if (const auto counted = co_await store.count_instances(); counted) {
      for (auto& [phase, count] : counts) count = 0;
      for (const auto& [phase, count] : *counted) counts[phase] = count;
      for (const auto& [phase, count] : counts) {
        metrics.set_gauge("aws_sb_instances", "Instances in the store, by phase", {{"phase", phase}},
                          static_cast<double>(count));
      }
    }
    co_await clock.sleep_for(interval);
  }
}
