#include "kube/kubeconfig.hpp"

#include <filesystem>
#include <map>

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/hash.hpp"
#include "core/random.hpp"
#include "kube/token_sources.hpp"

namespace kube {
namespace {

class Kubeconfig : public testing::Test {
 public:
  Kubeconfig()
      : folder_(std::filesystem::temp_directory_path() / ("kubeconfig-test-" + core::random_hex(8))) {
    std::filesystem::create_directories(folder_);
  }
  ~Kubeconfig() override { std::filesystem::remove_all(folder_); }

 protected:
  std::string write(const std::string& name, const std::string& content, unsigned mode = 0600) {
    const std::string path = (folder_ / name).string();
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    EXPECT_TRUE(core::write_file(path, content, mode));
    return path;
  }

  // A complete file whose cluster and user have these further lines.
  static std::string config(const std::string& cluster, const std::string& user) {
    return "apiVersion: v1\nkind: Config\ncurrent-context: dev\n"
           "contexts: [{name: dev, context: {cluster: c, user: u, namespace: team}}]\n"
           "clusters: [{name: c, cluster: {" +
           cluster +
           "}}]\n"
           "users: [{name: u, user: {" +
           user + "}}]\n";
  }

  core::Result<Config> load(const std::string& text) {
    KubeconfigOptions options;
    options.path = write("config", text);
    options.environment = environment_of({});
    return load_kubeconfig(options);
  }

  static Environment environment_of(std::map<std::string, std::string> variables) {
    return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
  }

  std::filesystem::path folder_;
};

TEST_F(Kubeconfig, gives_server_namespace_certificates_and_token) {
  write("ca.pem", "CA");
  const auto loaded = load(
      config("server: 'https://host:6443/k8s/', certificate-authority: ca.pem, tls-server-name: kube.local",
             "client-certificate-data: Q0VSVA==, client-key-data: S0VZ, token: t0k3n"));
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->server.host, "host");
  EXPECT_EQ(loaded->server.port, 6443);
  EXPECT_EQ(loaded->server.path, "/k8s");
  EXPECT_EQ(loaded->namespace_, "team");
  EXPECT_EQ(loaded->context, "dev");
  EXPECT_EQ(loaded->tls.ca_pem, "CA");
  EXPECT_EQ(loaded->tls.certificate_pem, "CERT");
  EXPECT_EQ(loaded->tls.key_pem, "KEY");
  EXPECT_EQ(loaded->tls.server_name, "kube.local");
  EXPECT_EQ(loaded->token_source().value(), "Bearer t0k3n");
}

TEST_F(Kubeconfig, knows_each_way_to_say_who_one_is) {
  write("token", "from-file\n");
  const std::vector<std::pair<std::string, std::string>> cases{
      {"token: abc", "Bearer abc"},
      {"tokenFile: token", "Bearer from-file"},
      {"tokenFile: token, token: abc", "Bearer from-file"},
      {"username: me, password: pw", "Basic bWU6cHc="},
  };
  for (const auto& [user, authorization] : cases) {
    const auto loaded = load(config("server: 'https://host'", user));
    ASSERT_TRUE(loaded) << user << ": " << loaded.error().message;
    EXPECT_EQ(loaded->token_source().value(), authorization) << user;
  }
  EXPECT_FALSE(load(config("server: 'https://host'", "")).value().token_source);
  EXPECT_TRUE(load(config("server: 'https://host', insecure-skip-tls-verify: true", ""))
                  .value()
                  .tls.insecure_skip_verify);
}

TEST_F(Kubeconfig, names_the_file_and_the_field_that_is_wrong) {
  struct Case {
    std::string cluster, user, complaint;
  };
  const std::string https = "server: 'https://host'";
  const std::vector<Case> cases{
      {"", "", "clusters[c].cluster.server: is missing"},
      {"server: 'ftp://host'", "", "clusters[c].cluster.server: "},
      {"server: 3", "", "clusters[c].cluster.server: must be a string"},
      {https + ", certificate-authority-data: '***'", "", "certificate-authority-data: not valid base64"},
      {https + ", certificate-authority: nowhere.pem", "", "clusters[c].cluster.certificate-authority: "},
      {https + ", proxy-url: 'http://proxy'", "", "proxy-url: proxies are not supported"},
      {https + ", insecure-skip-tls-verify: 'yes'", "", "insecure-skip-tls-verify: must be true or false"},
      {https + ", insecure-skip-tls-verify: true, certificate-authority-data: Q0E=", "",
       "cannot be used together"},
      {https, "client-certificate-data: Q0VSVA==", "users[u].user.client-key: is missing"},
      {https, "client-key-data: Q0VSVA==", "users[u].user.client-certificate: is missing"},
      {https, "tokenFile: nowhere", "users[u].user.tokenFile: "},
      {https, "token: a, username: b", "cannot be used together"},
      {https, "auth-provider: {name: gcp}", "users[u].user.auth-provider: is not supported"},
      {https, "as: root", "users[u].user.as: impersonation is not supported"},
      {https, "exec: 3", "users[u].user.exec: must be a mapping"},
      {https, "exec: {command: x}", "exec.apiVersion"},
      {https, "exec: {apiVersion: client.authentication.k8s.io/v1}", "exec.command is missing"},
      {https, "exec: {apiVersion: client.authentication.k8s.io/v1, command: ./nowhere}", "cannot be run"},
  };
  for (const Case& test : cases) {
    const auto loaded = load(config(test.cluster, test.user));
    ASSERT_FALSE(loaded) << test.complaint;
    EXPECT_NE(loaded.error().message.find(test.complaint), std::string::npos) << loaded.error().message;
    EXPECT_NE(loaded.error().message.find((folder_ / "config").string()), std::string::npos)
        << loaded.error().message;
  }
}

TEST_F(Kubeconfig, tells_what_there_is_when_a_name_is_unknown) {
  KubeconfigOptions options;
  options.environment = environment_of({});
  options.path = write("config", config("server: 'https://host'", ""));
  options.context = "prod";
  EXPECT_NE(load_kubeconfig(options).error().message.find(
                "no context named \"prod\", which --context asks for (there is: dev)"),
            std::string::npos)
      << load_kubeconfig(options).error().message;
  options.context.clear();
  options.user = "nobody";
  EXPECT_NE(load_kubeconfig(options).error().message.find("no user named \"nobody\""), std::string::npos);
  options.path = write("empty", "");
  EXPECT_NE(load_kubeconfig(options).error().message.find("current-context: is not set"), std::string::npos);
  options.path = write("broken", "{");
  EXPECT_EQ(load_kubeconfig(options).error().kind, core::ErrorKind::invalid);
  options.path = (folder_ / "nowhere").string();
  EXPECT_EQ(load_kubeconfig(options).error().kind, core::ErrorKind::not_found);
}

TEST_F(Kubeconfig, merges_the_files_of_the_environment_where_the_first_to_say_something_wins) {
  const std::string first =
      write("one/config", "current-context: dev\nusers: [{name: u, user: {tokenFile: token}}]\n");
  write("one/token", "first");
  const std::string second = write("two", config("server: 'https://host'", "token: second"));
  KubeconfigOptions options;
  options.environment =
      environment_of({{"KUBECONFIG", first + "::" + (folder_ / "nowhere").string() + ":" + second}});
  const auto loaded = load_kubeconfig(options);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->server.host, "host");
  EXPECT_EQ(loaded->token_source().value(), "Bearer first");
}

