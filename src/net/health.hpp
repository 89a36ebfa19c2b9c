// GET /metrics, /healthz and /readyz, which every server of ours has.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/metrics.hpp"
#include "net/router.hpp"

namespace net {

// nullopt: ready; otherwise what is missing, answered as 503.
using Readiness = std::function<std::optional<std::string>()>;
void add_health_routes(Router& router, const core::Metrics& metrics, Readiness readiness);

}  // namespace net
