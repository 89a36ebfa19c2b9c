// Keeps another provider's keys until shortly before they expire. While they are renewed the old ones go on
// as long as they are valid; only one renewal is under way at a time.
#pragma once

#include <memory>
#include <optional>

#include "async/clock.hpp"
#include "aws/credentials/provider.hpp"

namespace aws {

class RefreshingCredentials final : public CredentialsProvider {
 public:
  // The clock outlives this.
  RefreshingCredentials(std::shared_ptr<CredentialsProvider> source, async::Clock& clock)
      : source_(std::move(source)), clock_(clock) {}
  [[nodiscard]] async::Task<core::Result<Identity>> get() override;

 private:
  [[nodiscard]] const Identity* valid_for(std::chrono::seconds left) const;  // nullptr: none is
  std::shared_ptr<CredentialsProvider> source_;
  async::Clock& clock_;
  std::optional<Identity> current_;
  bool renewing_ = false;
};

}  // namespace aws
