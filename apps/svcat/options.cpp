#include "options.hpp"

#include <map>

#include <CLI/CLI.hpp>

#include "cli/completion.hpp"
#include "cli/version.hpp"

namespace {

using svcat::Kind;

struct KindName {
  Kind kind;
  const char* plural;
  std::vector<const char*> aliases;
};

const std::vector<KindName>& kind_names() {
  static const std::vector<KindName> names{{Kind::broker, "brokers", {"broker", "brk"}},
                                           {Kind::service_class, "classes", {"class", "cl"}},
                                           {Kind::plan, "plans", {"plan", "pl"}},
                                           {Kind::instance, "instances", {"instance", "inst"}},
                                           {Kind::binding, "bindings", {"binding", "bnd"}}};
  return names;
}

// A word that is no kind is told as such, rather than that one is missing.
void require_kind(CLI::App& command) {
  command.require_subcommand(0, 1);
  command.callback([&command] {
    if (!command.get_subcommands().empty() || command.remaining_size() > 0) return;
    std::string kinds;
    for (const KindName& name : kind_names()) kinds += (kinds.empty() ? "" : ", ") + std::string(name.plural);
    throw CLI::ValidationError(command.get_name(), "what? One of " + kinds);
  });
}

bool is_namespaced_only(Kind kind) {
  return kind == Kind::instance || kind == Kind::binding;
}

void add_place(CLI::App& command, Kind kind, Options& options, svcat::Place& place) {
  command.add_option("-n,--namespace", options.namespace_,
                     "Namespace (default: the namespace of the context)");
  if (is_namespaced_only(kind)) return;
  static const std::map<std::string, svcat::ScopeChoice> scopes{{"cluster", svcat::ScopeChoice::cluster},
                                                                {"namespace", svcat::ScopeChoice::namespaced},
                                                                {"all", svcat::ScopeChoice::all}};
  command.add_option("--scope", place.scope, "Scope: cluster, namespace or all")
      ->transform(CLI::CheckedTransformer(scopes, CLI::ignore_case).description(""))
      ->default_str("all");
}

void add_get(CLI::App& program, Options& options) {
  CLI::App* get = program.add_subcommand("get", "List brokers, classes, plans, instances or bindings");
  require_kind(*get);
  for (const KindName& name : kind_names()) {
    CLI::App* command = get->add_subcommand(name.plural, std::string("List ") + name.plural);
    for (const char* alias : name.aliases) command->alias(alias);
    svcat::GetRequest& request = options.get;
    command->add_option("NAME", request.name, "Show only this one");
    add_place(*command, name.kind, options, request.place);
    command->add_flag("-A,--all-namespaces", request.place.all_namespaces, "Show all namespaces");
    static const std::map<std::string, svcat::Output> outputs{
        {"table", svcat::Output::table}, {"json", svcat::Output::json}, {"yaml", svcat::Output::yaml}};
    command->add_option("-o,--output", request.output, "Output format: table, json or yaml")
        ->transform(CLI::CheckedTransformer(outputs, CLI::ignore_case).description(""))
        ->default_str("table");
    if (name.kind == Kind::service_class)
      command->add_option("--broker", request.of_broker, "Show only those of this broker");
    if (name.kind == Kind::plan || name.kind == Kind::instance)
      command->add_option("-c,--class", request.of_class, "Show only those of this class");
    if (name.kind == Kind::instance)
      command->add_option("-p,--plan", request.of_plan, "Show only those of this plan (PLAN or CLASS/PLAN)");
    if (name.kind == Kind::binding)
      command->add_option("-i,--instance", request.of_instance, "Show only those of this instance");
    command->callback([&options, kind = name.kind] {
      options.command = Options::Command::get;
      options.get.kind = kind;
    });
  }
}

void add_describe(CLI::App& program, Options& options) {
  CLI::App* describe = program.add_subcommand("describe", "Show an object and what belongs to it");
  require_kind(*describe);
  for (const KindName& name : kind_names()) {
    CLI::App* command =
        describe->add_subcommand(name.aliases.front(), std::string("Show one of the ") + name.plural);
    command->alias(name.plural)->alias(name.aliases.back());
    svcat::DescribeRequest& request = options.describe;
    command->add_option("NAME", request.name, "Name of the object; for a plan also CLASS/PLAN")->required();
    add_place(*command, name.kind, options, request.place);
    if (name.kind == Kind::binding) {
      command->add_flag_callback(
          "--show-secrets", [&request] { request.secret_values = svcat::SecretValues::shown; },
          "Also print the credentials");
    }
    command->callback([&options, kind = name.kind] {
      options.command = Options::Command::describe;
      options.describe.kind = kind;
    });
  }
}

void add_exec(CLI::App& program, Options& options) {
  CLI::App* exec = program.add_subcommand(
      "exec",
      "Run a command with a binding's credentials in its environment: svcat exec BINDING -- COMMAND …");
  exec->add_option("-n,--namespace", options.namespace_, "Namespace (default: the namespace of the context)");
  exec->add_option("--timeout", options.timeout_seconds, "Seconds to wait until the binding is Ready")
      ->check(CLI::Range(0, 24 * 60 * 60))
      ->capture_default_str();
  exec->add_option("BINDING", options.binding, "Name of the ServiceBinding")->required();
  exec->add_option("COMMAND", options.process, "Command with its arguments")->required();
  exec->positionals_at_end();
  exec->callback([&options] {
    options.command = Options::Command::exec;
    // CLI11 leaves the mark in front of a list of positionals.
    if (options.process.front() == "--") options.process.erase(options.process.begin());
    if (options.process.empty()) throw CLI::RequiredError("COMMAND");
  });
}

}  // namespace

bool parse_command_line(int argc, char** argv, Options& options, int& exit_code) {
  CLI::App app("Shows the services of the Service Catalog, and runs commands with their credentials.",
               "svcat");
  app.set_version_flag("--version", cli::version_line("svcat"));
  app.add_option("--kubeconfig", options.kubeconfig,
                 "Kubeconfig file (default: $KUBECONFIG or ~/.kube/config)");
  app.add_option("--context", options.context,
                 "Context of the kubeconfig file (default: its current context)");
  app.require_subcommand(1);
  app.fallthrough();
  add_get(app, options);
  add_describe(app, options);
  add_exec(app, options);
  cli::add_completion(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    exit_code = app.exit(stop);
    return false;
  }
  return true;
}
