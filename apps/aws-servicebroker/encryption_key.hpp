// The key that secrets in the records are sealed with: from a file, or a data key of KMS that stands,
// encrypted, beside the records (docs.aws.amazon.com/kms/latest/developerguide/concepts.html#enveloping).
#pragma once

#include <string>

#include "aws/session.hpp"
#include "broker/store/store.hpp"
#include "core/seal.hpp"
#include "options.hpp"

// --encryption-key, or a file in the data folder. `account` is what a data key is bound to. Of several
// replicas that start on an empty store one settles the key, and all use it. Errors: invalid (the records
// were sealed with another key, a file that is no key), forbidden, not_found, unavailable (the file, KMS, the
// store).
[[nodiscard]] async::Task<core::Result<core::Sealer>> sealer_of(const Options& options,
                                                                const std::string& data_folder,
                                                                broker::Store& store, aws::Session& session,
                                                                const std::string& account);

// What KMS binds a data key to (its encryption context).
[[nodiscard]] boost::json::object data_key_context(const std::string& account);

// Its two ways to name a key: "file:PATH" or "kms:KEY". Error: invalid.
struct KeyName {
  bool of_kms = false;
  std::string name;
};
[[nodiscard]] core::Result<KeyName> encryption_key_of(const Options& options, const std::string& data_folder);
