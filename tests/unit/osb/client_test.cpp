// The platform's side: what is sent, and how any answer is read (spec.md, "Orphan Mitigation").
#include "osb/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/hash.hpp"
#include "testing/run.hpp"

namespace osb {
namespace {

using core::ErrorKind;
using testing::HasSubstr;

class OneAnswer final : public net::Transport {
 public:
  async::Task<core::Result<net::Reply>> send(net::Request request, net::CallOptions) override {
    sent = std::move(request);
    co_return answer;
  }
  async::Task<core::Result<net::IncomingReply>> open(net::Request, net::CallOptions) override {
    co_return core::fail(ErrorKind::internal, "not streamed");
  }
  core::Result<net::Reply> answer = net::Reply{.status = 200, .headers = {}, .body = "{}"};
  net::Request sent;
};

class ClientTest : public testing::Test {
 protected:
  template <class T>
  T run(async::Task<T> task) {
    return fakes::run(io_, std::move(task));
  }
  void answers(int status, std::string body, net::Headers headers = {}) {
    transport_.answer = net::Reply{.status = status, .headers = std::move(headers), .body = std::move(body)};
  }
  core::Result<ProvisionResponse> provision() {
    return run(
        client_.provision({.instance_id = "i/1",
                           .service_id = "s",
                           .plan_id = "p",
                           .organization_guid = "o",
                           .space_guid = "n",
                           .context = {},
                           .parameters = json::object{{"a", 1}},
                           .maintenance_info = {},
                           .accepts_incomplete = true},
                          OriginatingIdentity{.platform = "kubernetes", .value = {{"username", "jane"}}}));
  }
  ChangeResult<DeprovisionResponse> deprovision() {
    return run(client_.deprovision(
        {.instance_id = "i", .service_id = "s", .plan_id = "p", .accepts_incomplete = true}, {}));
  }

