#include "call_log.hpp"

#include "core/log.hpp"

namespace {

// The Go broker's metric. Ids that are not of the catalog are no labels: clients could make any number of
// them.
void count_action(core::Metrics& metrics, const broker::Catalog& catalog, const osb::ServedCall& call) {
  const auto service = catalog.find_service(call.service_id);
  if (!service) return;
  const auto selection = catalog.find(call.service_id, call.plan_id);
  metrics.increment("aws_sb_actions_total", "Actions asked for, by class and plan",
                    {{"action", call.action},
                     {"service", service->name},
                     {"plan", selection && selection->plan != nullptr ? selection->plan->name : ""}});
}

}  // namespace

void log_call(core::Metrics& metrics, const broker::Catalog& catalog, const osb::ServedCall& call) {
  count_action(metrics, catalog, call);
  const bool ok = call.status < 400;
  metrics.increment("aws_sb_http_requests_total", "Requests answered, by action and status",
                    {{"action", call.action}, {"status", std::to_string(call.status)}});
  if (call.action == "catalog" && ok) return;
  const auto log = ok ? core::log::info : core::log::warn;
  log("Answered", {{"action", call.action},
                   {"status", call.status},
                   {"instance", call.instance_id},
                   {"binding", call.binding_id},
                   {"request", call.request_id},
                   {"error", call.error}});
}
