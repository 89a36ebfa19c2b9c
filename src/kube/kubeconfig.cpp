#include "kube/kubeconfig.hpp"

#include <cstdlib>
#include <filesystem>

#include "core/file.hpp"
#include "core/hash.hpp"
#include "core/yaml.hpp"
#include "kube/exec_credential.hpp"
#include "kube/token_sources.hpp"

namespace kube {
namespace {

using core::ErrorKind;

// One file of KUBECONFIG. Relative paths in it are relative to its folder.
struct File {
  std::string path;
  json::object content;

  [[nodiscard]] std::string folder() const { return std::filesystem::path(path).parent_path().string(); }
};

// A named entry ("clusters[dev].cluster") with the file it stands in, which knows how to read its fields.
struct Entry {
  const File* file = nullptr;
  std::string where;  // "/home/me/.kube/config: clusters[dev].cluster"
  json::object fields;

  [[nodiscard]] std::unexpected<core::Error> refuse(std::string_view field, std::string_view why) const {
    std::string message = where;
    if (!field.empty()) message.append(".").append(field);
    return core::fail(ErrorKind::invalid, message.append(": ").append(why));
  }

  [[nodiscard]] core::Result<std::string> text(std::string_view field) const {
    const json::value* const value = fields.if_contains(field);
    if (value == nullptr || value->is_null()) return std::string();
    if (!value->is_string()) return refuse(field, "must be a string");
    return std::string(value->get_string());
  }

  [[nodiscard]] core::Result<bool> flag(std::string_view field) const {
    const json::value* const value = fields.if_contains(field);
    if (value == nullptr || value->is_null()) return false;
    if (!value->is_bool()) return refuse(field, "must be true or false");
    return value->get_bool();
  }

  [[nodiscard]] std::string resolved(const std::string& path) const {
    return (std::filesystem::path(file->folder()) / path).lexically_normal().string();
  }

