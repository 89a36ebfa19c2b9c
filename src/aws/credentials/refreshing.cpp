#include "aws/credentials/refreshing.hpp"

namespace aws {

namespace {

constexpr std::chrono::seconds renew_before{5 * 60};
constexpr std::chrono::seconds unusable_before{30};
constexpr std::chrono::milliseconds wait_step{50};

}  // namespace

bool RefreshingCredentials::is_valid_for(std::chrono::seconds left) const {
  return current_ && (!current_->expires || *current_->expires - clock_.system_now() > left);
}

async::Task<core::Result<Identity>> RefreshingCredentials::get() {
  while (true) {
    if (is_valid_for(renew_before)) co_return *current_;
    if (!renewing_) break;
    if (is_valid_for(unusable_before)) co_return *current_;
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
    current_ = std::move(*renewed);
    co_return *current_;
  }
  if (is_valid_for(unusable_before)) co_return *current_;
  co_return core::fail(std::move(renewed.error()));
}

}  // namespace aws
