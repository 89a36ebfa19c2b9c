// Both sides together, in process: what the client sends is what the broker is asked, and what the broker
// answers is what the client's caller gets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/hash.hpp"
#include "net/in_process_transport.hpp"
#include "osb/basic_authenticator.hpp"
#include "osb/client.hpp"
#include "osb/routes.hpp"
#include "testing/run.hpp"

namespace osb {
namespace {

using core::ErrorKind;
using testing::HasSubstr;

// Works asynchronously only; everything else is what a test sets.
class AsyncBroker final : public Broker {
 public:
  core::Result<std::shared_ptr<const CatalogDocument>> catalog() override {
    if (failure) return core::fail(*failure);
    return std::make_shared<const CatalogDocument>(catalog_text);
  }
  async::Task<core::Result<ProvisionResponse>> provision(const ProvisionRequest& request,
                                                         const CallContext& call) override {
    asked = "provision " + request.instance_id + " " + core::to_text(request.parameters);
    context = call;
    co_return accepted<ProvisionResponse>(
        request.accepts_incomplete, {.outcome = Outcome::in_progress, .operation = "p/1", .metadata = {}});
  }
  async::Task<core::Result<UpdateResponse>> update(const UpdateRequest& request,
                                                   const CallContext&) override {
    asked = "update " + request.instance_id + " " + request.plan_id.value_or("-");
    co_return accepted<UpdateResponse>(request.accepts_incomplete,
                                       {.outcome = Outcome::in_progress, .operation = "u/1", .metadata = {}});
  }
  async::Task<core::Result<DeprovisionResponse>> deprovision(const DeprovisionRequest& request,
                                                             const CallContext&) override {
    asked = "deprovision " + request.instance_id + " " + request.service_id + " " + request.plan_id;
    co_return accepted<DeprovisionResponse>(request.accepts_incomplete,
                                            {.outcome = Outcome::in_progress, .operation = "d/1"});
  }
  async::Task<core::Result<LastOperationResponse>> last_operation(const LastOperationRequest& request,
                                                                  const CallContext&) override {
    asked = "last_operation " + request.instance_id + " " + request.binding_id + " " + request.operation;
    co_return accepted<LastOperationResponse>(
        true, {.state = OperationState::failed, .description = "why", .instance_usable = false});
  }
  async::Task<core::Result<FetchInstanceResponse>> fetch_instance(const FetchInstanceRequest& request,
                                                                  const CallContext&) override {
    asked = "fetch_instance " + request.instance_id;
    FetchInstanceResponse response;
    response.plan_id = "p";
    response.parameters = json::object{{"size", 3}};
    co_return accepted<FetchInstanceResponse>(true, std::move(response));
  }
  async::Task<core::Result<BindResponse>> bind(const BindRequest& request, const CallContext&) override {
    asked = "bind " + request.instance_id + " " + request.binding_id + " " +
            request.predecessor_binding_id.value_or("-");
    BindResponse response;
    response.credentials = json::object{{"KEY", "value"}};
    co_return accepted<BindResponse>(true, std::move(response));
  }
  async::Task<core::Result<UnbindResponse>> unbind(const UnbindRequest& request,
                                                   const CallContext&) override {
    asked = "unbind " + request.instance_id + " " + request.binding_id;
    co_return accepted<UnbindResponse>(request.accepts_incomplete, {});
  }
  async::Task<core::Result<FetchBindingResponse>> fetch_binding(const FetchBindingRequest& request,
                                                                const CallContext&) override {
    asked = "fetch_binding " + request.instance_id + " " + request.binding_id;
    FetchBindingResponse response;
    response.credentials = json::object{{"KEY", "value"}};
    co_return accepted<FetchBindingResponse>(true, std::move(response));
  }

  std::string catalog_text = R"({"services":[]})";
  std::optional<core::Error> failure;
  std::string asked;
  CallContext context;

 private:
  template <class Response>
  core::Result<Response> accepted(bool accepts_incomplete, Response response) const {
    if (failure) return core::fail(*failure);
    if (!accepts_incomplete)
      return core::fail(ErrorKind::unprocessable, "It takes a while.", "AsyncRequired");
    return response;
  }
};

class ClientWithBroker : public testing::Test {
 protected:
  ClientWithBroker() {
    authentication_.add(std::make_unique<BasicAuthenticator>(std::vector{make_user("user", "pass")}));
    add_broker_routes(router_, broker_, authentication_);
  }

