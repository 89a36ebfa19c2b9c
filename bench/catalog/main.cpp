// What the scripts beside this measure the catalog with.
#include <CLI/CLI.hpp>

#include "async/program.hpp"
#include "paced_broker.hpp"
#include "pairs.hpp"

int main(int argc, char** argv) {
  CLI::App app("What the catalog is measured with.", "bench_catalog");
  app.require_subcommand(1);

  bench::PacedBrokerOptions broker_options;
  std::int64_t operation_ms = 0;
  CLI::App* broker = app.add_subcommand("broker", "A broker that does nothing");
  broker->add_option("--port", broker_options.port)->required();
  broker->add_option("--operation-ms", operation_ms, "Of an asynchronous operation; 0: answered at once");
  broker->add_option("--classes", broker_options.classes);
  broker->add_option("--plans", broker_options.plans, "Of each class");

  bench::Pairs pairs;
  bench::WritesOfAPair writes;
  const auto add_pairs = [&](const char* name, const char* help) {
    CLI::App* command = app.add_subcommand(name, help);
    command->add_option("--kubeconfig", pairs.kubeconfig)->required();
    command->add_option("--pairs", pairs.count)->required();
    command->add_option("--namespace", pairs.namespace_);
    return command;
  };
  CLI::App* create = add_pairs("create", "Creates instances and bindings, until they are Ready");
  CLI::App* remove = add_pairs("delete", "Deletes them, until they are gone");
  CLI::App* alone = add_pairs("alone", "Writes as much as the catalog does for them");
  alone->add_option("--instance-patches", writes.instance_patches);
  alone->add_option("--instance-status-patches", writes.instance_status_patches);
  alone->add_option("--binding-patches", writes.binding_patches);
  alone->add_option("--binding-status-patches", writes.binding_status_patches);
  alone->add_option("--events", writes.events);
  CLI11_PARSE(app, argc, argv);

  broker_options.operation = std::chrono::milliseconds(operation_ms);
  if (*broker) return async::run_program(bench::serve_paced_broker(broker_options));
  if (*create) return async::run_program(bench::create_pairs(pairs));
  if (*remove) return async::run_program(bench::delete_pairs(pairs));
  if (*alone) return async::run_program(bench::write_alone(pairs, writes));
  return 2;
}