  boost::asio::io_context io_;
  OneAnswer transport_;
  Client client_{transport_, "/prefix", BasicCredentials{.username = "user", .password = "pass"}};
};

TEST_F(ClientTest, sends_what_the_specification_asks_for) {
  answers(201, "{}");
  ASSERT_TRUE(provision());
  const net::Request& sent = transport_.sent;
  EXPECT_EQ(sent.method, "PUT");
  EXPECT_EQ(sent.target, "/prefix/v2/service_instances/i%2F1?accepts_incomplete=true");
  EXPECT_EQ(sent.headers.get("X-Broker-API-Version"), "2.17");
  EXPECT_EQ(sent.headers.get("Authorization"), "Basic " + core::base64_encode("user:pass"));
  EXPECT_EQ(sent.headers.get("X-Broker-API-Request-Identity").size(), 36U);
  EXPECT_EQ(sent.headers.get("X-Broker-API-Originating-Identity"),
            "kubernetes " + core::base64_encode(R"({"username":"jane"})"));
  const auto body = core::parse_json(sent.body);
  EXPECT_EQ(core::find_string(*body, {"service_id"}), "s");
  EXPECT_EQ(core::find_int(*body, {"parameters", "a"}), 1);
  EXPECT_EQ(core::find(*body, {"context"}), nullptr) << "what is not set is not sent";
}

struct Answer {
  int status;
  const char* body;
  bool succeeds;
  Outcome outcome;
};

class ProvisionAnswer : public ClientTest, public testing::WithParamInterface<Answer> {};

TEST_P(ProvisionAnswer, is_a_success_or_keeps_its_status) {
  answers(GetParam().status, GetParam().body);
  const auto response = provision();
  ASSERT_EQ(response.has_value(), GetParam().succeeds);
  if (response) {
    EXPECT_EQ(response->outcome, GetParam().outcome);
  } else {
    EXPECT_EQ(response.error().http_status, GetParam().status);
    EXPECT_FALSE(response.error().message.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ProvisionAnswer,
    testing::Values(Answer{201, "{}", true, Outcome::done}, Answer{200, "{}", true, Outcome::unchanged},
                    Answer{200, "", true, Outcome::unchanged}, Answer{200, "<html>", false, {}},
                    Answer{202, "{}", true, Outcome::in_progress}, Answer{201, "<html>", false, {}},
                    Answer{202, "", false, {}}, Answer{201, "[]", false, {}}, Answer{203, "{}", false, {}},
                    Answer{204, "", false, {}}, Answer{302, "", false, {}}, Answer{400, "{}", false, {}},
                    Answer{408, "", false, {}}, Answer{409, "{}", false, {}}, Answer{410, "{}", false, {}},
                    Answer{422, "{}", false, {}}, Answer{500, "x", false, {}},
                    Answer{503, "{\"description\": 7}", false, {}}));

TEST_F(ClientTest, tells_the_broker_s_own_words) {
  answers(422, R"({"error": "ConcurrencyError", "description": "busy with another"})",
          {{"Retry-After", "7"}});
  const auto refused = provision();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unprocessable);
  EXPECT_EQ(refused.error().code, "ConcurrencyError");
  EXPECT_EQ(refused.error().message, "busy with another");
  EXPECT_EQ(refused.error().retry_after, std::chrono::seconds(7));
}

TEST_F(ClientTest, reads_what_a_failed_update_or_deprovision_has_left) {
  const auto update = [&] {
    return run(client_.update({.instance_id = "i",
                               .service_id = "s",
                               .plan_id = {},
                               .context = {},
                               .parameters = {},
                               .previous_values = {},
                               .maintenance_info = {}},
                              {}));
  };
  const struct {
    const char* sentence;
    int status;
    const char* body;
    Aftermath expected;
  } cases[]{
      {"neither is said", 422, R"({"description":"no"})", {}},
      {"both are said", 500, R"({"instance_usable":false,"update_repeatable":false})", {false, false}},
      {"one is said", 400, R"({"update_repeatable":true})", {{}, true}},
      {"they are no booleans", 400, R"({"instance_usable":"false","update_repeatable":0})", {}},
      {"the body is none", 502, "<html>", {}},
      {"a 2xx that is not a success", 204, R"({"instance_usable":false})", {false, {}}},
  };
  for (const auto& each : cases) {
    answers(each.status, each.body);
    for (const Aftermath& told : {update().error().aftermath, deprovision().error().aftermath}) {
      EXPECT_EQ(told.instance_usable, each.expected.instance_usable) << each.sentence;
      EXPECT_EQ(told.update_repeatable, each.expected.update_repeatable) << each.sentence;
    }
    EXPECT_EQ(update().error().http_status, each.status) << each.sentence;
  }
  answers(200, "<html>");
  EXPECT_EQ(update().error().kind, ErrorKind::protocol) << "what answers may be no broker";
  answers(200, "");
  EXPECT_TRUE(update()) << "the expected body is {}";
  transport_.answer = core::fail(ErrorKind::timeout, "no answer within 60 s");
  EXPECT_EQ(update().error().kind, ErrorKind::timeout);
  EXPECT_EQ(update().error().aftermath.instance_usable, std::nullopt);
}

TEST_F(ClientTest, takes_410_of_a_removal_for_success) {
  answers(410, "{}");
  EXPECT_EQ(deprovision()->outcome, Outcome::done);
  answers(200, "");
  EXPECT_EQ(deprovision()->outcome, Outcome::done);
  answers(202, R"({"operation": "delete-7"})", {{"Retry-After", "7"}});
  EXPECT_EQ(deprovision()->operation, "delete-7");
  EXPECT_EQ(deprovision()->retry_after, std::chrono::seconds(7));
  answers(404, "{}");
  EXPECT_EQ(deprovision().error().kind, ErrorKind::not_found);
}

// As of an ingress without a route.
TEST_F(ClientTest, takes_no_word_of_others_for_the_brokers) {
  for (const int status : {404, 410}) {
    answers(status, "<html>default backend</html>");
    EXPECT_EQ(provision().error().kind, ErrorKind::protocol);
    EXPECT_EQ(provision().error().http_status, status);
    EXPECT_THAT(provision().error().message, HasSubstr("ingress"));
    EXPECT_EQ(deprovision().error().kind, ErrorKind::protocol);
  }
  answers(404, "");
  EXPECT_EQ(deprovision().error().kind, ErrorKind::protocol);
  answers(410, "");
  EXPECT_TRUE(deprovision());
}

TEST_F(ClientTest, hands_on_what_went_wrong_on_the_way) {
  transport_.answer = core::fail(ErrorKind::timeout, "no answer within 60 s");
  EXPECT_EQ(provision().error().kind, ErrorKind::timeout);
  EXPECT_EQ(provision().error().http_status, 0);
}

TEST_F(ClientTest, reads_the_last_operation) {
  const auto poll = [&] { return run(client_.last_operation({.instance_id = "i", .operation = "o&1"}, {})); };
  answers(200,
          R"({"state": "failed", "description": "no", "instance_usable": false, "update_repeatable": true})",
          {{"Retry-After", "120"}});
  const auto failed = poll();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->state, OperationState::failed);
  EXPECT_EQ(failed->instance_usable, false);
  EXPECT_EQ(failed->update_repeatable, true);
  EXPECT_EQ(failed->retry_after, std::chrono::seconds(120));
  EXPECT_THAT(transport_.sent.target, HasSubstr("operation=o%261"));
  for (const char* body : {"{}", R"({"state": "done"})", R"({"state": 5})", "[]", ""}) {
    answers(200, body);
    EXPECT_EQ(poll().error().kind, ErrorKind::protocol) << body;
  }
  answers(200, R"({"state": "in progress"})", {{"Retry-After", "soon"}});
  EXPECT_EQ(poll()->retry_after, std::nullopt);
  answers(410, "{}");
  EXPECT_EQ(poll().error().kind, ErrorKind::gone);
}

TEST_F(ClientTest, reads_credentials_of_any_shape_but_no_list) {
  const auto bind = [&] {
    return run(client_.bind({.instance_id = "i",
                             .binding_id = "b",
                             .service_id = "s",
                             .plan_id = "p",
                             .context = {},
                             .parameters = {},
                             .bind_resource = {}},
                            {}));
  };
  answers(201, R"({"credentials": {"port": 5432, "nested": {"a": null}}, "future": 1})");
  EXPECT_EQ(core::to_text(bind()->credentials), R"({"port":5432,"nested":{"a":null}})");
  answers(201, R"({"credentials": ["a"]})");
  EXPECT_TRUE(bind()->credentials.is_null());
  answers(200, "secret garbage");
  const auto garbled = bind();
  ASSERT_FALSE(garbled);
  EXPECT_EQ(garbled.error().message.find("secret"), std::string::npos)
      << "an answer to bind may hold secrets";
}

TEST_F(ClientTest, says_what_to_do_about_wrong_credentials) {
  answers(401, R"({"description": "who are you"})");
  EXPECT_THAT(provision().error().message, HasSubstr("authInfo"));
  EXPECT_EQ(provision().error().message.find("pass"), std::string::npos);
}

TEST_F(ClientTest, cuts_what_would_not_fit_into_a_condition) {
  const std::string book(1'000'000, 'x');
  answers(400, R"({"error":")" + book + R"(","description":")" + book + "\"}");
  const auto refused = provision();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message.size(), 4096U);
  EXPECT_EQ(refused.error().code.size(), 256U);
  answers(200, R"({"state":"failed","description":")" + book + "\"}");
  const auto failed = run(client_.last_operation({.instance_id = "i"}, {}));
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->description.size(), 4096U);
}

