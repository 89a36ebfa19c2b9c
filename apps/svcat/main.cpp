// svcat: the command line of the Service Catalog for people.
#include <iostream>

#include <boost/asio/this_coro.hpp>

#include "async/clock.hpp"
#include "async/program.hpp"
#include "cli/version.hpp"
#include "core/log.hpp"
#include "kube/kubeconfig.hpp"
#include "options.hpp"
#include "svcat/commands/exec.hpp"

namespace {

constexpr int failed = 1;

int report(const core::Error& error) {
  std::cerr << "Error: " << error.message << "\n";
  return failed;
}

int print(const core::Result<std::string>& text) {
  if (!text) return report(text.error());
  std::cout << *text;
  return std::cout.flush() ? 0 : failed;
}

// What exec has read, for after the loop: the process is replaced where nothing else runs.
using Credentials = std::map<std::string, std::string>;

async::Task<int> run(Options& options, Credentials& credentials) {
  kube::KubeconfigOptions from{.path = options.kubeconfig, .context = options.context};
  const auto config = kube::load_config(from);
  if (!config) co_return report(config.error());
  auto connection = kube::connect(co_await boost::asio::this_coro::executor, *config,
                                  "svcat/" + std::string(cli::version()));
  if (!connection) co_return report(connection.error());
  svcat::Reader reader(*connection->client);
  std::string namespace_ = options.namespace_.empty() ? connection->namespace_ : options.namespace_;
  switch (options.command) {
    case Options::Command::get:
      options.get.place.namespace_ = std::move(namespace_);
      co_return print(co_await svcat::get(reader, options.get));
    case Options::Command::describe:
      options.describe.place.namespace_ = std::move(namespace_);
      co_return print(co_await svcat::describe(reader, options.describe));
    case Options::Command::exec:
      break;
  }
  async::SystemClock clock;
  kube::ObjectKey binding{.namespace_ = std::move(namespace_), .name = options.binding};
  auto read = co_await svcat::credentials_of(reader, clock, std::move(binding),
                                             std::chrono::seconds(options.timeout_seconds));
  if (!read) co_return report(read.error());
  credentials = std::move(*read);
  co_return 0;
}

}  // namespace

int main(int argc, char** argv) {
  core::log::configure(core::log::Format::text, core::log::Level::warn);
  Options options;
  int exit_code = 0;
  if (!parse_command_line(argc, argv, options, exit_code)) return exit_code;
  Credentials credentials;
  exit_code = async::run_program(run(options, credentials));
  if (exit_code != 0 || options.command != Options::Command::exec) return exit_code;
  return svcat::replace_process(options.process, credentials);
}
