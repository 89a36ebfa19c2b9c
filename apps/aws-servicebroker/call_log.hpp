// Every answered call in the log and in the metrics; and how many instances there are.
#pragma once

#include "async/clock.hpp"
#include "broker/catalog.hpp"
#include "broker/store/store.hpp"
#include "core/metrics.hpp"
#include "osb/routes.hpp"

// One line: a warning where it failed; only with --log-level debug where the catalog or the state of an
// operation was read, which platforms do all the time.
void log_call(core::Metrics& metrics, const broker::Catalog& catalog, const osb::ServedCall& call);

// Counts the store's instances by phase, once a minute, until cancelled. All arguments outlive the task.
[[nodiscard]] async::Task<> count_instances(broker::Store& store, core::Metrics& metrics,
                                            async::Clock& clock);
