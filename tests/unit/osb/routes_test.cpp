// The broker's side on HTTP: statuses, headers, and what is refused before the broker is asked.
#include "osb/routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/hash.hpp"
#include "osb/basic_authenticator.hpp"
#include "testing/run.hpp"

namespace osb {
namespace {

using core::ErrorKind;
using testing::HasSubstr;

class AnyBroker final : public Broker {
 public:
  core::Result<std::shared_ptr<const CatalogDocument>> catalog() override { return document; }
  async::Task<core::Result<ProvisionResponse>> provision(const ProvisionRequest&,
                                                         const CallContext& context) override {
    seen = context;
    co_return answer(ProvisionResponse{.outcome = outcome, .operation = "op", .metadata = {}});
  }
  async::Task<core::Result<UpdateResponse>> update(const UpdateRequest&, const CallContext&) override {
    co_return answer(UpdateResponse{.outcome = outcome, .metadata = {}});
  }
  async::Task<core::Result<DeprovisionResponse>> deprovision(const DeprovisionRequest&,
                                                             const CallContext&) override {
    co_return answer(DeprovisionResponse{.outcome = outcome});
  }
  async::Task<core::Result<LastOperationResponse>> last_operation(const LastOperationRequest&,
                                                                  const CallContext&) override {
    co_return answer(LastOperationResponse{.description = "3 of 7", .retry_after = std::chrono::seconds(5)});
  }
  async::Task<core::Result<FetchInstanceResponse>> fetch_instance(const FetchInstanceRequest&,
                                                                  const CallContext&) override {
    co_return answer(FetchInstanceResponse{
        .service_id = "s", .plan_id = "p", .parameters = {}, .maintenance_info = {}, .metadata = {}});
  }
  async::Task<core::Result<BindResponse>> bind(const BindRequest&, const CallContext&) override {
    BindResponse response;
    response.outcome = outcome;
    response.credentials = json::object{{"KEY", "value"}};
    co_return answer(std::move(response));
  }
  async::Task<core::Result<UnbindResponse>> unbind(const UnbindRequest&, const CallContext&) override {
    co_return answer(UnbindResponse{.outcome = outcome});
  }
  async::Task<core::Result<FetchBindingResponse>> fetch_binding(const FetchBindingRequest&,
                                                                const CallContext&) override {
    co_return answer(FetchBindingResponse{});
  }

  std::shared_ptr<const CatalogDocument> document =
      std::make_shared<const CatalogDocument>(R"({"services":[]})");
  Outcome outcome = Outcome::done;
  std::optional<core::Error> failure;
  CallContext seen;

 private:
  template <class Response>
  core::Result<Response> answer(Response response) const {
    if (failure) return core::fail(*failure);
    return response;
  }
};

class Routes : public testing::Test {
 protected:
  Routes() {
    authentication_.add(std::make_unique<BasicAuthenticator>(
        std::vector{make_user("user", "pass"), make_user("other", "p:w")}));
    add_broker_routes(router_, broker_, authentication_,
                      [this](const ServedCall& call) { calls_.push_back(call); });
  }
  net::Response call(std::string method, std::string target, std::string body = "",
                     net::Headers headers = {}) {
    net::Request request{.method = std::move(method), .target = std::move(target)};
    request.headers = std::move(headers);
    if (!request.headers.find("X-Broker-API-Version")) request.headers.set("X-Broker-API-Version", "2.17");
    if (!request.headers.find("Authorization"))
      request.headers.set("Authorization", "Basic " + core::base64_encode("user:pass"));
    request.body = std::move(body);
    return fakes::run(io_, router_.route(request));
  }
  static json::value body_of(const net::Response& response) {
    if (const auto* shared = std::get_if<std::shared_ptr<const std::string>>(&response.body))
      return *core::parse_json(**shared);
    return *core::parse_json(std::get<std::string>(response.body));
  }

  static constexpr const char* instance = "/v2/service_instances/i";
  static constexpr const char* binding = "/v2/service_instances/i/service_bindings/b";
  static constexpr const char* provision_body =
      R"({"service_id": "s", "plan_id": "p", "organization_guid": "o", "space_guid": "n", "later": [1]})";
  static constexpr const char* ids = R"({"service_id": "s", "plan_id": "p"})";

