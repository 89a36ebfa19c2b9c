#include "aws/secrets_manager.hpp"

#include "aws/json_protocol.hpp"

namespace aws {

async::Task<core::Result<std::string>> SecretsManager::get_secret_value(std::string id, std::string stage) {
  boost::json::object input{{"SecretId", id}};
  if (!stage.empty()) input["VersionStage"] = stage;
  auto answer = co_await call_json(session_, Service::secrets_manager, "1.1", "secretsmanager",
                                   "GetSecretValue", std::move(input));
  if (!answer) co_return core::fail(answer.error().with_context("secret " + id));
  const boost::json::value* text = answer->if_contains("SecretString");
  if (text == nullptr || !text->is_string())
    co_return core::fail(core::ErrorKind::protocol, "The secret " + id + " has no text.");
  co_return std::string(text->get_string());
}

async::Task<core::Result<SecretDescription>> SecretsManager::describe_secret(std::string id) {
  boost::json::object input{{"SecretId", id}};
  auto answer = co_await call_json(session_, Service::secrets_manager, "1.1", "secretsmanager",
                                   "DescribeSecret", std::move(input));
  if (!answer) co_return core::fail(answer.error().with_context("secret " + id));
  SecretDescription description{.arn = std::string(core::find_string(*answer, {"ARN"})), .tags = {}};
  if (const auto* tags = core::find_array(*answer, {"Tags"})) {
    for (const boost::json::value& tag : *tags)
      description.tags.emplace_back(core::find_string(tag, {"Key"}), core::find_string(tag, {"Value"}));
  }
  co_return description;
}

}  // namespace aws
