// servicecatalog_operations_in_flight{kind, operation, age}: what brokers have not finished yet, counted from
// the objects' status when metrics are asked for, so that an operation that is stuck is seen.
#pragma once

#include "async/clock.hpp"
#include "catalog/controllers/stores.hpp"
#include "core/metrics.hpp"

namespace catalog {

void show_operations(core::Metrics& metrics, Stores& stores, core::SystemTime now);

}  // namespace catalog
