// Where access keys come from. Providers are composed by chain.hpp and kept fresh by refreshing.hpp.
#pragma once

#include <memory>

#include "async/task.hpp"
#include "aws/identity.hpp"
#include "core/error.hpp"

namespace aws {

class CredentialsProvider {
 public:
  virtual ~CredentialsProvider() = default;
  // Errors: not_found (this source is not configured: a chain goes on to the next one); anything else is a
  // configured source that does not work, which the message names.
  [[nodiscard]] virtual async::Task<core::Result<Identity>> get() = 0;
};

// Keys that were given.
class StaticCredentials final : public CredentialsProvider {
 public:
  explicit StaticCredentials(Identity identity) : identity_(std::move(identity)) {}
  [[nodiscard]] async::Task<core::Result<Identity>> get() override { co_return identity_; }

 private:
  Identity identity_;
};

}  // namespace aws
