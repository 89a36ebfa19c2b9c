// From a kubeconfig over TLS to a server and back: what the other tests prove in parts.
#include <filesystem>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "async/task_group.hpp"
#include "core/file.hpp"
#include "core/random.hpp"
#include "kube/kubeconfig.hpp"
#include "net/server.hpp"
#include "testing/fake_kube_api.hpp"
#include "testing/run.hpp"

namespace kube {
namespace {

// The API in memory behind a real server. Every request has to come with this token or a client certificate.
class KubeServer {
 public:
  KubeServer(const boost::asio::any_io_executor& executor, const net::KeyPair& ca)
      : api(executor), tasks(executor) {
    const net::CertificateRequest request{
        .common_name = "api", .dns_names = {"kube.test"}, .ip_addresses = {"127.0.0.1"}, .server = true};
    const net::KeyPair certificate = net::make_certificate(ca, request).value();
    net::ServerOptions options;
    options.tls = net::ServerTls{.certificate_pem = certificate.certificate_pem,
                                 .key_pem = certificate.key_pem,
                                 .client_ca_pem = ca.certificate_pem};
    server = net::Server::listen(executor, std::move(options), [this](const net::Request& request_in) {
               return serve(request_in);
             }).value();
    tasks.spawn("server", server->run());
  }

  async::Task<net::Response> serve(const net::Request& request) {
    user = request.peer.certificate ? request.peer.certificate->common_name
                                    : std::string(request.headers.get("Authorization"));
    net::Response response;
    if (request.target.find("watch=true") == std::string::npos) {
      core::Result<net::Reply> reply = co_await api.send(request, {});
      response.status = reply->status;
      response.body = std::move(reply->body);
      co_return response;
    }
    core::Result<net::IncomingReply> reply = co_await api.open(request, {});
    std::shared_ptr<net::IncomingBody> body = std::move(reply->body);
    response.body = net::BodyStream([body](net::BodyWriter& writer) { return copy(body, writer); });
    co_return response;
  }
  static async::Task<> copy(std::shared_ptr<net::IncomingBody> body, net::BodyWriter& writer) {
    while (true) {
      const core::Result<std::string> piece = co_await body->read_some();
      if (!piece || piece->empty()) co_return;
      if (!co_await writer.write(*piece)) co_return;
    }
  }

  fakes::FakeKubeApi api;
  std::string user;
  async::TaskGroup tasks;
  std::unique_ptr<net::Server> server;
};

class ConnectionTest : public testing::Test {
 public:
  ConnectionTest()
      : folder_(std::filesystem::temp_directory_path() / ("connection-test-" + core::random_hex(8))) {
    std::filesystem::create_directories(folder_);
    write("ca.crt", ca_.certificate_pem);
  }
  ~ConnectionTest() override {
    server_.server->stop();
    server_.tasks.cancel();
    fakes::run(io_, server_.tasks.join());
    std::filesystem::remove_all(folder_);
  }

 protected:
  void write(const std::string& name, const std::string& text) const {
    ASSERT_TRUE(core::write_file((folder_ / name).string(), text));
  }
  core::Result<Connection> connect_as(const std::string& user, const std::string& cluster = {}) {
    write("config",
          "{current-context: c, contexts: [{name: c, context: {cluster: c, user: u, namespace: demo}}], "
          "clusters: [{name: c, "
          "cluster: {server: 'https://127.0.0.1:" +
              std::to_string(server_.server->port()) + "', certificate-authority: ca.crt" + cluster +
              "}}], users: [{name: u, user: {" + user + "}}]}");
    KubeconfigOptions options;
    options.path = (folder_ / "config").string();
    const core::Result<Config> config = load_kubeconfig(options);
    if (!config) return core::fail(config.error());
    return connect(io_.get_executor(), *config, "chandlery/test", std::chrono::seconds(5));
  }
  static json::object secret(std::string_view name) {
    return {{"metadata", {{"name", name}, {"namespace", "demo"}}}};
  }

  boost::asio::io_context io_;
  net::KeyPair ca_ = net::make_ca("test CA", std::chrono::days(1)).value();
  KubeServer server_{io_.get_executor(), ca_};
  std::filesystem::path folder_;
};

TEST_F(ConnectionTest, authenticates_by_token_or_client_certificate_over_tls) {
  auto by_token = connect_as("token: t0k3n");
  ASSERT_TRUE(by_token) << by_token.error().message;
  EXPECT_EQ(by_token->namespace_, "demo");
  ASSERT_TRUE(fakes::run(io_, by_token->client->create(resources::secrets, secret("a"))));
  EXPECT_EQ(server_.user, "Bearer t0k3n");

  const net::CertificateRequest request{.common_name = "kubernetes-admin", .client = true};
  const net::KeyPair certificate = net::make_certificate(ca_, request).value();
  write("client.crt", certificate.certificate_pem);
  write("client.key", certificate.key_pem);
  auto by_certificate =
      connect_as("client-certificate: client.crt, client-key: client.key", ", tls-server-name: kube.test");
  ASSERT_TRUE(by_certificate) << by_certificate.error().message;
  EXPECT_TRUE(fakes::run(io_, by_certificate->client->get(resources::secrets, {"demo", "a"})));
  EXPECT_EQ(server_.user, "kubernetes-admin");
}

TEST_F(ConnectionTest, follows_a_watch_as_it_comes) {
  auto connection = connect_as("token: t");
  ASSERT_TRUE(connection) << connection.error().message;
  WatchOptions options;
  options.resource_version = std::to_string(server_.api.version());
  auto watch = fakes::run(io_, connection->client->watch(resources::secrets, "demo", options));
  ASSERT_TRUE(watch) << watch.error().message;
  for (const char* name : {"a", "b"}) {
    server_.api.put("/api/v1/secrets", secret(name));
    const auto event = fakes::run(io_, (*watch)->next());
    ASSERT_TRUE(event) << event.error().message;
    EXPECT_EQ(name_of(event->value().object), name);
  }
  server_.api.end_watches();
  EXPECT_FALSE(fakes::run(io_, (*watch)->next()).value().has_value());
}

TEST_F(ConnectionTest, refuses_a_server_that_is_not_the_one_it_should_be) {
  auto wrong_name = connect_as("token: t", ", tls-server-name: another.test");
  const auto answer = fakes::run(io_, wrong_name->client->get(resources::secrets, {"demo", "a"}));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, core::ErrorKind::unavailable) << answer.error().message;

  write("ca.crt", net::make_ca("another CA", std::chrono::days(1)).value().certificate_pem);
  auto wrong_ca = connect_as("token: t");
  EXPECT_EQ(fakes::run(io_, wrong_ca->client->get(resources::secrets, {"demo", "a"})).error().kind,
            core::ErrorKind::unavailable);
}

}  // namespace
}  // namespace kube
