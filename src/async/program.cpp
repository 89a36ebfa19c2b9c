#include "async/program.hpp"

#include <exception>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "async/shutdown.hpp"
#include "core/log.hpp"

namespace async {

int run_program(Task<int> task) {
  asio::io_context loop(1);
  int exit_code = 1;
  asio::co_spawn(loop, std::move(task), [&](const std::exception_ptr& failure, int code) {
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
  end_shutdown_watch();
  return exit_code;
}

}  // namespace async
