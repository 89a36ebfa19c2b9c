#include "program.hpp"

#include <exception>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "core/log.hpp"

void configure_log(const std::string& format, const std::string& level) {
  using core::log::Level;
  Level least = Level::info;
  if (level == "debug") least = Level::debug;
  if (level == "warn") least = Level::warn;
  if (level == "error") least = Level::error;
  core::log::configure(format == "json" ? core::log::Format::json : core::log::Format::text, least);
}

int run_program(async::Task<int> task) {
  boost::asio::io_context loop(1);
  int exit_code = 1;
  boost::asio::co_spawn(loop, std::move(task), [&](const std::exception_ptr& failure, int code) {
    exit_code = code;
    if (!failure) return;
    exit_code = 1;
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      core::log::error("The program has failed", {{"error", error.what()}});
    }
  });
  loop.run();
  return exit_code;
}
