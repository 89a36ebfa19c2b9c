// The broker's flags. Names of the Go broker go on working, with one dash too.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct Options {
  // Serving
  std::string address = "0.0.0.0";
  std::uint16_t port = 3199;
  bool insecure = false;
  std::string tls_cert_file, tls_key_file;
  std::string tls_cert, tls_key;  // base64 of the PEM texts, as the Go broker took them
  // Authentication
  bool basic_auth = false;
  std::string basic_auth_user, basic_auth_password;
  std::string basic_auth_file;
  std::string client_ca_file;
  std::vector<std::string> client_names;
  bool token_review = false;
  std::vector<std::string> token_audiences, token_users, token_groups;
  std::string kubeconfig;
  // AWS
  std::string region;
  std::string access_key_id, secret_access_key, profile;
  // Broker
  std::string broker_id = "awsservicebroker";
  std::string store;       // "sqlite:PATH" | "dynamodb:TABLE"; "" for sqlite under the data folder
  std::string table_name;  // the Go broker's way to say dynamodb:TABLE
  std::string data_dir;
  std::string encryption_key;  // "file:PATH" | "kms:KEY"
  std::string encryption_key_file;
  bool prescribe_overrides = false;
  std::string binding_credentials = "per-binding";
  std::string binding_lifetime;  // "90d"; "" for bindings without an end
  std::string role_bindings;     // a file; "" for none
  // Templates
  std::string template_folder;
  std::string s3_bucket, s3_key = "templates/latest/", s3_region = "us-east-1";
  std::string template_filter = "-main.yaml", classes;
  // Logs
  std::string log_format = "text", log_level = "info";
  int verbosity = 0;  // of the Go broker's logs
};

// Exits where the flags are wrong or --help is asked for: then the value is the exit code.
struct ParsedOptions {
  Options options;
  int exit_code = -1;  // ≥ 0: end now
};
// `name`: "aws-servicebroker", or with a command that takes the same flags.
[[nodiscard]] ParsedOptions parse_options(const std::string& name, int count, char** arguments);
