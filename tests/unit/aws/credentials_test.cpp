// Where access keys come from, with the endpoints played by servers on loopback.
#include <cstdlib>
#include <filesystem>
#include <map>

#include <gtest/gtest.h>

#include "async/blocking_pool.hpp"
#include "async/task_group.hpp"
#include "aws/credentials/chain.hpp"
#include "aws/credentials/environment.hpp"
#include "aws/credentials/metadata.hpp"
#include "aws/credentials/profile.hpp"
#include "aws/credentials/refreshing.hpp"
#include "aws/credentials/shared_files.hpp"
#include "aws/credentials/web_identity.hpp"
#include "core/file.hpp"
#include "core/random.hpp"
#include "net/in_process_transport.hpp"
#include "net/server.hpp"
#include "testing/manual_clock.hpp"
#include "testing/run.hpp"

namespace aws {
namespace {

constexpr const char* assumed_role = R"(<AssumeRoleResponse><AssumeRoleResult><Credentials>
  <AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>role-secret</SecretAccessKey><SessionToken>role-token</SessionToken>
  <Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>)";

class Credentials : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "/credentials-" + core::random_hex(6);
    std::filesystem::create_directory(folder_);
    variables_["HOME"] = folder_;
    variables_["AWS_EC2_METADATA_DISABLED"] = "true";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, std::string_view text) {
    std::filesystem::create_directories(folder_ + "/.aws");
    ASSERT_TRUE(core::write_file(folder_ + "/.aws/" + name, text));
  }
  Environment environment() {
    return [this](const std::string& name) {
      return variables_.contains(name) ? variables_.at(name) : std::string();
    };
  }
  // STS is played by `sts`, which sees every request.
  SessionOptions base(net::Handler sts) {
    SessionOptions options;
    options.region = "eu-west-1";
    options.clock = &clock_;
    options.environment = environment();
    options.transports = [this, sts](const Endpoint&) -> core::Result<std::unique_ptr<net::Transport>> {
      return std::make_unique<net::InProcessTransport>(io_.get_executor(), sts);
    };
    return options;
  }
  core::Result<Identity> profile(std::string name, net::Handler sts = {}) {
    ProfileCredentials provider(
        {.profile = std::move(name), .must_exist = true, .base = base(std::move(sts)), .pool = &pool_});
    return fakes::run(io_, provider.get());
  }
  // Asks the provider while a server on loopback answers.
  core::Result<Identity> with_server(
      net::Handler handler,
      const std::function<std::unique_ptr<CredentialsProvider>(const std::string& url)>& make) {
    auto server = net::Server::listen(io_.get_executor(), {}, std::move(handler));
    EXPECT_TRUE(server);
    const std::string url = "http://127.0.0.1:" + std::to_string((*server)->port());
    const auto provider = make(url);
    async::TaskGroup tasks(io_.get_executor());
    tasks.spawn("server", (*server)->run());
    auto identity = fakes::run(io_, provider->get());
    (*server)->stop();
    tasks.cancel();
    fakes::run(io_, tasks.join());
    return identity;
  }

  boost::asio::io_context io_;
  async::BlockingPool pool_{1};
  fakes::ManualClock clock_{io_.get_executor()};
  std::string folder_;
  std::map<std::string, std::string> variables_;
};

std::string key_of(const core::Result<Identity>& identity) {
  return identity
             ? identity->access_key_id + "/" + identity->secret_access_key + "/" + identity->session_token
             : "error: " + identity.error().message;
}

net::Response json(std::string body, int status = 200) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

TEST_F(Credentials, of_the_environment) {
  EnvironmentCredentials provider(environment());
  EXPECT_EQ(fakes::run(io_, provider.get()).error().kind, core::ErrorKind::not_found);
  variables_["AWS_ACCESS_KEY_ID"] = "AKIA";
  const auto half = fakes::run(io_, provider.get());
  ASSERT_FALSE(half);
  EXPECT_NE(half.error().kind, core::ErrorKind::not_found) << "half of a pair is a mistake to be told";
  variables_["AWS_SECRET_ACCESS_KEY"] = "s";
  variables_["AWS_SESSION_TOKEN"] = "t";
  EXPECT_EQ(key_of(fakes::run(io_, provider.get())), "AKIA/s/t");
}

