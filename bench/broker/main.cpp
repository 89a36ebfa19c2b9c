// What the scripts beside this measure the broker with.
#include <iostream>

#include <CLI/CLI.hpp>

#include "async/program.hpp"
#include "paced_polls.hpp"
#include "simulated_aws.hpp"

int main(int argc, char** argv) {
  CLI::App app("What the broker is measured with.", "bench_broker");
  app.require_subcommand(1);
  std::uint16_t port = 0;
  int latency = 0;
  CLI::App* aws = app.add_subcommand("aws", "Simulates STS and CloudFormation");
  aws->add_option("--port", port)->required();
  aws->add_option("--latency-ms", latency, "Of each answer");
  bench::PacedPolls polls;
  int seconds = 10;
  CLI::App* poll = app.add_subcommand("polls", "Polls the instances whose ids stand on the input's lines");
  poll->add_option("url", polls.url, "The broker's")->required();
  poll->add_option("--authorization", polls.authorization, "The header's value");
  poll->add_option("--rate", polls.polls_per_second, "Polls per second of each instance");
  poll->add_option("--seconds", seconds);
  CLI11_PARSE(app, argc, argv);
  if (*aws) return async::run_program(bench::serve_simulated_aws(port, std::chrono::milliseconds(latency)));
  polls.duration = std::chrono::seconds(seconds);
  for (std::string instance; std::getline(std::cin, instance);) polls.instances.push_back(instance);
  return async::run_program(bench::run_paced_polls(std::move(polls)));
}
