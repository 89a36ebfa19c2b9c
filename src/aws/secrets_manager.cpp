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
    co_return core::fail(core::ErrorKind::protocol, "The secret " + id + " holds no text.");
  co_return std::string(text->get_string());
}

}  // namespace aws
