#include "aws/ssm.hpp"

#include "aws/json_protocol.hpp"

namespace aws {

namespace {

async::Task<core::Result<boost::json::object>> call_ssm(Session& session, std::string operation,
                                                        boost::json::object input) {
  return call_json(session, Service::ssm, "1.1", "AmazonSSM", std::move(operation), std::move(input));
}

}  // namespace

async::Task<core::Result<std::string>> Ssm::get_parameter(std::string name) {
  boost::json::object input{{"Name", name}, {"WithDecryption", true}};
  auto answer = co_await call_ssm(session_, "GetParameter", std::move(input));
  if (!answer) co_return core::fail(answer.error().with_context("SSM parameter " + name));
  co_return std::string(core::find_string(*answer, {"Parameter", "Value"}));
}

async::Task<core::Result<>> Ssm::put_secure_parameter(std::string name, std::string value) {
  boost::json::object input{{"Name", name}, {"Value", value}, {"Type", "SecureString"}, {"Overwrite", true}};
  auto answer = co_await call_ssm(session_, "PutParameter", std::move(input));
  if (!answer) co_return core::fail(answer.error().with_context("SSM parameter " + name));
  co_return core::Result<>();
}

async::Task<core::Result<>> Ssm::delete_parameter(std::string name) {
  boost::json::object input{{"Name", name}};
  auto answer = co_await call_ssm(session_, "DeleteParameter", std::move(input));
  if (!answer) co_return core::fail(answer.error().with_context("SSM parameter " + name));
  co_return core::Result<>();
}

}  // namespace aws
