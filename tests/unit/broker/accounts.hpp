// An AWS in memory for each place that a broker works in, which may refuse it.
#pragma once

#include "tests/unit/broker/fake_cloud.hpp"

namespace broker::test {

class Account final : public FakeCloud {
 public:
  std::optional<core::Error> refusal;  // of every call

  async::Task<core::Result<std::string>> create_stack(aws::StackInput input) override {
    if (refusal) co_return core::fail(*refusal);
    co_return co_await FakeCloud::create_stack(std::move(input));
  }
  async::Task<core::Result<>> delete_stack(std::string name_or_id, std::string token) override {
    if (refusal) co_return core::fail(*refusal);
    co_return co_await FakeCloud::delete_stack(std::move(name_or_id), std::move(token));
  }
  async::Task<core::Result<aws::Stack>> describe_stack(std::string name_or_id) override {
    if (refusal) co_return core::fail(*refusal);
    co_return co_await FakeCloud::describe_stack(std::move(name_or_id));
  }
  async::Task<core::Result<Pairs>> list_user_tags(std::string user) override {
    if (refusal) co_return core::fail(*refusal);
    co_return co_await FakeCloud::list_user_tags(std::move(user));
  }
  async::Task<core::Result<std::vector<std::string>>> list_access_keys(std::string user) override {
    if (refusal) co_return core::fail(*refusal);
    co_return co_await FakeCloud::list_access_keys(std::move(user));
  }
};

class Accounts final : public CloudProvider {
 public:
  Cloud& cloud(const Placement& placement) override {
    Placement place = placement;
    place.account_of_keys.clear();  // which only AWS itself can check
    return at[place];
  }
  std::map<Placement, Account> at;
};

}  // namespace broker::test