  template <class T>
  T run(async::Task<T> task) {
    return fakes::run(io_, std::move(task));
  }
  net::Response call(std::string method, std::string target, net::Headers headers = {}) {
    net::Request request{
        .method = std::move(method), .target = std::move(target), .headers = std::move(headers)};
    request.headers.set("X-Broker-API-Version", "2.17");
    if (!request.headers.find("Authorization"))
      request.headers.set("Authorization", "Basic " + core::base64_encode("user:pass"));
    return run(router_.route(request));
  }
  static ProvisionRequest provision_request(bool accepts_incomplete) {
    return {.instance_id = "i %/ü",
            .service_id = "s",
            .plan_id = "p",
            .organization_guid = "o",
            .space_guid = "n",
            .context = {},
            .parameters = json::object{{"ü", "\n"}},
            .maintenance_info = {},
            .accepts_incomplete = accepts_incomplete};
  }

  boost::asio::io_context io_;
  AsyncBroker broker_;
  Authentication authentication_;
  net::Router router_;
  net::InProcessTransport transport_{io_.get_executor(),
                                     [this](const net::Request& request) { return router_.route(request); }};
  Client client_{transport_, "", BasicCredentials{.username = "user", .password = "pass"}};
};

TEST_F(ClientWithBroker, hands_every_call_through) {
  const std::string id = "i?&#+=";
  EXPECT_EQ(run(client_.update({.instance_id = id,
                                .service_id = "s",
                                .plan_id = "q",
                                .context = {},
                                .parameters = {},
                                .previous_values = {},
                                .maintenance_info = {},
                                .accepts_incomplete = true},
                               {}))
                ->operation,
            "u/1");
  EXPECT_EQ(broker_.asked, "update " + id + " q");
  EXPECT_EQ(run(client_.deprovision(
                    {.instance_id = id, .service_id = "s+", .plan_id = "p&", .accepts_incomplete = true}, {}))
                ->operation,
            "d/1");
  EXPECT_EQ(broker_.asked, "deprovision " + id + " s+ p&");
  const auto polled = run(client_.last_operation(
      {.instance_id = id, .binding_id = "b ", .service_id = "s", .plan_id = "p", .operation = "o=&%"}, {}));
  EXPECT_FALSE(polled) << "a blank in an id is refused";
  const auto failed = run(client_.last_operation({.instance_id = id, .operation = "o=&% +"}, {}));
  ASSERT_TRUE(failed) << failed.error().message;
  EXPECT_EQ(broker_.asked, "last_operation " + id + "  o=&% +");
  EXPECT_EQ(failed->state, OperationState::failed);
  EXPECT_EQ(failed->instance_usable, false);
  EXPECT_EQ(core::to_text(run(client_.fetch_instance({.instance_id = id}, {}))->parameters), R"({"size":3})");
  BindRequest bind;
  bind.instance_id = id;
  bind.binding_id = "b";
  bind.predecessor_binding_id = "old";
  EXPECT_EQ(core::to_text(run(client_.bind(bind, {}))->credentials), R"({"KEY":"value"})");
  EXPECT_EQ(broker_.asked, "bind " + id + " b old");
  EXPECT_TRUE(run(client_.fetch_binding({.instance_id = id, .binding_id = "b"}, {})));
  EXPECT_EQ(broker_.asked, "fetch_binding " + id + " b");
  EXPECT_TRUE(run(client_.unbind(
      {.instance_id = id, .binding_id = "b", .service_id = "s", .plan_id = "p", .accepts_incomplete = true},
      {})));
  EXPECT_EQ(broker_.asked, "unbind " + id + " b");
}

TEST_F(ClientWithBroker, keeps_text_of_any_kind_as_it_is) {
  ProvisionRequest request = provision_request(true);
  request.instance_id = "üñ%2F-~.";
  ASSERT_TRUE(run(client_.provision(
      request, OriginatingIdentity{.platform = "kubernetes", .value = {{"username", "jörg"}}})));
  EXPECT_EQ(broker_.asked, "provision üñ%2F-~. {\"ü\":\"\\n\"}");
  ASSERT_TRUE(broker_.context.identity);
  EXPECT_EQ(core::find_string(broker_.context.identity->value, {"username"}), "jörg");
  EXPECT_EQ(broker_.context.minor_version, 17);
}

TEST_F(ClientWithBroker, learns_that_a_broker_works_asynchronously_only) {
  ProvisionRequest request = provision_request(false);
  request.instance_id = "i";
  const auto refused = run(client_.provision(request, {}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().http_status, 422);
  EXPECT_EQ(refused.error().code, "AsyncRequired");
  EXPECT_EQ(refused.error().message, "It takes a while.");
  request.accepts_incomplete = true;
  const auto accepted = run(client_.provision(request, {}));
  ASSERT_TRUE(accepted);
  EXPECT_EQ(accepted->outcome, Outcome::in_progress);
  EXPECT_EQ(accepted->operation, "p/1");
}

TEST_F(ClientWithBroker, refuses_ids_that_hide_a_path) {
  for (const char* id : {"a/b", "..", ".", "i %/ü"}) {
    ProvisionRequest request = provision_request(true);
    request.instance_id = id;
    const auto refused = run(client_.provision(request, {}));
    ASSERT_FALSE(refused) << id;
    EXPECT_EQ(refused.error().http_status, 400) << id;
  }
  EXPECT_EQ(broker_.asked, "");
}

TEST_F(ClientWithBroker, is_told_what_is_wrong_with_its_own_credentials_only) {
  Client stranger(transport_, "", BearerCredentials{.token = "t"});
  EXPECT_EQ(run(stranger.catalog()).error().kind, ErrorKind::unauthenticated);
  // What AWS says to the broker's own requests is no word about the platform's.
  for (const int status : {401, 403, 412}) {
    broker_.failure = core::Error{.kind = ErrorKind::unauthenticated,
                                  .message = "AWS: the token has expired",
                                  .code = "ExpiredToken",
                                  .http_status = status};
    const net::Response response = call("GET", "/v2/catalog");
    EXPECT_EQ(response.status, 500) << status;
    EXPECT_EQ(response.headers.find("WWW-Authenticate"), std::nullopt);
    EXPECT_EQ(run(client_.catalog()).error().kind, ErrorKind::unavailable);
  }
}

TEST_F(ClientWithBroker, is_told_its_request_s_identity_with_every_answer) {
  const net::Headers headers{{"X-Broker-API-Request-Identity", "r-1"}};
  const net::Headers stranger{{"X-Broker-API-Request-Identity", "r-1"}, {"Authorization", "Basic x"}};
  struct Case {
    const char* method;
    const char* target;
    const net::Headers& headers;
    int status;
  };
  for (const Case& each :
       {Case{"GET", "/v2/catalog", headers, 200}, Case{"GET", "/v2/catalog", stranger, 401},
        Case{"GET", "/v2/service_instances/i", headers, 200},
        Case{"DELETE", "/v2/service_instances/i", headers, 400},
        Case{"DELETE", "/v2/service_instances/i?service_id=s&plan_id=p", headers, 422}}) {
    const net::Response response = call(each.method, each.target, each.headers);
    EXPECT_EQ(response.status, each.status) << each.target;
    EXPECT_EQ(response.headers.get("X-Broker-API-Request-Identity"), "r-1") << each.target;
  }
  EXPECT_EQ(call("GET", "/v2/catalog").headers.find("X-Broker-API-Request-Identity"), std::nullopt);
}

TEST_F(ClientWithBroker, gets_a_catalog_that_has_not_changed_without_its_body) {
  const std::string etag(call("GET", "/v2/catalog").headers.get("ETag"));
  net::Response response = call("GET", "/v2/catalog", {{"If-None-Match", etag}});
  EXPECT_EQ(response.status, 304);
  EXPECT_EQ(response.headers.get("ETag"), etag);
  EXPECT_TRUE(std::get<std::string>(response.body).empty());
  for (const char* other : {"", "v1", "\"v2\""})
    EXPECT_EQ(call("GET", "/v2/catalog", {{"If-None-Match", other}}).status, 200) << other;
}

TEST_F(ClientWithBroker, refuses_a_catalog_that_is_too_large_and_leaves_out_what_is_too_deep) {
  broker_.catalog_text = R"({"services":[],"x":")" + std::string(16 * 1024 * 1024, 'x') + "\"}";
  EXPECT_EQ(run(client_.catalog()).error().kind, ErrorKind::too_large);
  broker_.catalog_text = R"({"services":[],"x":)" + std::string(100, '[') + std::string(100, ']') + "}";
  EXPECT_TRUE(run(client_.catalog()));
  broker_.catalog_text = R"({"services":[],"x":")" + std::string(1024 * 1024, 'x') + "\"}";
  EXPECT_TRUE(run(client_.catalog()));
}

}  // namespace
}  // namespace osb
