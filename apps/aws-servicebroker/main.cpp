#include <string_view>

#include "async/program.hpp"
#include "core/log.hpp"
#include "lint.hpp"
#include "options.hpp"
#include "wiring.hpp"

int main(int count, char** arguments) {
  if (count > 1 && std::string_view(arguments[1]) == "lint") return run_lint(count, arguments);
  ParsedOptions parsed = parse_options(count, arguments);
  if (parsed.exit_code >= 0) return parsed.exit_code;
  core::log::configure(parsed.options.log_format, parsed.options.log_level);
  return async::run_program(run_broker(std::move(parsed.options)));
}
