// What every reconciler of the catalog works with. Lives as long as Controllers::run().
#pragma once

#include <functional>

#include "async/clock.hpp"
#include "catalog/controllers/controllers.hpp"
#include "catalog/controllers/stores.hpp"
#include "runtime/events.hpp"

namespace catalog {

class BrokerClients;
class ClusterId;
class ExternalIds;

struct Context {
  kube::Client& client;
  async::Clock& clock;
  core::Metrics& metrics;
  const ControllerOptions& options;
  Stores& stores;
  runtime::EventSink& events;
  BrokerClients& brokers;
  ClusterId& cluster_id;
  ExternalIds& external_ids;
  // What is known of this broker's catalog is old: it is fetched again soon.
  std::function<void(const Scope&, const kube::ObjectKey& broker)> refetch_catalog = {};
};

}  // namespace catalog
