#include "aws/lambda.hpp"

#include "core/hash.hpp"
#include "core/json.hpp"

namespace aws {

namespace {

constexpr std::chrono::minutes longest_run{16};  // a function may take 15

}  // namespace

async::Task<core::Result<std::string>> Lambda::invoke(std::string function, std::string payload) {
  net::Request request{.method = "POST",
                       .target = "/2015-03-31/functions/" + core::percent_encode(function) + "/invocations"};
  request.headers.set("Content-Type", "application/json");
  request.headers.set("X-Amz-Invocation-Type", "RequestResponse");
  request.body = std::move(payload);
  auto reply = co_await session_.call(Service::lambda, "Invoke", std::move(request),
                                      Repetition::makes_another, longest_run);
  if (!reply) co_return core::fail(reply.error().with_context("Lambda function " + function));
  if (reply->headers.find("X-Amz-Function-Error")) {
    const auto answer = core::parse_json(reply->body);
    const std::string_view why = answer ? core::find_string(*answer, {"errorMessage"}) : std::string_view();
    co_return core::fail(
        core::ErrorKind::unprocessable,
        "The Lambda function " + function + " failed" + (why.empty() ? "." : ": " + std::string(why)),
        "FunctionError");
  }
  co_return std::move(reply->body);
}

}  // namespace aws
