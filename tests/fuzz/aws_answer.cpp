// Bytes in the place of AWS's answers, XML and JSON, to the clients that the broker uses: a value or an
// error.
#include <cstdlib>

#include <boost/asio/io_context.hpp>

#include "aws/cloudformation.hpp"
#include "aws/dynamodb.hpp"
#include "aws/iam.hpp"
#include "aws/kms.hpp"
#include "aws/lambda.hpp"
#include "aws/s3.hpp"
#include "aws/secrets_manager.hpp"
#include "aws/ssm.hpp"
#include "aws/sts.hpp"
#include "core/log.hpp"
#include "testing/run.hpp"

namespace {

// Answers everything with the same bytes.
class CannedTransport final : public net::Transport {
 public:
  explicit CannedTransport(const net::Reply& reply) : reply_(reply) {}
  async::Task<core::Result<net::Reply>> send(net::Request, net::CallOptions) override { co_return reply_; }
  async::Task<core::Result<net::IncomingReply>> open(net::Request, net::CallOptions) override {
    co_return core::fail(core::ErrorKind::unavailable, "no streams here");
  }

 private:
  const net::Reply& reply_;
};

class Target {
 public:
  Target() { core::log::configure("text", "error"); }

  void answer(net::Reply reply) {
    reply_ = std::move(reply);
    ask(aws::CloudFormation(session_).describe_stack("stack"));
    ask(aws::CloudFormation(session_).describe_stack_events("stack", 10));
    ask(aws::CloudFormation(session_).describe_stack_resources("stack"));
    ask(aws::CloudFormation(session_).create_stack({}));
    ask(aws::Iam(session_).list_access_keys("user"));
    ask(aws::Iam(session_).create_access_key("user"));
    ask(aws::Iam(session_).get_user_policy("user", "policy"));
    ask(aws::Sts(session_).get_caller_identity());
    ask(aws::Sts(session_).assume_role({}));
    ask(aws::DynamoDb(session_).get_item("table", {}));
    ask(aws::DynamoDb(session_).query("table", "index", {}, {}));
    ask(aws::Ssm(session_).get_parameter("name"));
    ask(aws::SecretsManager(session_).get_secret_value("name", ""));
    ask(aws::Kms(session_).generate_data_key("key", {}));
    ask(aws::CloudFormation(session_).list_stacks_in_progress(""));
    ask(aws::Lambda(session_).invoke("function", "{}"));
    ask(aws::S3(session_).list_objects("bucket", "prefix"));
  }

 private:
  template <class T>
  void ask(async::Task<core::Result<T>> call) {
    const core::Result<T> result = fakes::run(io_, std::move(call));
    if (!result && result.error().message.empty()) std::abort();
  }

  aws::SessionOptions options() {
    aws::SessionOptions options;
    options.region = "us-east-1";
    options.credentials = std::make_shared<aws::StaticCredentials>(
        aws::Identity{.access_key_id = "AKIDEXAMPLE", .secret_access_key = "secret", .expires = {}});
    options.transports = [this](const aws::Endpoint&) -> core::Result<std::unique_ptr<net::Transport>> {
      return std::make_unique<CannedTransport>(reply_);
    };
    options.clock = &clock_;
    options.environment = [](const std::string&) { return std::string(); };
    options.retries.max_attempts = 1;
    return options;
  }

  boost::asio::io_context io_{1};
  async::SystemClock clock_;
  net::Reply reply_;
  aws::Session session_{options()};
};

}  // namespace

// The first byte chooses the status.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr int statuses[] = {200, 400, 403, 404, 409, 503};
  static Target target;
  if (size == 0) return 0;
  net::Reply reply{.status = statuses[data[0] % std::size(statuses)], .headers = {}, .body = {}};
  reply.body.assign(reinterpret_cast<const char*>(data) + 1, size - 1);
  target.answer(std::move(reply));
  return 0;
}
