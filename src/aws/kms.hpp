// KMS, only what we call (docs.aws.amazon.com/kms/latest/APIReference): data keys that only KMS can open
// again.
#pragma once

#include <string>

#include "aws/session.hpp"
#include "core/json.hpp"

namespace aws {

struct DataKey {
  std::string plaintext;   // 32 bytes
  std::string ciphertext;  // what may be stored
};

// Key ids: an id, an ARN, or "alias/NAME". The context is what the ciphertext is bound to, and can be opened
// with only.
class Kms {
 public:
  explicit Kms(Session& session) : session_(session) {}

  [[nodiscard]] async::Task<core::Result<DataKey>> generate_data_key(std::string key_id,
                                                                     boost::json::object context);
  // Error: invalid (the ciphertext is of another key, or bound to another context).
  [[nodiscard]] async::Task<core::Result<std::string>> decrypt(std::string key_id, std::string ciphertext,
                                                               boost::json::object context);

 private:
  Session& session_;
};

}  // namespace aws
