#include "aws/credentials/refreshing.hpp"

namespace aws {

namespace {

constexpr std::chrono::seconds renew_before{5 * 60};
constexpr std::chrono::seconds unusable_before{30};
constexpr std::chrono::milliseconds wait_step{50};

}  // namespace

const Identity* RefreshingCredentials::valid_for(std::chrono::seconds left) const {
  const bool valid = current_ && (!current_->expires || *current_->expires - clock_.system_now() > left);
  return valid ? &*current_ : nullptr;
}

async::Task<core::Result<Identity>> RefreshingCredentials::get() {
  while (true) {
    if (const Identity* valid = valid_for(renew_before)) co_return *valid;
    if (!renewing_) break;
    if (const Identity* usable = valid_for(unusable_before)) co_return *usable;
    co_await clock_.sleep_for(wait_step);  // another task is renewing what has expired
  }
  struct Flag {
    bool& flag;
    explicit Flag(bool& target) : flag(target) { flag = true; }
    ~Flag() { flag = false; }
  };
  const Flag renewing(renewing_);
  auto renewed = co_await source_->get();
  if (renewed) {
    current_ = *renewed;
    co_return std::move(*renewed);
  }
  if (const Identity* usable = valid_for(unusable_before)) co_return *usable;
  co_return core::fail(std::move(renewed.error()));
}

}  // namespace aws
