// The broker's answers as HTTP: statuses, and which fields a body holds.
#include "osb/answers.hpp"

#include <gtest/gtest.h>

namespace osb {
namespace {

using core::ErrorKind;
using namespace std::chrono_literals;

std::string body_of(const net::Response& response) {
  EXPECT_EQ(response.headers.get("Content-Type"), "application/json");
  return std::get<std::string>(response.body);
}

BindResponse bound() {
  BindResponse response;
  response.credentials = json::object{{"KEY", "value"}};
  response.metadata = json::object{{"expires_at", "2030-01-01T00:00:00.0Z"}};
  response.endpoints = json::array{json::object{{"host", "h"}, {"ports", {"443"}}}};
  response.volume_mounts = json::array{};
  response.syslog_drain_url = "syslog://drain";
  response.route_service_url = "https://route";
  return response;
}

TEST(Answers, write_only_what_is_set) {
  EXPECT_EQ(body_of(answer(ProvisionResponse{.metadata = {}})), "{}");
  EXPECT_EQ(body_of(answer(UpdateResponse{.metadata = {}})), "{}");
  EXPECT_EQ(body_of(answer(DeprovisionResponse{})), "{}");
  EXPECT_EQ(body_of(answer(BindResponse{})), "{}");
  EXPECT_EQ(body_of(answer(FetchInstanceResponse{})), "{}");
  EXPECT_EQ(body_of(answer(FetchBindingResponse{})), "{}");
  EXPECT_EQ(body_of(answer(LastOperationResponse{})), R"({"state":"in progress"})");
}

TEST(Answers, write_all_that_is_set) {
  EXPECT_EQ(body_of(answer(ProvisionResponse{.outcome = Outcome::in_progress,
                                             .dashboard_url = "https://d",
                                             .operation = "op",
                                             .metadata = json::object{{"labels", json::object{}}}})),
            R"({"dashboard_url":"https://d","operation":"op","metadata":{"labels":{}}})");
  EXPECT_EQ(
      body_of(answer(bound())),
      R"({"credentials":{"KEY":"value"},"metadata":{"expires_at":"2030-01-01T00:00:00.0Z"},)"
      R"("endpoints":[{"host":"h","ports":["443"]}],"volume_mounts":[],"syslog_drain_url":"syslog://drain",)"
      R"("route_service_url":"https://route"})");
}

TEST(Answers, tell_older_clients_what_their_version_knows) {
  const FetchInstanceResponse instance{.service_id = "s",
                                       .parameters = {},
                                       .maintenance_info = {{"version", "1.0.0"}},
                                       .metadata = {{"labels", json::object()}}};
  EXPECT_EQ(body_of(answer(instance, 14)), R"({"service_id":"s"})");
  EXPECT_EQ(body_of(answer(instance, 15)), R"({"service_id":"s","maintenance_info":{"version":"1.0.0"}})");
  EXPECT_EQ(body_of(answer(instance, 16)), body_of(answer(instance)));
  const LastOperationResponse operation{.state = OperationState::failed,
                                        .instance_usable = true,
                                        .update_repeatable = true,
                                        .retry_after = std::chrono::seconds(5)};
  EXPECT_EQ(body_of(answer(operation, 15)), R"({"state":"failed"})");
  EXPECT_EQ(answer(operation, 15).headers.get("Retry-After"), "5");
  EXPECT_EQ(answer(operation, 14).headers.get("Retry-After"), "");
}

TEST(Answers, hold_no_credentials_while_a_bind_is_in_progress) {
  BindResponse response = bound();
  response.outcome = Outcome::in_progress;
  response.operation = "bind-1";
  const net::Response written = answer(response);
  EXPECT_EQ(written.status, 202);
  EXPECT_EQ(body_of(written), R"({"operation":"bind-1"})");
}

TEST(Answers, tell_how_an_operation_ended) {
  struct Case {
    LastOperationResponse response;
    const char* body;
    const char* retry_after;
  };
  for (const Case& each :
       {Case{{.state = OperationState::succeeded}, R"({"state":"succeeded"})", ""},
        Case{{.state = OperationState::in_progress, .description = "half", .retry_after = 90s},
             R"({"state":"in progress","description":"half"})",
             "90"},
        Case{{.state = OperationState::failed,
              .description = "no",
              .instance_usable = true,
              .update_repeatable = false},
             R"({"state":"failed","description":"no","instance_usable":true,"update_repeatable":false})",
             ""}}) {
    const net::Response written = answer(each.response);
    EXPECT_EQ(written.status, 200);
    EXPECT_EQ(body_of(written), each.body);
    EXPECT_EQ(written.headers.get("Retry-After"), each.retry_after);
  }
}

struct Failure {
  ErrorKind kind;
  const char* code;
  int status;
  const char* body;
};

class ErrorAnswer : public testing::TestWithParam<Failure> {};

TEST_P(ErrorAnswer, has_its_status_and_a_code_of_one_word) {
  const core::Error error{.kind = GetParam().kind, .message = "why", .code = GetParam().code};
  const net::Response written = answer(error);
  EXPECT_EQ(written.status, GetParam().status);
  EXPECT_EQ(body_of(written), GetParam().body);
}

constexpr const char* only_why = R"({"description":"why"})";

INSTANTIATE_TEST_SUITE_P(
    All, ErrorAnswer,
    testing::Values(
        Failure{ErrorKind::unprocessable, "AsyncRequired", 422,
                R"({"error":"AsyncRequired","description":"why"})"},
        Failure{ErrorKind::unprocessable, "ConcurrencyError", 422,
                R"({"error":"ConcurrencyError","description":"why"})"},
        Failure{ErrorKind::unprocessable, "MaintenanceInfoConflict", 422,
                R"({"error":"MaintenanceInfoConflict","description":"why"})"},
        Failure{ErrorKind::unprocessable, "two words", 422, only_why},
        Failure{ErrorKind::unavailable, "Client.Error", 503, only_why},
        Failure{ErrorKind::invalid, "with-dash", 400, only_why},
        Failure{ErrorKind::invalid, "", 400, only_why}, Failure{ErrorKind::conflict, "", 409, only_why},
        Failure{ErrorKind::already_exists, "", 409, only_why}, Failure{ErrorKind::gone, "Gone", 410, "{}"},
        Failure{ErrorKind::protocol, "", 500, only_why}, Failure{ErrorKind::timeout, "", 500, only_why},
        Failure{ErrorKind::forbidden, "AccessDenied", 500, R"({"error":"AccessDenied","description":"why"})"},
        // 401 would tell the platform that its own credentials are wrong; here those for AWS are.
        Failure{ErrorKind::unauthenticated, "ExpiredToken", 500,
                R"({"error":"ExpiredToken","description":"why"})"}));

TEST(Answers, say_when_to_try_again) {
  struct Case {
    core::Error error;
    const char* retry_after;
  };
  for (const Case& each :
       {Case{{.kind = ErrorKind::throttled, .message = "slow down", .code = {}}, "5"},
        Case{{.kind = ErrorKind::throttled, .message = "slow down", .code = {}, .retry_after = 30s}, "30"},
        Case{{.kind = ErrorKind::unavailable, .message = "away", .code = {}, .retry_after = 2s}, "2"},
        Case{{.kind = ErrorKind::unavailable, .message = "away", .code = {}}, ""}}) {
    EXPECT_EQ(answer(each.error).headers.get("Retry-After"), each.retry_after);
  }
}

}  // namespace
}  // namespace osb
