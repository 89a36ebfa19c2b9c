// A simulated account with a session of the real clients, in virtual time that a test moves.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "aws/cloudformation.hpp"
#include "aws/dynamodb.hpp"
#include "aws/iam.hpp"
#include "aws/kms.hpp"
#include "aws/lambda.hpp"
#include "aws/s3.hpp"
#include "aws/secrets_manager.hpp"
#include "aws/ssm.hpp"
#include "aws/sts.hpp"
#include "net/in_process_transport.hpp"
#include "simulation/aws/account.hpp"
#include "testing/run.hpp"

namespace simulation::test {

// The timeline's time. Nothing sleeps to its end: a test's calls are answered at once.
class TimelineClock final : public async::Clock {
 public:
  explicit TimelineClock(const Timeline& timeline) : timeline_(timeline) {}
  [[nodiscard]] TimePoint now() const override { return timeline_.now(); }
  [[nodiscard]] core::SystemTime system_now() const override { return timeline_.system_now(); }
  [[nodiscard]] async::Task<> rest_until(TimePoint) override {
    namespace asio = boost::asio;
    asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    boost::system::error_code woken;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }

 private:
  const Timeline& timeline_;
};

class AccountWorld {
 public:
  static constexpr const char* key_id = "AKIABROKER0000000000";

  explicit AccountWorld(AwsSettings settings = {}, std::uint64_t seed = 1)
      : account(timeline_, Random(seed), std::move(settings)) {
    account.admit(key_id, "secret");
  }

  aws::SessionOptions options(const std::string& id = key_id, const std::string& secret = "secret",
                              const std::string& token = "") {
    aws::Identity identity{.access_key_id = id, .secret_access_key = secret, .session_token = token};
    return {.region = "us-east-1",
            .credentials = std::make_shared<aws::StaticCredentials>(std::move(identity)),
            .transports = [this](const aws::Endpoint&) -> core::Result<std::unique_ptr<net::Transport>> {
              return std::make_unique<net::InProcessTransport>(io_.get_executor(), account.handler(),
                                                               &clock_);
            },
            .clock = &clock_,
            .environment = [](const std::string&) { return std::string(); },
            .observer = {},
            .retries = {.max_attempts = 1}};
  }

  template <class T>
  T run(async::Task<T> task) {
    return fakes::run(io_, std::move(task));
  }
  void pass(milliseconds time) {
    timeline_.after(time, [] {});
    timeline_.advance();
  }

  // Until the stack's operation has come to its end.
  std::string settle(const std::string& name_or_id) {
    for (int i = 0; i < 10'000; ++i) {
      const auto stack = run(cloudformation.describe_stack(name_or_id));
      if (!stack) return stack.error().message;
      if (!stack->status.ends_with("_IN_PROGRESS")) return stack->status;
      pass(std::chrono::seconds(5));
    }
    return "never";
  }
  aws::Stack describe(const std::string& name_or_id) {
    const auto stack = run(cloudformation.describe_stack(name_or_id));
    return stack ? *stack : aws::Stack{.status = stack.error().message};
  }

 private:
  boost::asio::io_context io_;
  Timeline timeline_;
  TimelineClock clock_{timeline_};

 public:
  AwsAccount account;
  aws::Session session{options()};
  aws::CloudFormation cloudformation{session};
  aws::Iam iam{session};
  aws::DynamoDb dynamodb{session};
  aws::Ssm ssm{session};
  aws::SecretsManager secrets{session};
  aws::Lambda lambda{session};
  aws::S3 s3{session};
  aws::Sts sts{session};
  aws::Kms kms{session};
};

// Every status that the stack has had, the first first.
inline std::vector<std::string> statuses_of(AccountWorld& world, const std::string& id) {
  std::vector<std::string> statuses;
  for (const auto& [when, status] : world.account.all_stacks().at(id)->history) statuses.push_back(status);
  return statuses;
}

inline aws::StackInput stack_input(std::string name, std::string body, aws::NameValues parameters = {}) {
  return {.stack_name = std::move(name),
          .template_body = std::move(body),
          .parameters = std::move(parameters),
          .capabilities = {"CAPABILITY_NAMED_IAM"}};
}

}  // namespace simulation::test