  // The content of <field>-data (base64), or else of the file that <field> names.
  [[nodiscard]] core::Result<std::string> data_or_file(const std::string& field) const {
    const core::Result<std::string> data = text(field + "-data");
    if (!data) return data;
    if (!data->empty()) {
      core::Result<std::string> decoded = core::base64_decode(*data);
      if (!decoded) return refuse(field + "-data", "not valid base64");
      return decoded;
    }
    const core::Result<std::string> path = text(field);
    if (!path || path->empty()) return path;
    core::Result<std::string> content = core::read_file(resolved(*path));
    if (!content) return refuse(field, content.error().message);
    return content;
  }
};

std::string home_kubeconfig(const Environment& environment) {
  const std::optional<std::string> home = environment("HOME");
  return home && !home->empty() ? *home + "/.kube/config" : std::string();
}

std::vector<std::string> split_list(const std::string& paths) {
  std::vector<std::string> result;
  std::size_t begin = 0;
  while (begin <= paths.size()) {
    const std::size_t end = std::min(paths.find(':', begin), paths.size());
    if (end > begin) result.push_back(paths.substr(begin, end - begin));
    begin = end + 1;
  }
  return result;
}

core::Result<File> read_config_file(const std::string& path) {
  core::Result<std::string> text = core::read_file(path);
  if (!text) return core::fail(text.error().with_context("reading the kubeconfig"));
  core::Result<json::value> content = core::parse_yaml(*text);
  if (!content) return core::fail(content.error().with_context(path));
  if (content->is_null()) return File{.path = path, .content = {}};
  if (!content->is_object())
    return core::fail(ErrorKind::invalid, path + ": is not a kubeconfig: must be a mapping");
  if (const std::string_view kind = core::find_string(*content, {"kind"});
      !kind.empty() && kind != "Config") {
    return core::fail(ErrorKind::invalid, path + ": kind: must be Config, not " + std::string(kind));
  }
  return File{.path = path, .content = std::move(content->get_object())};
}

core::Result<std::vector<File>> read_config_files(const KubeconfigOptions& options) {
  std::vector<std::string> paths;
  const std::string from_environment = options.environment("KUBECONFIG").value_or("");
  if (!options.path.empty()) {
    paths = {options.path};
  } else if (!from_environment.empty()) {
    paths = split_list(from_environment);
  } else if (std::string home = home_kubeconfig(options.environment); !home.empty()) {
    paths = {std::move(home)};
  }
  std::vector<File> files;
  std::string looked_for;
  for (const std::string& path : paths) {
    looked_for += (looked_for.empty() ? "" : ", ") + path;
    core::Result<File> file = read_config_file(path);
    if (!file && file.error().kind == ErrorKind::not_found) continue;
    if (!file) return core::fail(std::move(file.error()));
    files.push_back(std::move(*file));
  }
  if (files.empty()) {
    return core::fail(
        ErrorKind::not_found,
        "no kubeconfig found (looked for: " + (looked_for.empty() ? "nothing, HOME is not set" : looked_for) +
            "); use --kubeconfig or set KUBECONFIG");
  }
  return files;
}

// The first file that has an entry of this name wins.
core::Result<Entry> find_entry(const std::vector<File>& files, std::string_view list, std::string_view member,
                               const std::string& name, std::string_view named_by) {
  std::string known;
  for (const File& file : files) {
    const json::array* const entries = core::find_array(file.content, {list});
    if (entries == nullptr) continue;
    for (const json::value& entry : *entries) {
      const std::string_view entry_name = core::find_string(entry, {"name"});
      if (entry_name != name) {
        known += (known.empty() ? "" : ", ") + std::string(entry_name);
        continue;
      }
      const std::string where =
          file.path + ": " + std::string(list) + "[" + name + "]." + std::string(member);
      const json::value* const fields = core::find(entry, {member});
      if (fields == nullptr || fields->is_null()) return Entry{.file = &file, .where = where, .fields = {}};
      if (!fields->is_object()) return core::fail(ErrorKind::invalid, where + ": must be a mapping");
      return Entry{.file = &file, .where = where, .fields = fields->get_object()};
    }
  }
  return core::fail(ErrorKind::invalid, files.front().path + ": " + std::string(list) + ": no " +
                                            std::string(member) + " named \"" + name + "\", which " +
                                            std::string(named_by) +
                                            " asks for (there is: " + (known.empty() ? "none" : known) + ")");
}

core::Result<std::string> current_context(const std::vector<File>& files, const std::string& wanted) {
  if (!wanted.empty()) return wanted;
  for (const File& file : files) {
    if (const std::string_view name = core::find_string(file.content, {"current-context"}); !name.empty())
      return std::string(name);
  }
  return core::fail(
      ErrorKind::invalid,
      files.front().path +
          ": current-context: is not set; use --context or run `kubectl config use-context NAME`");
}

core::Result<> apply_cluster(const Entry& cluster, Config& config) {
  const core::Result<std::string> server = cluster.text("server");
  if (!server) return core::fail(server.error());
  if (server->empty()) return cluster.refuse("server", "is missing");
  core::Result<net::Url> url = net::Url::parse(*server);
  if (!url) return cluster.refuse("server", url.error().message);
  config.server = std::move(*url);

  const core::Result<std::string> proxy = cluster.text("proxy-url");
  if (!proxy) return core::fail(proxy.error());
  if (!proxy->empty())
    return cluster.refuse("proxy-url",
                          "proxies are not supported; remove the field and reach the server directly");

  core::Result<std::string> authority = cluster.data_or_file("certificate-authority");
  core::Result<bool> insecure = cluster.flag("insecure-skip-tls-verify");
  core::Result<std::string> server_name = cluster.text("tls-server-name");
  if (!authority) return core::fail(std::move(authority.error()));
  if (!insecure) return core::fail(std::move(insecure.error()));
  if (!server_name) return core::fail(std::move(server_name.error()));
  if (*insecure && !authority->empty()) {
    return cluster.refuse("insecure-skip-tls-verify",
                          "true and a certificate-authority cannot be used together; remove one of them");
  }
  config.tls.ca_pem = std::move(*authority);
  config.tls.insecure_skip_verify = *insecure;
  config.tls.server_name = std::move(*server_name);
  return {};
}

core::Result<> apply_certificate(const Entry& user, Config& config) {
  core::Result<std::string> certificate = user.data_or_file("client-certificate");
  core::Result<std::string> key = user.data_or_file("client-key");
  if (!certificate) return core::fail(std::move(certificate.error()));
  if (!key) return core::fail(std::move(key.error()));
  if (certificate->empty() != key->empty()) {
    return user.refuse(certificate->empty() ? "client-certificate" : "client-key",
                       certificate->empty() ? "is missing, but there is a client-key"
                                            : "is missing, but there is a client-certificate");
  }
  config.tls.certificate_pem = std::move(*certificate);
  config.tls.key_pem = std::move(*key);
  return {};
}

core::Result<> apply_exec(const Entry& user, Config& config) {
  const json::object* const exec = core::find_object(user.fields, {"exec"});
  if (exec == nullptr) return user.refuse("exec", "must be a mapping");
  core::Result<ExecCredential> credential = run_credential_plugin(*exec, user.file->folder());
  if (!credential) return core::fail(credential.error().with_context(user.where));
  if (!credential->certificate_pem.empty()) {
    config.tls.certificate_pem = credential->certificate_pem;
    config.tls.key_pem = credential->key_pem;
  }
  if (!credential->token.empty()) {
    config.token_source = token_from_plugin(*exec, user.file->folder(), std::move(*credential));
  }
  return {};
}

core::Result<> apply_user(const Entry& user, Config& config) {
  for (const std::string_view unsupported : {"auth-provider", "as", "as-uid", "as-groups", "as-user-extra"}) {
    if (user.fields.contains(unsupported)) {
      return user.refuse(unsupported, unsupported == "auth-provider" ? "is not supported; use an exec plugin"
                                                                     : "impersonation is not supported");
    }
  }
  if (core::Result<> done = apply_certificate(user, config); !done) return done;

  const core::Result<std::string> token = user.text("token");
  const core::Result<std::string> token_file = user.text("tokenFile");
  const core::Result<std::string> username = user.text("username");
  const core::Result<std::string> password = user.text("password");
  for (const auto* field : {&token, &token_file, &username, &password}) {
    if (!*field) return core::fail(field->error());
  }
  if ((!token->empty() || !token_file->empty()) && !username->empty()) {
    return user.refuse("username",
                       "basic authentication and a token cannot be used together; remove one of them");
  }
  if (!token_file->empty()) {
    const std::string path = user.resolved(*token_file);
    if (core::Result<std::string> content = core::read_file(path); !content)
      return user.refuse("tokenFile", content.error().message);
    config.token_source = token_from_file(path);
  } else if (!token->empty()) {
    config.token_source = constant_authorization("Bearer " + *token);
  } else if (!username->empty()) {
    config.token_source = constant_authorization("Basic " + core::base64_encode(*username + ":" + *password));
  } else if (user.fields.contains("exec")) {
    return apply_exec(user, config);
  }
  return {};
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    // The environment is read at start-up, before there is a second thread.
    const char* const value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
  };
}

core::Result<Config> load_kubeconfig(const KubeconfigOptions& options) {
  const core::Result<std::vector<File>> files = read_config_files(options);
  if (!files) return core::fail(files.error());
  core::Result<std::string> context_name = current_context(*files, options.context);
  if (!context_name) return core::fail(std::move(context_name.error()));
  const core::Result<Entry> context = find_entry(*files, "contexts", "context", *context_name,
                                                 options.context.empty() ? "current-context" : "--context");
  if (!context) return core::fail(context.error());

  Config config;
  config.context = std::move(*context_name);
  const core::Result<std::string> cluster_name =
      options.cluster.empty() ? context->text("cluster") : options.cluster;
  const core::Result<std::string> user_name = options.user.empty() ? context->text("user") : options.user;
  const core::Result<std::string> namespace_ = context->text("namespace");
  for (const auto* field : {&cluster_name, &user_name, &namespace_}) {
    if (!*field) return core::fail(field->error());
  }
  if (!namespace_->empty()) config.namespace_ = *namespace_;
  if (cluster_name->empty()) return context->refuse("cluster", "is missing");
  const core::Result<Entry> cluster =
      find_entry(*files, "clusters", "cluster", *cluster_name, context->where + ".cluster");
  if (!cluster) return core::fail(cluster.error());
  if (core::Result<> done = apply_cluster(*cluster, config); !done)
    return core::fail(std::move(done.error()));
  if (user_name->empty()) return config;  // anonymous
  const core::Result<Entry> user = find_entry(*files, "users", "user", *user_name, context->where + ".user");
  if (!user) return core::fail(user.error());
  if (core::Result<> done = apply_user(*user, config); !done) return core::fail(std::move(done.error()));
  return config;
}

core::Result<Config> in_cluster_config(const Environment& environment, const std::string& folder) {
  const std::string host = environment("KUBERNETES_SERVICE_HOST").value_or("");
  const std::string port = environment("KUBERNETES_SERVICE_PORT").value_or("");
  if (host.empty() || port.empty()) {
    return core::fail(ErrorKind::not_found,
                      "not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set");
  }
  const std::string authority = host.contains(':') ? "[" + host + "]:" + port : host + ":" + port;
  core::Result<net::Url> url = net::Url::parse("https://" + authority);
  if (!url) return core::fail(url.error().with_context("KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT"));
  core::Result<std::string> authority_pem = core::read_file(folder + "/ca.crt");
  if (!authority_pem) return core::fail(authority_pem.error().with_context("in-cluster configuration"));
  if (core::Result<std::string> token = core::read_file(folder + "/token"); !token) {
    return core::fail(token.error().with_context("in-cluster configuration"));
  }
  Config config;
  config.server = std::move(*url);
  config.tls.ca_pem = std::move(*authority_pem);
  config.token_source = token_from_file(folder + "/token");
  if (core::Result<std::string> name = core::read_file(folder + "/namespace"); name && !name->empty()) {
    config.namespace_ = *name;
  }
  return config;
}

core::Result<Config> load_config(const KubeconfigOptions& options) {
  const bool named = !options.path.empty() || !options.environment("KUBECONFIG").value_or("").empty();
  if (!named) {
    core::Result<Config> in_cluster = in_cluster_config(options.environment);
    if (in_cluster || in_cluster.error().kind != ErrorKind::not_found) return in_cluster;
  }
  return load_kubeconfig(options);
}

}  // namespace kube
