#include <string_view>

#include "async/program.hpp"
#include "core/log.hpp"
#include "doctor.hpp"
#include "lint.hpp"
#include "options.hpp"
#include "wiring.hpp"

int main(int count, char** arguments) {
  const std::string_view command = count > 1 ? arguments[1] : "";
  if (command == "lint") return run_lint(count, arguments);
  const bool is_doctor = command == "doctor";
  ParsedOptions parsed = is_doctor ? parse_options("aws-servicebroker doctor", count - 1, arguments + 1)
                                   : parse_options("aws-servicebroker", count, arguments);
  if (parsed.exit_code >= 0) return parsed.exit_code;
  core::log::configure(parsed.options.log_format, parsed.options.log_level);
  return async::run_program(is_doctor ? run_doctor(std::move(parsed.options))
                                      : run_broker(std::move(parsed.options)));
}