TEST_F(Kubeconfig, is_looked_for_in_the_home_folder) {
  write(".kube/config", config("server: 'https://home'", ""));
  KubeconfigOptions options;
  options.environment = environment_of({{"HOME", folder_.string()}});
  EXPECT_EQ(load_config(options).value().server.host, "home");
}

TEST_F(Kubeconfig, asks_a_credential_plugin) {
  const auto plugin = [&](const std::string& script) {
    write("plugin", "#!/bin/sh\n" + script, 0700);
    return load(config("server: 'https://host'",
                       "exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, args: [a1], "
                       "env: [{name: N, value: v}]}"));
  };
  const auto token = plugin(
      R"(echo "{\"kind\": \"ExecCredential\", \"status\": {\"token\": \"$1-$N\", \"info\": $KUBERNETES_EXEC_INFO}}")");
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->token_source().value(), "Bearer a1-v");

  const auto certificate = plugin(
      R"(echo '{"kind": "ExecCredential", "status": {"clientCertificateData": "CERT", "clientKeyData": "KEY"}}')");
  ASSERT_TRUE(certificate) << certificate.error().message;
  EXPECT_EQ(certificate->tls.certificate_pem, "CERT");
  EXPECT_FALSE(certificate->token_source);

  EXPECT_NE(plugin("exit 3").error().message.find("failed (exit status 3)"), std::string::npos);
  EXPECT_NE(plugin("echo secret").error().message.find("printed no ExecCredential"), std::string::npos);
  EXPECT_EQ(plugin("echo secret").error().message.find("secret"), std::string::npos);
}

TEST_F(Kubeconfig, takes_a_new_token_from_the_plugin_before_the_old_one_expires) {
  write("plugin",
        "#!/bin/sh\ncd \"${0%/*}\"\necho x >> calls\n"
        "echo \"{\\\"kind\\\": \\\"ExecCredential\\\", \\\"status\\\": {\\\"token\\\": \\\"t$(wc -l < calls "
        "| tr -d ' ')\\\", "
        "\\\"expirationTimestamp\\\": \\\"2020-01-01T00:00:00Z\\\"}}\"\n",
        0700);
  const auto loaded =
      load(config("server: 'https://host'",
                  "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ./plugin}"));
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->token_source().value(), "Bearer t2");
  EXPECT_EQ(loaded->token_source().value(), "Bearer t3");
}

TEST_F(Kubeconfig, in_a_cluster_is_the_service_account) {
  const Environment environment =
      environment_of({{"KUBERNETES_SERVICE_HOST", "fd00::1"}, {"KUBERNETES_SERVICE_PORT", "443"}});
  EXPECT_EQ(in_cluster_config(environment, folder_.string()).error().kind, core::ErrorKind::not_found);
  write("ca.crt", "CA");
  write("token", "abc");
  write("namespace", "catalog");
  const auto config = in_cluster_config(environment, folder_.string());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->server.host, "fd00::1");
  EXPECT_EQ(config->namespace_, "catalog");
  EXPECT_EQ(config->tls.ca_pem, "CA");
  EXPECT_EQ(config->token_source().value(), "Bearer abc");
  EXPECT_EQ(in_cluster_config(environment_of({})).error().kind, core::ErrorKind::not_found);
}

TEST_F(Kubeconfig, reads_a_token_file_again_after_a_minute_and_keeps_the_last_token_when_it_cannot) {
  std::chrono::steady_clock::time_point now;
  const std::string path = write("token", "one");
  const Client::TokenSource source = token_from_file(path, [&now] { return now; });
  EXPECT_EQ(source().value(), "Bearer one");
  write("token", "two");
  EXPECT_EQ(source().value(), "Bearer one");
  now += std::chrono::seconds(61);
  EXPECT_EQ(source().value(), "Bearer two");
  std::filesystem::remove(path);
  now += std::chrono::seconds(61);
  EXPECT_EQ(source().value(), "Bearer two");
  EXPECT_FALSE(token_from_file(path)());
}

}  // namespace
}  // namespace kube
