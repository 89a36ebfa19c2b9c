#include "simulation/aws/kms.hpp"

#include "core/hash.hpp"

namespace simulation {

namespace json = boost::json;

Answer<> KeyService::handle(const Call& call) {
  std::string id(core::find_string(call.input, {"KeyId"}));
  if (const auto at = id.find(":key/"); at != id.npos) id = id.substr(at + 5);
  if (const auto at = id.find(":alias/"); at != id.npos) id = id.substr(at + 1);
  if (!id.empty() && !keys_.contains(id))
    return refuse("NotFoundException",
                  (id.starts_with("alias/") ? "Alias " + world_.arn("kms", id)
                                            : "Key '" + world_.arn("kms", "key/" + id) + "'") +
                      (id.starts_with("alias/") ? " is not found." : " does not exist"));
  const json::object* context = core::find_object(call.input, {"EncryptionContext"});
  const std::string bound = context == nullptr ? "{}" : core::to_canonical_text(*context);
  if (call.action == "GenerateDataKey") {
    std::string cipher = core::base64_encode(world_.alphanumeric(96));
    std::string plain = core::base64_encode(world_.alphanumeric(32));
    data_keys_[cipher] = {.key_id = id, .plaintext = plain, .context = bound};
    return Reply{
        .body = core::to_text(json::object{
            {"CiphertextBlob", cipher}, {"Plaintext", plain}, {"KeyId", world_.arn("kms", "key/" + id)}})};
  }
  const auto found = data_keys_.find(std::string(core::find_string(call.input, {"CiphertextBlob"})));
  if (found == data_keys_.end() || found->second.context != bound)
    return refuse("InvalidCiphertextException", "");
  if (!id.empty() && found->second.key_id != id)
    return refuse("IncorrectKeyException",
                  "The key ID in the request does not identify a CMK that can perform this operation.");
  return Reply{.body =
                   core::to_text(json::object{{"Plaintext", found->second.plaintext},
                                              {"KeyId", world_.arn("kms", "key/" + found->second.key_id)}})};
}

}  // namespace simulation