TEST_F(Credentials, of_shared_files) {
  write("config",
        "# a comment\n[default]\nregion = x\n[profile dev]\naws_access_key_id = "
        "CONFIG\naws_secret_access_key = c\ns3 =\n  max = 3\n");
  write("credentials",
        "[dev]\naws_access_key_id=AKIDEV\naws_secret_access_key = dev/secret=\n; "
        "more\n[other]\naws_access_key_id=AKIOTHER\naws_secret_access_key=o\naws_session_token=ot\n");
  EXPECT_EQ(key_of(profile("dev")), "AKIDEV/dev/secret=/") << "the credentials file wins";
  EXPECT_EQ(key_of(profile("other")), "AKIOTHER/o/ot");
  const auto missing = profile("nobody");
  ASSERT_FALSE(missing);
  EXPECT_TRUE(missing.error().message.contains("nobody")) << missing.error().message;
}

TEST_F(Credentials, of_a_broken_file_are_refused_with_the_line) {
  const auto broken = parse_shared_file("[default]\naws_access_key_id = a\nnonsense\n", true);
  ASSERT_FALSE(broken);
  EXPECT_TRUE(broken.error().message.contains("3")) << broken.error().message;
  EXPECT_FALSE(parse_shared_file("[default\n", true));
}

TEST_F(Credentials, of_a_process_that_fails_name_the_profile) {
  write("config", "[profile broken]\ncredential_process = sh -c 'echo no; exit 3'\n");
  const auto broken = profile("broken");
  ASSERT_FALSE(broken);
  EXPECT_TRUE(broken.error().message.contains("broken")) << broken.error().message;
}

TEST_F(Credentials, of_a_process_s_answer) {
  ASSERT_TRUE(core::write_file(folder_ + "/tool",
                               "#!/bin/sh\necho "
                               "'{\"Version\":1,\"AccessKeyId\":\"AKIPROC\",\"SecretAccessKey\":\"p\","
                               "\"SessionToken\":\"pt\",\"Expiration\":\"2030-01-01T00:00:00Z\"}'\n",
                               0700));
  write("config", "[profile tool]\ncredential_process = " + folder_ + "/tool\n");
  EXPECT_EQ(key_of(profile("tool")), "AKIPROC/p/pt");
}

TEST_F(Credentials, of_a_role_are_taken_with_the_source_profile_s_keys) {
  write("config",
        "[profile role]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = dev\nexternal_id = x1\n[profile "
        "loop]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = loop2\n[profile loop2]\nrole_arn = "
        "arn:aws:iam::1:role/r\nsource_profile = loop\n");
  write("credentials", "[dev]\naws_access_key_id = AKIDEV\naws_secret_access_key = d\n");
  std::string signed_by;
  std::string asked;
  const auto identity = profile("role", [&](const net::Request& request) -> async::Task<net::Response> {
    signed_by = request.headers.get("Authorization");
    asked = request.body;
    co_return net::Response{.status = 200, .headers = {}, .body = std::string(assumed_role)};
  });
  EXPECT_EQ(key_of(identity), "ASIAROLE/role-secret/role-token");
  EXPECT_TRUE(signed_by.contains("Credential=AKIDEV/")) << signed_by;
  EXPECT_TRUE(asked.contains("ExternalId=x1")) << asked;
  const auto loop = profile("loop");
  ASSERT_FALSE(loop);
  EXPECT_FALSE(loop.error().message.empty());
}

