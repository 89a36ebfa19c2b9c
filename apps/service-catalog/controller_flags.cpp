#include "controller_flags.hpp"

#include <cctype>

#include "core/time.hpp"

std::string environment_name(std::string_view flag) {
  std::string name;
  for (char c : flag.substr(2))
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

void add_duration(CLI::App& command, const std::string& name, std::chrono::milliseconds& value,
                  const std::string& help) {
  auto parse = [&value, name](const std::string& text) {
    core::Result<std::chrono::milliseconds> duration = core::parse_duration(text);
    if (!duration) throw CLI::ValidationError(name, duration.error().message);
    value = *duration;
  };
  command.add_option_function<std::string>(name, parse, help)
      ->envname(environment_name(name))
      ->default_str(core::to_duration_text(value));
}

namespace {

template <class T>
CLI::Option* add_value(CLI::App& command, const std::string& name, T& value, const std::string& help) {
  return command.add_option(name, value, help)->capture_default_str()->envname(environment_name(name));
}

}  // namespace

void add_controller_flags(CLI::App& command, catalog::ControllerOptions& options) {
  add_duration(command, "--broker-relist-interval", options.broker_relist_interval,
               "How often catalogs are fetched, unless a broker sets it");
  add_duration(command, "--operation-polling-maximum-backoff-duration",
               options.operation_polling_maximum_backoff,
               "Longest interval between two polls of an operation");
  add_duration(command, "--reconciliation-retry-duration", options.reconciliation_retry_duration,
               "How long a failing call is repeated");
  add_duration(command, "--osb-api-request-timeout", options.osb_api_request_timeout,
               "Timeout of a request to a broker");
  add_duration(command, "--resync-interval", options.resync_interval,
               "How often every object is reconciled without a change");
  add_value(command, "--concurrent-syncs", options.concurrent_syncs,
            "Objects of a kind that are reconciled at the same time")
      ->check(CLI::Range(1, 1000));
  add_value(command, "--broker-concurrency", options.broker_limits.concurrency,
            "Calls of a broker at the same time")
      ->check(CLI::Range(1, 10000));
  add_value(command, "--broker-requests-per-second", options.broker_limits.requests_per_second,
            "Calls of a broker per second")
      ->check(CLI::Range(1, 1000000));
  add_value(command, "--cluster-id-configmap-name", options.cluster_id_config_map.name,
            "ConfigMap with the ID of the cluster");
  add_value(command, "--cluster-id-configmap-namespace", options.cluster_id_config_map.namespace_,
            "Namespace of that ConfigMap");
}
