#include "kube/status.hpp"

#include <gtest/gtest.h>

namespace kube {
namespace {

using core::ErrorKind;

const Resource instances{.group = "servicecatalog.k8s.io",
                         .version = "v1beta1",
                         .kind = "ServiceInstance",
                         .plural = "serviceinstances"};

core::Error error(ErrorKind kind, std::string code = {}, int http_status = 0) {
  return {.kind = kind, .message = "what is wrong", .code = std::move(code), .http_status = http_status};
}

TEST(Status, of_each_kind_of_error_has_its_reason_and_code) {
  struct Case {
    core::Error error;
    std::string reason;
    int code;
  };
  const std::vector<Case> cases{
      {error(ErrorKind::invalid), "BadRequest", 400},
      {error(ErrorKind::invalid, "Invalid"), "Invalid", 422},
      {error(ErrorKind::unprocessable), "Invalid", 422},
      {error(ErrorKind::unauthenticated), "Unauthorized", 401},
      {error(ErrorKind::forbidden), "Forbidden", 403},
      {error(ErrorKind::not_found), "NotFound", 404},
      {error(ErrorKind::already_exists), "AlreadyExists", 409},
      {error(ErrorKind::conflict), "Conflict", 409},
      {error(ErrorKind::gone), "Expired", 410},
      {error(ErrorKind::too_large), "RequestEntityTooLarge", 413},
      {error(ErrorKind::throttled), "TooManyRequests", 429},
      {error(ErrorKind::internal), "InternalError", 500},
      {error(ErrorKind::protocol), "InternalError", 500},
      {error(ErrorKind::unavailable), "ServiceUnavailable", 503},
      {error(ErrorKind::timeout), "Timeout", 504},
      {error(ErrorKind::invalid, "", 415), "UnsupportedMediaType", 415},
      {error(ErrorKind::invalid, "ConcurrencyError"), "BadRequest", 400},
  };
  for (const Case& test : cases) {
    const json::object status = status_of_error(test.error);
    EXPECT_EQ(core::find_string(status, {"reason"}), test.reason);
    EXPECT_EQ(core::find_int(status, {"code"}), test.code) << test.reason;
    EXPECT_EQ(http_status_of_error(test.error), test.code);
    EXPECT_EQ(core::find_string(status, {"status"}), "Failure");
    EXPECT_EQ(core::find_string(status, {"kind"}), "Status");
    EXPECT_EQ(core::find_string(status, {"apiVersion"}), "v1");
  }
}

TEST(Status, comes_back_as_the_error_that_it_was_made_of) {
  for (const core::Error& original :
       {not_found(instances, "a"), already_exists(instances, "a"), conflict(instances, "a"),
        too_old("1", "9"), bad_request("no JSON"),
        invalid_object(instances, "a", {{"FieldValueRequired", "Required value", "spec.url"}})}) {
    core::Error with_delay = original;
    with_delay.retry_after = std::chrono::seconds(7);
    const core::Error back = error_of_status(status_of_error(with_delay));
    EXPECT_EQ(back.kind, original.kind) << original.message;
    EXPECT_EQ(back.code, original.code);
    EXPECT_EQ(back.message, original.message);
    EXPECT_EQ(back.http_status, original.http_status);
    EXPECT_EQ(back.retry_after, std::chrono::seconds(7));
  }
}

TEST(Status, speaks_the_words_that_people_know) {
  EXPECT_EQ(not_found(instances, "a").message, R"(serviceinstances.servicecatalog.k8s.io "a" not found)");
  EXPECT_EQ(not_found(resources::secrets, "a").message, R"(secrets "a" not found)");
  EXPECT_EQ(already_exists(instances, "a").message,
            R"(serviceinstances.servicecatalog.k8s.io "a" already exists)");
  EXPECT_EQ(
      conflict(instances, "a").message,
      R"(Operation cannot be fulfilled on serviceinstances.servicecatalog.k8s.io "a": the object has been modified; )"
      "please apply your changes to the latest version and try again");
  EXPECT_EQ(invalid_object(instances, "a", {{"FieldValueRequired", "Required value", "spec.x"}}).message,
            R"(ServiceInstance.servicecatalog.k8s.io "a" is invalid: spec.x: Required value)");
  EXPECT_EQ(invalid_object(resources::secrets, "a", {{"", "one", "x"}, {"", "two", "y"}}).message,
            R"(Secret "a" is invalid: [x: one, y: two])");
}

TEST(Status, carries_details_and_causes) {
  const StatusDetails details{
      .name = "a", .group = "g", .kind = "things", .causes = {{"FieldValueInvalid", "bad", "spec.x"}}};
  const json::object status = status_of_error(bad_request("no"), details);
  EXPECT_EQ(
      core::to_text(*core::find(status, {"details"})),
      R"({"name":"a","group":"g","kind":"things","causes":[{"reason":"FieldValueInvalid","message":"bad","field":"spec.x"}]})");
  EXPECT_EQ(core::find_string(success_status(details), {"status"}), "Success");
}

TEST(Status, of_an_unknown_reason_is_read_by_its_code) {
  const core::Error error =
      error_of_status({{"kind", "Status"}, {"reason", "StoreReadError"}, {"code", 500}, {"message", "m"}});
  EXPECT_EQ(error.kind, ErrorKind::unavailable);
  EXPECT_EQ(error.code, "StoreReadError");
}

TEST(Status, is_made_up_for_answers_that_are_none) {
  net::Reply reply;
  reply.status = 502;
  reply.headers.set("Retry-After", "3");
  reply.body = "<html>\nBad gateway" + std::string(1000, '.');
  const core::Error error = error_of_reply(reply);
  EXPECT_EQ(error.kind, ErrorKind::unavailable);
  EXPECT_EQ(error.http_status, 502);
  EXPECT_EQ(error.retry_after, std::chrono::seconds(3));
  EXPECT_TRUE(error.message.starts_with("the API server answered 502 with no Status: <html> Bad gateway..."))
      << error.message;
  EXPECT_LT(error.message.size(), 300U);
}

}  // namespace
}  // namespace kube
