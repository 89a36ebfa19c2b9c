// Every answered call in the log and in the metrics.
#pragma once

#include "broker/catalog.hpp"
#include "core/metrics.hpp"
#include "osb/routes.hpp"

void log_call(core::Metrics& metrics, const broker::Catalog& catalog, const osb::ServedCall& call);
