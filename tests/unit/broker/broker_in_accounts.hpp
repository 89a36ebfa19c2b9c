// A broker with one class (test::bucket_template), its records in memory, and an AWS in each place.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "broker/service_broker.hpp"
#include "broker/store/sqlite_store.hpp"
#include "testing/run.hpp"
#include "tests/unit/broker/accounts.hpp"
#include "tests/unit/broker/world.hpp"

namespace broker::test {

class BrokerInAccounts : public testing::Test {
 protected:
  // Anew, with the records that there are.
  void start(RoleBindings role_bindings = {}, Overrides overrides = {}) {
    BrokerOptions options{.broker_id = "test", .account_id = "0"};
    options.role_bindings = std::move(role_bindings);
    options.overrides = std::move(overrides);
    TemplateSet templates;
    templates.templates.push_back(std::make_shared<const Template>(*parse_template(bucket_template, "test")));
    broker_ = std::make_unique<ServiceBroker>(
        std::move(options), std::make_shared<const Catalog>(ids_, std::move(templates), CatalogOptions{}),
        *store_, accounts_, sealer_, clock_, tasks_);
  }
  template <class T>
  T run(async::Task<T> task) {
    return fakes::run(io_, std::move(task));
  }
  auto provision(osb::ProvisionRequest request) {
    request.service_id = service_;
    request.plan_id = plan_;
    request.accepts_incomplete = true;
    return run(broker_->provision(std::move(request), {}));
  }
  // The binding "b1" of the instance "i1".
  auto unbind() {
    return run(broker_->unbind(
        {.instance_id = "i1", .binding_id = "b1", .service_id = service_, .plan_id = plan_}, {}));
  }
  // The instance "i1".
  auto deprovision() {
    return run(broker_->deprovision(
        {.instance_id = "i1", .service_id = service_, .plan_id = plan_, .accepts_incomplete = true}, {}));
  }
  // To the end of the operation, whatever it is.
  void poll(const std::string& instance_id, const char* operation) {
    for (int polls = 0; polls < 10; ++polls) {
      const auto answer =
          run(broker_->last_operation({.instance_id = instance_id, .operation = operation}, {}));
      if (!answer || answer->state != osb::OperationState::in_progress) return;
    }
    ADD_FAILURE() << operation << " goes on for ever";
  }

  boost::asio::io_context io_{1};
  async::BlockingPool pool_{1};
  std::unique_ptr<SqliteStore> store_ = *SqliteStore::open(pool_, ":memory:");
  Accounts accounts_;
  Ids ids_ = *Ids::make("0", "test");
  std::string service_ = ids_.class_id("s3"), plan_ = ids_.plan_id("s3", "production");
  core::Sealer sealer_ = core::Sealer::ephemeral();
  async::SystemClock clock_;
  async::TaskGroup tasks_{io_.get_executor()};
  std::unique_ptr<ServiceBroker> broker_;
};

}  // namespace broker::test