  boost::asio::io_context io_;
  AnyBroker broker_;
  Authentication authentication_;
  net::Router router_;
  std::vector<ServedCall> calls_;
};

TEST_F(Routes, answer_with_the_specified_statuses) {
  struct Case {
    const char* method;
    std::string target;
    const char* body;
    Outcome outcome;
    int status;
  };
  const std::string query = "?service_id=s&plan_id=p";
  for (const Case& each :
       {Case{"PUT", instance, provision_body, Outcome::done, 201},
        Case{"PUT", instance, provision_body, Outcome::unchanged, 200},
        Case{"PUT", instance, provision_body, Outcome::in_progress, 202},
        Case{"PATCH", instance, ids, Outcome::done, 200},
        Case{"PATCH", instance, ids, Outcome::in_progress, 202},
        Case{"DELETE", instance + query, "", Outcome::done, 200},
        Case{"DELETE", instance + query, "", Outcome::in_progress, 202},
        Case{"PUT", binding, ids, Outcome::done, 201}, Case{"PUT", binding, ids, Outcome::unchanged, 200},
        Case{"DELETE", binding + query, "", Outcome::done, 200},
        Case{"GET", instance, "", Outcome::done, 200}, Case{"GET", binding, "", Outcome::done, 200},
        Case{"GET", std::string(instance) + "/last_operation", "", Outcome::done, 200},
        Case{"GET", std::string(binding) + "/last_operation", "", Outcome::done, 200}}) {
    broker_.outcome = each.outcome;
    const net::Response response = call(each.method, each.target, each.body);
    EXPECT_EQ(response.status, each.status) << each.method << each.target;
    EXPECT_TRUE(body_of(response).is_object());
    EXPECT_EQ(response.headers.get("Content-Type"), "application/json");
  }
}

TEST_F(Routes, tell_errors_by_status_code_and_description) {
  struct Case {
    ErrorKind kind;
    const char* code;
    int status;
  };
  for (const Case& each :
       {Case{ErrorKind::invalid, "", 400}, Case{ErrorKind::not_found, "", 404},
        Case{ErrorKind::conflict, "", 409}, Case{ErrorKind::already_exists, "", 409},
        Case{ErrorKind::gone, "", 410}, Case{ErrorKind::unprocessable, "AsyncRequired", 422},
        Case{ErrorKind::unavailable, "", 503}, Case{ErrorKind::throttled, "", 503},
        Case{ErrorKind::forbidden, "", 500}, Case{ErrorKind::timeout, "", 500},
        Case{ErrorKind::internal, "", 500}}) {
    broker_.failure = core::Error{.kind = each.kind, .message = "because", .code = each.code};
    const net::Response response = call("PUT", instance, provision_body);
    EXPECT_EQ(response.status, each.status) << core::to_string(each.kind);
    const char* said = each.status == 410 ? "" : "because";  // a 410 has the body {}
    EXPECT_EQ(core::find_string(body_of(response), {"description"}), said);
    if (*each.code != '\0') EXPECT_EQ(core::find_string(body_of(response), {"error"}), each.code);
  }
}

TEST_F(Routes, ask_who_is_there) {
  for (const std::string& header :
       {std::string("Basic"), std::string("Basic !!!"), "Basic " + core::base64_encode("user:wrong"),
        "Basic " + core::base64_encode("user"), "Bearer " + core::base64_encode("user:pass"),
        std::string()}) {
    const net::Response response = call("GET", "/v2/catalog", "", {{"Authorization", header}});
    EXPECT_EQ(response.status, 401) << header;
    EXPECT_EQ(response.headers.get("WWW-Authenticate"),
              R"(Basic realm="aws-servicebroker", charset="UTF-8")");
    EXPECT_FALSE(body_of(response).as_object().empty());
  }
  EXPECT_EQ(
      call("GET", "/v2/catalog", "", {{"Authorization", "Basic " + core::base64_encode("other:p:w")}}).status,
      200);
}

TEST_F(Routes, ask_for_a_version_they_know) {
  for (const char* version : {"", "1.0", "2.12", "3.0", "2.", "2.x", "2.17.1"})
    EXPECT_EQ(call("GET", "/v2/catalog", "", {{"X-Broker-API-Version", version}}).status, 412) << version;
  for (const char* version : {"2.13", "2.17", "2.18"})
    EXPECT_EQ(call("GET", "/v2/catalog", "", {{"X-Broker-API-Version", version}}).status, 200) << version;
}

TEST_F(Routes, name_what_is_wrong_in_a_request) {
  struct Case {
    const char* method;
    const char* target;
    const char* body;
    const char* says;
  };
  for (const Case& each :
       {Case{"PUT", instance, "", "body"}, Case{"PUT", instance, "[]", "must be a JSON object"},
        Case{"PUT", instance, R"({"plan_id": "p"})", "\"service_id\" is required"},
        Case{"PUT", instance, R"({"service_id": "s", "plan_id": ""})", "\"plan_id\" must not be empty"},
        Case{"PUT", instance, R"({"service_id": 5})", "\"service_id\" must be a string"},
        Case{"PUT", instance, R"({"service_id": "s", "plan_id": "p"})", "\"organization_guid\" is required"},
        Case{"PUT", binding, R"({"service_id": "s", "plan_id": "p", "parameters": []})",
             "\"parameters\" must be an object"},
        Case{"PUT", binding, R"({"service_id": "s", "plan_id": "p", "context": "x"})",
             "\"context\" must be an object"},
        Case{"PATCH", instance, "{}", "\"service_id\" is required"},
        Case{"DELETE", instance, "", "service_id is required"},
        Case{"DELETE", "/v2/service_instances/i?service_id=s", "", "plan_id is required"},
        Case{"DELETE", binding, "", "service_id is required"}}) {
    const net::Response response = call(each.method, each.target, each.body);
    EXPECT_EQ(response.status, 400) << each.method << each.target << each.body;
    EXPECT_THAT(std::string(core::find_string(body_of(response), {"description"})), HasSubstr(each.says));
  }
  EXPECT_EQ(call("PUT", instance, std::string(40, '[')).status, 400);
  EXPECT_EQ(call("PUT", instance, provision_body, {{"Content-Type", "text/xml"}}).status, 400);
  EXPECT_EQ(call("PUT", "/v2/service_instances/" + std::string(256, 'a'), provision_body).status, 400);
  EXPECT_EQ(call("PUT", "/v2/service_instances/a%0Ab", provision_body).status, 400);
  EXPECT_EQ(
      call("GET", std::string(instance) + "/last_operation?operation=" + std::string(10'001, 'o')).status,
      400);
}

TEST_F(Routes, let_a_rotation_leave_out_service_and_plan) {
  EXPECT_EQ(call("PUT", binding, R"({"predecessor_binding_id": "old"})").status, 201);
}

TEST_F(Routes, hand_on_identities_and_echo_the_request_s) {
  const net::Response response = call(
      "PUT", instance, provision_body,
      {{"X-Broker-API-Request-Identity", "r-1"},
       {"X-Broker-API-Originating-Identity", "kubernetes " + core::base64_encode(R"({"username":"jane"})")}});
  EXPECT_EQ(response.headers.get("X-Broker-API-Request-Identity"), "r-1");
  ASSERT_TRUE(broker_.seen.identity);
  EXPECT_EQ(broker_.seen.identity->platform, "kubernetes");
  EXPECT_EQ(core::find_string(broker_.seen.identity->value, {"username"}), "jane");
  for (const char* header : {"kubernetes", "kubernetes !!", "kubernetes W10="}) {
    EXPECT_EQ(call("PUT", instance, provision_body, {{"X-Broker-API-Originating-Identity", header}}).status,
              400);
  }
}

TEST_F(Routes, send_an_unchanged_catalog_only_once) {
  const std::string etag(call("GET", "/v2/catalog").headers.get("ETag"));
  EXPECT_EQ(etag, broker_.document->plain.etag);
  const net::Response unchanged = call("GET", "/v2/catalog", "", {{"If-None-Match", "\"v0\", W/" + etag}});
  EXPECT_EQ(unchanged.status, 304);
  EXPECT_EQ(unchanged.headers.get("ETag"), etag);
  EXPECT_EQ(unchanged.headers.get("Vary"), "Accept-Encoding, X-Broker-API-Version");
  EXPECT_EQ(call("GET", "/v2/catalog", "", {{"If-None-Match", "\"v0\""}}).status, 200);
}

TEST_F(Routes, send_the_catalog_compressed_to_who_asks_for_it) {
  const net::Response answer = call("GET", "/v2/catalog", "", {{"Accept-Encoding", "gzip, deflate"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.get("Content-Encoding"), "gzip");
  EXPECT_EQ(answer.headers.get("Vary"), "Accept-Encoding, X-Broker-API-Version");
  EXPECT_EQ(std::get<std::shared_ptr<const std::string>>(answer.body), broker_.document->gzip.body);
  const std::string etag(answer.headers.get("ETag"));
  EXPECT_NE(etag, broker_.document->plain.etag);
  EXPECT_EQ(call("GET", "/v2/catalog", "", {{"Accept-Encoding", "gzip"}, {"If-None-Match", etag}}).status,
            304);
  EXPECT_EQ(call("GET", "/v2/catalog", "", {{"If-None-Match", etag}}).status, 200) << "it has the other form";
  const net::Response plain = call("GET", "/v2/catalog");
  EXPECT_EQ(plain.headers.get("Content-Encoding"), "");
  EXPECT_EQ(plain.headers.get("Content-Type"), "application/json");
}

TEST_F(Routes, tell_the_progress_and_when_to_ask_again) {
  const net::Response response = call("GET", std::string(instance) + "/last_operation");
  EXPECT_EQ(core::find_string(body_of(response), {"state"}), "in progress");
  EXPECT_EQ(core::find_string(body_of(response), {"description"}), "3 of 7");
  EXPECT_EQ(response.headers.get("Retry-After"), "5");
}

TEST_F(Routes, log_each_call_without_what_is_secret) {
  call("PUT", binding, ids);
  ASSERT_EQ(calls_.size(), 1U);
  EXPECT_EQ(calls_[0].action, "bind");
  EXPECT_EQ(calls_[0].instance_id, "i");
  EXPECT_EQ(calls_[0].binding_id, "b");
  EXPECT_EQ(calls_[0].service_id, "s");
  EXPECT_EQ(calls_[0].status, 201);
  EXPECT_TRUE(calls_[0].error.empty());
}

TEST_F(Routes, know_no_other_paths_and_methods) {
  EXPECT_EQ(call("GET", "/v2/services").status, 404);
  const net::Response response = call("POST", "/v2/catalog");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.get("Allow"), "GET");
  EXPECT_EQ(call("PUT", "/v2/service_instances/a%2Fb%2F..", provision_body).status, 400);
}

}  // namespace
}  // namespace osb
