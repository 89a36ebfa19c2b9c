#include "options.hpp"

#include <CLI/CLI.hpp>

#include "cli/completion.hpp"
#include "cli/version.hpp"

namespace {

// Go's flag package takes -flag and --flag alike. What is no flag may be a flag's value, such as -main.yaml.
bool is_flag_with_one_dash(const CLI::App& app, const std::string& argument) {
  if (argument.size() < 3 || argument[0] != '-' || argument[1] == '-') return false;
  return app.get_option_no_throw('-' + argument.substr(0, argument.find('='))) != nullptr;
}

std::vector<std::string> with_two_dashes(const CLI::App& app, int count, char** arguments) {
  std::vector<std::string> result;
  for (int i = count - 1; i > 0; --i) {  // CLI11 takes them in reverse
    std::string argument = arguments[i];
    if (is_flag_with_one_dash(app, argument)) argument.insert(0, 1, '-');
    result.push_back(std::move(argument));
  }
  return result;
}

void add_serving(CLI::App& app, Options& o) {
  app.add_option("--address", o.address, "Address to listen on")
      ->envname("BROKER_ADDRESS")
      ->capture_default_str()
      ->group("Serving");
  app.add_option("--port", o.port, "Port to listen on; 0 chooses a free one")
      ->envname("BROKER_PORT")
      ->capture_default_str()
      ->group("Serving");
  app.add_flag("--insecure", o.insecure, "Serve plain HTTP instead of HTTPS")
      ->envname("BROKER_INSECURE")
      ->group("Serving");
  app.add_option("--tls-cert-file", o.tls_cert_file, "File with the certificate chain (PEM, leaf first)")
      ->envname("BROKER_TLS_CERT_FILE")
      ->group("Serving");
  app.add_option("--tls-private-key-file", o.tls_key_file, "File with the private key (PEM)")
      ->envname("BROKER_TLS_PRIVATE_KEY_FILE")
      ->group("Serving");
  app.add_option("--tlsCert,--tls-cert", o.tls_cert, "The certificate in base64, instead of a file")
      ->envname("BROKER_TLS_CERT")
      ->group("Serving");
  app.add_option("--tlsKey,--tls-key", o.tls_key, "The private key in base64, instead of a file")
      ->envname("BROKER_TLS_KEY")
      ->group("Serving");
}

void add_authentication(CLI::App& app, Options& o) {
  app.add_flag("--enableBasicAuth,--enable-basic-auth", o.basic_auth, "Require HTTP basic authentication")
      ->envname("BROKER_ENABLE_BASIC_AUTH")
      ->group("Authentication");
  app.add_option("--basicAuthUser,--basic-auth-user", o.basic_auth_user, "User name for basic authentication")
      ->envname("SECURITY_USER_NAME")
      ->group("Authentication");
  app.add_option("--basicAuthPass,--basic-auth-pass", o.basic_auth_password,
                 "Password; better set it with the environment variable")
      ->envname("SECURITY_USER_PASSWORD")
      ->group("Authentication");
  app.add_option(
         "--basic-auth-file", o.basic_auth_file,
         "File with more users, one per line: name:password or name:{SHA256}<hex>; reloaded when it changes")
      ->envname("BROKER_BASIC_AUTH_FILE")
      ->group("Authentication");
  app.add_option("--client-ca-file", o.client_ca_file,
                 "Accept client certificates signed by this CA (PEM); reloaded when it changes")
      ->envname("BROKER_CLIENT_CA_FILE")
      ->group("Authentication");
  app.add_option("--client-names", o.client_names,
                 "Common names, DNS names or URIs of accepted client certificates, separated by commas "
                 "(default: all that the CA has signed)")
      ->envname("BROKER_CLIENT_NAMES")
      ->delimiter(',')
      ->group("Authentication");
  app.add_flag("--token-review", o.token_review,
               "Accept bearer tokens of the Kubernetes cluster (TokenReview)")
      ->envname("BROKER_TOKEN_REVIEW")
      ->group("Authentication");
  app.add_option("--token-users", o.token_users,
                 "Users whose tokens are accepted: system:serviceaccount:NAMESPACE:NAME, separated by commas")
      ->envname("BROKER_TOKEN_USERS")
      ->delimiter(',')
      ->group("Authentication");
  app.add_option("--token-groups", o.token_groups,
                 "Groups whose tokens are accepted: system:serviceaccounts:NAMESPACE, separated by commas")
      ->envname("BROKER_TOKEN_GROUPS")
      ->delimiter(',')
      ->group("Authentication");
  app.add_option(
         "--token-audiences", o.token_audiences,
         "Audiences, separated by commas; a token must be for one of them (default: those of the API server)")
      ->envname("BROKER_TOKEN_AUDIENCES")
      ->delimiter(',')
      ->group("Authentication");
  app.add_option("--kubeconfig", o.kubeconfig,
                 "Kubeconfig file for --token-review (default: the pod's service account, or the file that "
                 "kubectl uses)")
      ->envname("BROKER_KUBECONFIG")
      ->group("Authentication");
}

void add_aws(CLI::App& app, Options& o) {
  app.add_option("--region", o.region, "AWS region of the broker, and the default region of instances")
      ->envname("AWS_REGION")
      ->group("AWS");
  app.add_option("--keyId,--key-id", o.access_key_id,
                 "Access key ID (default: the credentials that the AWS SDKs would find)")
      ->envname("BROKER_AWS_ACCESS_KEY_ID")
      ->group("AWS");
  app.add_option("--secretKey,--secret-key", o.secret_access_key,
                 "Secret access key; better set it with the environment variable")
      ->envname("BROKER_AWS_SECRET_ACCESS_KEY")
      ->group("AWS");
  app.add_option("--profile", o.profile, "Profile of the shared AWS configuration files")
      ->envname("BROKER_AWS_PROFILE")
      ->group("AWS");
}

void add_broker(CLI::App& app, Options& o) {
  app.add_option(
         "--brokerId,--broker-id", o.broker_id,
         "ID of this broker, letters and digits only; the IDs of classes and plans are derived from it")
      ->envname("BROKER_ID")
      ->capture_default_str()
      ->group("Broker");
  app.add_option(
         "--store", o.store,
         "Where records are stored: sqlite:PATH or dynamodb:TABLE (default: SQLite in the data folder)")
      ->envname("BROKER_STORE")
      ->group("Broker");
  app.add_option("--tableName,--table-name", o.table_name, "The same as --store dynamodb:TABLE")
      ->envname("BROKER_TABLE_NAME")
      ->group("Broker");
  app.add_option(
         "--data-dir", o.data_dir,
         "Folder for the SQLite file and the encryption key (default: ~/.local/share/chandlery/broker)")
      ->envname("BROKER_DATA_DIR")
      ->group("Broker");
  app.add_option("--encryption-key", o.encryption_key,
                 "Key that seals secret values in the records: kms:KEY (ID, ARN or alias/NAME), or file:PATH "
                 "(32 bytes; created if the file does not exist) (default: a file in the data folder)")
      ->envname("BROKER_ENCRYPTION_KEY")
      ->group("Broker");
  app.add_option("--encryption-key-file", o.encryption_key_file, "The same as --encryption-key file:PATH")
      ->envname("BROKER_ENCRYPTION_KEY_FILE")
      ->group("Broker");
  app.add_flag(
         "--prescribeOverrides,--prescribe-overrides", o.prescribe_overrides,
         "Remove parameters that PARAM_OVERRIDE_<brokerId>_all_all_all_<parameter> sets from the catalog")
      ->envname("PRESCRIBE")
      ->group("Broker");
  app.add_option(
         "--binding-credentials", o.binding_credentials,
         "per-binding: an IAM user for each binding; shared: the key pair of the stack for all bindings")
      ->envname("BROKER_BINDING_CREDENTIALS")
      ->check(CLI::IsMember({"per-binding", "shared"}))
      ->capture_default_str()
      ->group("Broker");
  app.add_option("--binding-lifetime", o.binding_lifetime,
                 "How long new bindings are valid, such as 90d or 12h; the broker then revokes them "
                 "(default: until they are unbound)")
      ->envname("BROKER_BINDING_LIFETIME")
      ->group("Broker");
  app.add_option("--role-bindings", o.role_bindings,
                 "YAML file that says which IAM role the broker assumes for which clusters and namespaces")
      ->envname("BROKER_ROLE_BINDINGS")
      ->group("Broker");
}

void add_templates(CLI::App& app, Options& o) {
  app.add_option("--template-folder", o.template_folder,
                 "Folder with templates, instead of the built-in ones")
      ->envname("BROKER_TEMPLATE_FOLDER")
      ->group("Templates");
  app.add_option("--s3Bucket,--s3-bucket", o.s3_bucket,
                 "S3 bucket with templates, instead of the built-in ones")
      ->envname("BROKER_S3_BUCKET")
      ->excludes("--template-folder")
      ->group("Templates");
  app.add_option("--s3Key,--s3-key", o.s3_key, "Prefix of the templates' keys in the bucket")
      ->envname("BROKER_S3_KEY")
      ->capture_default_str()
      ->group("Templates");
  app.add_option("--s3Region,--s3-region", o.s3_region, "AWS region of the bucket")
      ->envname("BROKER_S3_REGION")
      ->capture_default_str()
      ->group("Templates");
  app.add_option("--templateFilter,--template-filter", o.template_filter,
                 "Suffix of the names of templates in a folder or a bucket")
      ->envname("BROKER_TEMPLATE_FILTER")
      ->capture_default_str()
      ->group("Templates");
  app.add_option("--classes", o.classes, "Names of classes to offer, separated by commas (default: all)")
      ->envname("BROKER_CLASSES")
      ->group("Templates");
}

void add_logs(CLI::App& app, Options& o) {
  app.add_option("--log-format", o.log_format, "Format of log lines: text or json")
      ->envname("BROKER_LOG_FORMAT")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str()
      ->group("Logs");
  app.add_option("--log-level", o.log_level, "Lowest level to log: debug, info, warn or error")
      ->envname("BROKER_LOG_LEVEL")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str()
      ->group("Logs");
}

// The flags of the Go broker's log. It goes to standard error here, so that all but -v say nothing.
void add_go_logs(CLI::App& app, Options& o) {
  constexpr const char* group = "Logs of the Go broker";
  const std::string no_effect = "No effect: logs go to standard error";
  app.add_option("-v,--v", o.verbosity, "5 or more is the same as --log-level debug")->group(group);
  for (const char* name : {"--logtostderr", "--alsologtostderr"}) app.add_flag(name, no_effect)->group(group);
  for (const char* name : {"--stderrthreshold", "--log_dir", "--log-dir", "--vmodule", "--log_backtrace_at",
                           "--log-backtrace-at"})
    app.add_option(name, no_effect)->group(group);
}

// main() runs doctor and lint, whose names come first on the command line. Here they are for --help and for
// completion scripts.
void add_commands(CLI::App& app) {
  CLI::App* doctor = app.add_subcommand("doctor", "Check what the broker needs, with the same flags");
  doctor->fallthrough();
  CLI::App* lint = app.add_subcommand("lint", "Check templates");
  for (CLI::App* command : {doctor, lint})
    command->callback([command] {
      const std::string& name = command->get_name();
      throw CLI::ValidationError(name, "comes before the flags: aws-servicebroker " + name + " …");
    });
  cli::add_completion(app);
}

}  // namespace

ParsedOptions parse_options(const std::string& name, int count, char** arguments) {
  ParsedOptions parsed;
  CLI::App app(
      "Offers AWS services over the Open Service Broker API 2.17, from CloudFormation templates.\nYou can "
      "also set each flag with the environment variable that is listed with it.\n`aws-servicebroker doctor`, "
      "with the same flags, checks what the broker needs and says what to fix.\n`aws-servicebroker lint "
      "TEMPLATE...` checks templates.",
      name);
  app.set_version_flag("--version", cli::version_line("aws-servicebroker"));

  add_serving(app, parsed.options);
  add_authentication(app, parsed.options);
  add_aws(app, parsed.options);
  add_broker(app, parsed.options);
  add_templates(app, parsed.options);
  add_logs(app, parsed.options);
  add_go_logs(app, parsed.options);
  if (name == "aws-servicebroker") add_commands(app);
  try {
    app.parse(with_two_dashes(app, count, arguments));
  } catch (const CLI::ParseError& error) {
    parsed.exit_code = app.exit(error);
  }
  constexpr int verbose_from = 5;
  if (parsed.options.verbosity >= verbose_from) parsed.options.log_level = "debug";
  return parsed;
}