TEST_F(ClientTest, takes_an_operation_beyond_the_specifications_limit_for_a_malformed_answer) {
  answers(202, R"({"operation":")" + std::string(10'000, 'o') + "\"}");
  EXPECT_TRUE(provision());
  answers(202, R"({"operation":")" + std::string(10'001, 'o') + "\"}");
  const auto malformed = provision();
  ASSERT_FALSE(malformed);
  EXPECT_EQ(malformed.error().kind, ErrorKind::protocol);
  EXPECT_EQ(malformed.error().http_status, 202) << "which leaves an orphan";
}

TEST_F(ClientTest, refuses_credentials_with_numbers_that_cannot_be_kept) {
  answers(201, R"({"credentials": {"pin": 18446744073709551616, "secret": 1}})");
  const auto made = run(client_.bind({.instance_id = "i",
                                      .binding_id = "b",
                                      .service_id = "s",
                                      .plan_id = "p",
                                      .context = {},
                                      .parameters = {},
                                      .bind_resource = {}},
                                     {}));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::protocol);
  EXPECT_EQ(made.error().http_status, 201) << "which leaves an orphan";
  EXPECT_THAT(made.error().message, HasSubstr("credentials.pin"));
  EXPECT_EQ(made.error().message.find("18446744073709551616"), std::string::npos);
}

// The plan whose schema it is loses a part of that schema; the others lose nothing.
TEST_F(ClientTest, takes_a_catalog_with_a_schema_that_cannot_be_kept) {
  const std::string schema = R"("schemas":{"service_instance":{"create":{"parameters":)";
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  answers(200, R"({"services":[{"id":"s","name":"s","description":"d","bindable":true,"plans":[
      {"id":"1","name":"number","description":"d",)" +
                   schema + R"({"maximum":1e400,"type":"object"}}}}},
      {"id":"2","name":"deep","description":"d",)" +
                   schema + R"({"properties":{"a":)" + deep + R"(}}}}}},
      {"id":"3","name":"large","description":"d",)" +
                   schema + R"({"description":")" + std::string(300'000, 'x') + R"("}}}}},
      {"id":"4","name":"good","description":"d",)" +
                   schema + R"({"type":"object"}}}}}]}]})");
  const auto catalog = run(client_.catalog());
  ASSERT_TRUE(catalog) << catalog.error().message;
  const auto& plans = catalog->services.at(0).plans;
  ASSERT_EQ(plans.size(), 4U);
  EXPECT_EQ(core::to_text(plans[0].instance_create_schema), R"({"maximum":null,"type":"object"})");
  EXPECT_TRUE(plans[1].instance_create_schema.is_object());
  EXPECT_TRUE(plans[2].instance_create_schema.is_null());
  EXPECT_EQ(core::to_text(plans[3].instance_create_schema), R"({"type":"object"})");
}

}  // namespace
}  // namespace osb
