#include "aws/kms.hpp"

#include "aws/json_protocol.hpp"
#include "core/hash.hpp"

namespace aws {

namespace {

async::Task<core::Result<boost::json::object>> call_kms(Session& session, std::string operation,
                                                        boost::json::object input) {
  return call_json(session, Service::kms, "1.1", "TrentService", std::move(operation), std::move(input));
}

core::Result<std::string> bytes_of(const boost::json::object& answer, std::string_view name) {
  auto bytes = core::base64_decode(core::find_string(answer, {name}));
  if (!bytes || bytes->empty())
    return core::fail(core::ErrorKind::protocol, "KMS answered without " + std::string(name));
  return bytes;
}

}  // namespace

async::Task<core::Result<DataKey>> Kms::generate_data_key(std::string key_id, boost::json::object context) {
  boost::json::object input{
      {"KeyId", key_id}, {"KeySpec", "AES_256"}, {"EncryptionContext", std::move(context)}};
  const auto answer = co_await call_kms(session_, "GenerateDataKey", std::move(input));
  if (!answer) co_return core::fail(answer.error().with_context("the KMS key " + key_id));
  auto plaintext = bytes_of(*answer, "Plaintext");
  if (!plaintext) co_return core::fail(std::move(plaintext.error()));
  auto ciphertext = bytes_of(*answer, "CiphertextBlob");
  if (!ciphertext) co_return core::fail(std::move(ciphertext.error()));
  co_return DataKey{.plaintext = std::move(*plaintext), .ciphertext = std::move(*ciphertext)};
}

async::Task<core::Result<std::string>> Kms::decrypt(std::string key_id, std::string ciphertext,
                                                    boost::json::object context) {
  boost::json::object input{{"KeyId", key_id},
                            {"CiphertextBlob", core::base64_encode(ciphertext)},
                            {"EncryptionContext", std::move(context)}};
  const auto answer = co_await call_kms(session_, "Decrypt", std::move(input));
  if (!answer) co_return core::fail(answer.error().with_context("the KMS key " + key_id));
  co_return bytes_of(*answer, "Plaintext");
}

}  // namespace aws