TEST_F(Credentials, of_a_web_identity) {
  ASSERT_TRUE(core::write_file(folder_ + "/token", "the-token"));
  std::string asked;
  net::Handler sts = [&](const net::Request& request) -> async::Task<net::Response> {
    asked = request.body;
    std::string answer(assumed_role);
    for (std::size_t at = 0; (at = answer.find("AssumeRole", at)) != std::string::npos; at += 20)
      answer.insert(at + 10, "WithWebIdentity");
    co_return net::Response{.status = 200, .headers = {}, .body = std::move(answer)};
  };
  WebIdentityCredentials unset(base(sts));
  EXPECT_EQ(fakes::run(io_, unset.get()).error().kind, core::ErrorKind::not_found);
  variables_["AWS_WEB_IDENTITY_TOKEN_FILE"] = folder_ + "/token";
  variables_["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/web";
  WebIdentityCredentials provider(base(sts));
  EXPECT_EQ(key_of(fakes::run(io_, provider.get())), "ASIAROLE/role-secret/role-token");
  EXPECT_TRUE(asked.contains("WebIdentityToken=the-token")) << asked;
}

TEST_F(Credentials, of_a_container) {
  std::string authorization;
  const auto identity = with_server(
      [&](const net::Request& request) -> async::Task<net::Response> {
        authorization = request.headers.get("Authorization");
        co_return json(
            R"({"AccessKeyId":"ASIACONT","SecretAccessKey":"c","Token":"ct","Expiration":"2030-01-01T00:00:00Z"})");
      },
      [&](const std::string& url) {
        variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url + "/v1/credentials";
        variables_["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "pod-token";
        return std::make_unique<ContainerCredentials>(io_.get_executor(), environment());
      });
  EXPECT_EQ(key_of(identity), "ASIACONT/c/ct");
  EXPECT_EQ(authorization, "pod-token");
}

TEST_F(Credentials, are_never_asked_for_at_a_strange_host) {
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://example.com/credentials";
  ContainerCredentials provider(io_.get_executor(), environment());
  const auto refused = fakes::run(io_, provider.get());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().kind, core::ErrorKind::not_found);
  EXPECT_TRUE(refused.error().message.contains("example.com")) << refused.error().message;
}

TEST_F(Credentials, of_an_instance_are_asked_for_with_a_session_token) {
  const auto identity = with_server(
      [](const net::Request& request) -> async::Task<net::Response> {
        if (request.method == "PUT" && request.path() == "/latest/api/token")
          co_return net::Response{.status = 200, .headers = {}, .body = std::string("imds-token")};
        if (request.headers.get("X-aws-ec2-metadata-token") != "imds-token") co_return json("", 401);
        constexpr std::string_view roles = "/latest/meta-data/iam/security-credentials/";
        if (request.path() == roles)
          co_return net::Response{.status = 200, .headers = {}, .body = std::string("node-role")};
        co_return json(
            R"({"Code":"Success","AccessKeyId":"ASIANODE","SecretAccessKey":"n","Token":"nt","Expiration":"2030-01-01T00:00:00Z"})");
      },
      [&](const std::string& url) {
        variables_.erase("AWS_EC2_METADATA_DISABLED");
        variables_["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = url;
        return std::make_unique<InstanceCredentials>(io_.get_executor(), environment());
      });
  EXPECT_EQ(key_of(identity), "ASIANODE/n/nt");
}

// Counts how often it is asked; its keys expire after an hour.
class Hourly final : public CredentialsProvider {
 public:
  explicit Hourly(fakes::ManualClock& clock) : clock_(clock) {}
  [[nodiscard]] async::Task<core::Result<Identity>> get() override {
    ++asked;
    if (broken) co_return core::fail(core::ErrorKind::unavailable, "no answer");
    co_return Identity{.access_key_id = "K" + std::to_string(asked),
                       .secret_access_key = {},
                       .session_token = {},
                       .expires = clock_.system_now() + std::chrono::hours(1),
                       .source = {}};
  }
  int asked = 0;
  bool broken = false;

 private:
  fakes::ManualClock& clock_;
};

TEST_F(Credentials, are_renewed_before_they_expire) {
  const auto source = std::make_shared<Hourly>(clock_);
  RefreshingCredentials provider(source, clock_);
  const auto key = [&] { return fakes::run(io_, provider.get()).value_or(Identity{}).access_key_id; };
  EXPECT_EQ(key(), "K1");
  clock_.advance(std::chrono::minutes(54));
  EXPECT_EQ(key(), "K1");
  clock_.advance(std::chrono::minutes(2));
  EXPECT_EQ(key(), "K2");
  clock_.advance(std::chrono::minutes(58));
  source->broken = true;
  EXPECT_EQ(key(), "K2") << "still valid: goes on with it";
  clock_.advance(std::chrono::minutes(2));
  EXPECT_EQ(key(), "");
}

TEST_F(Credentials, of_nowhere_are_told_with_all_that_was_tried) {
  auto options = base({});
  const auto provider = make_credentials({}, io_.get_executor(), pool_, options);
  ASSERT_TRUE(provider);
  const auto identity = fakes::run(io_, (*provider)->get());
  ASSERT_FALSE(identity);
  for (const char* tried :
       {"AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", ".aws", "AWS_CONTAINER_CREDENTIALS"})
    EXPECT_TRUE(identity.error().message.contains(tried))
        << tried << " is not in: " << identity.error().message;
}

}  // namespace
}  // namespace aws
