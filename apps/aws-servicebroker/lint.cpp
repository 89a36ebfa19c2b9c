#include "lint.hpp"

#include <cstdio>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "broker/template.hpp"
#include "broker/template_lint.hpp"
#include "core/file.hpp"

namespace {

void report(const std::string& path, const broker::TemplateFinding& finding) {
  const bool is_warning = finding.severity == broker::TemplateFinding::Severity::warning;
  const std::string place = finding.path.empty() ? "" : finding.path + ": ";
  std::fprintf(stderr, "%s: %s%s%s\n", path.c_str(), is_warning ? "warning: " : "", place.c_str(),
               finding.what.c_str());
}

// Whether a broker can offer it.
bool check(const std::string& path, bool print) {
  auto body = core::read_file(path);
  if (!body) {
    std::fprintf(stderr, "%s\n", body.error().message.c_str());
    return false;
  }
  bool is_right = true;
  for (const broker::TemplateFinding& finding : broker::lint_template(*body)) {
    report(path, finding);
    if (finding.severity == broker::TemplateFinding::Severity::error) is_right = false;
  }
  const auto read = broker::parse_template(std::move(*body), path);
  if (!read) {
    // Most often one of the findings again, in the words of the broker's log.
    if (is_right) std::fprintf(stderr, "%s\n", read.error().message.c_str());
    return false;
  }
  if (print) {
    std::printf("%s\n", read->body.c_str());
  } else {
    std::printf("%s: the class %s with %zu plans and %zu resources\n", path.c_str(), read->name.c_str(),
                read->plans.size(), read->resource_count);
  }
  return is_right;
}

}  // namespace

int run_lint(int count, char** arguments) {
  std::vector<std::string> paths;
  bool print = false;
  CLI::App app("Checks templates the way the broker reads them.", "aws-servicebroker lint");
  app.add_option("template", paths, "CloudFormation templates with AWS::ServiceBroker::Specification")
      ->required();
  app.add_flag("--print", print,
               "Print what CloudFormation would get: the template with what the broker adds");
  try {
    app.parse(count - 1, arguments + 1);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  bool all_well = true;
  for (const std::string& path : paths) all_well = check(path, print) && all_well;
  return all_well ? 0 : 1;
}
