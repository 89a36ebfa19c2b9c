#include "lint.hpp"

#include <cstdio>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "broker/template.hpp"
#include "core/file.hpp"

namespace {

core::Result<broker::Template> read_template(const std::string& path) {
  auto body = core::read_file(path);
  if (!body) return core::fail(std::move(body.error()));
  return broker::parse_template(std::move(*body), path);
}

}  // namespace

int run_lint(int count, char** arguments) {
  std::vector<std::string> paths;
  bool print = false;
  CLI::App app("Checks templates as the broker reads them.", "aws-servicebroker lint");
  app.add_option("template", paths, "CloudFormation templates with AWS::ServiceBroker::Specification")
      ->required();
  app.add_flag("--print", print,
               "Print what CloudFormation would get: the template with the broker's additions");
  try {
    app.parse(count - 1, arguments + 1);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  bool all_well = true;
  for (const std::string& path : paths) {
    const auto read = read_template(path);
    if (!read) {
      std::fprintf(stderr, "%s\n", read.error().message.c_str());
      all_well = false;
    } else if (print) {
      std::printf("%s\n", read->body.c_str());
    } else {
      std::printf("%s: the class %s with %zu plans and %zu resources\n", path.c_str(), read->name.c_str(),
                  read->plans.size(), read->resource_count);
    }
  }
  return all_well ? 0 : 1;
}
