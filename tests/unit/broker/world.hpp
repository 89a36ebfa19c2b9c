// A broker with its store and a cloud in memory, and a platform that repeats its request where the broker
// died or could not be reached.
#pragma once

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "broker/service_broker.hpp"
#include "broker/store/sqlite_store.hpp"
#include "testing/run.hpp"
#include "tests/unit/broker/fake_cloud.hpp"
#include "tests/unit/broker/fake_template_bucket.hpp"
#include "tests/unit/broker/faulty_cloud.hpp"
#include "tests/unit/broker/faulty_store.hpp"

namespace broker::test {

inline constexpr const char* bucket_template = R"yaml(
Description: a bucket
Metadata:
  AWS::ServiceBroker::Specification:
    Name: s3
    ServicePlans:
      production: { Description: a plan }
Parameters:
  Secret: { Type: String, NoEcho: true, Default: "" }
Resources:
  AWSSBInjectedIAMUser: { Type: AWS::IAM::User }
)yaml";

// The same, too long for a request.
[[nodiscard]] inline std::string long_bucket_template() {
  std::string text = bucket_template;
  return text.replace(text.find("a plan"), 6, std::string(max_request_bytes, 'p'));
}

class World {
 public:
  explicit World(const std::string& template_text = bucket_template)
      : store_(*SqliteStore::open(pool_, ":memory:")),
        faulty_store_(*store_, faults),
        faulty_cloud_(cloud, faults) {
    offer(template_text);
    restart();
  }

  void restart() {
    restart_without_bucket();
    broker_->use_template_bucket(template_bucket);
    EXPECT_TRUE(run(broker_->resume()));
  }
  void restart_without_bucket() {
    faults.disarm();
    broker_ = std::make_unique<ServiceBroker>(BrokerOptions{.broker_id = "test", .account_id = "0"}, catalog_,
                                              faulty_store_, faulty_cloud_, sealer_, clock_, tasks_);
  }
  void use_template(const std::string& text) {
    offer(text);
    broker_->use_catalog(catalog_);
  }
  [[nodiscard]] const TemplateSet& templates() const { return catalog_->templates(); }

  // --- requests, each of which is repeated where the broker dies or says that it may work later

  // Also where the broker could not find out whether there is a stack already.
  [[nodiscard]] core::Result<osb::ProvisionResponse> provision() {
    auto answer = send(&ServiceBroker::provision, provision_request());
    const bool comes_again = !answer && answer.error().code == "ConcurrencyError";
    return comes_again ? send(&ServiceBroker::provision, provision_request()) : answer;
  }
  [[nodiscard]] core::Result<osb::LastOperationResponse> poll_until_done(const std::string& operation) {
    const osb::LastOperationRequest request{.instance_id = "i1", .operation = operation};
    while (true) {
      auto answer = send(&ServiceBroker::last_operation, request);
      if (!answer || answer->state != osb::OperationState::in_progress) return answer;
    }
  }
  [[nodiscard]] core::Result<osb::BindResponse> bind(bool accepts_incomplete = false) {
    osb::BindRequest request = bind_request();
    request.accepts_incomplete = accepts_incomplete;
    return send(&ServiceBroker::bind, request);
  }
  [[nodiscard]] core::Result<osb::FetchBindingResponse> fetch_binding() {
    const osb::FetchBindingRequest request{.instance_id = "i1", .binding_id = "b1"};
    return send(&ServiceBroker::fetch_binding, request);
  }
  [[nodiscard]] core::Result<osb::UnbindResponse> unbind(bool accepts_incomplete = false) {
    osb::UnbindRequest request = unbind_request();
    request.accepts_incomplete = accepts_incomplete;
    return send(&ServiceBroker::unbind, request);
  }
  [[nodiscard]] core::Result<osb::DeprovisionResponse> deprovision() {
    return send(&ServiceBroker::deprovision, deprovision_request());
  }

  [[nodiscard]] osb::ProvisionRequest provision_request() const {
    return {.instance_id = "i1",
            .service_id = service_id(),
            .plan_id = plan_id(),
            .organization_guid = "o",
            .space_guid = "s",
            .context = {},
            .parameters = parameters,
            .maintenance_info = {},
            .accepts_incomplete = true};
  }
  [[nodiscard]] osb::BindRequest bind_request() const {
    return {.instance_id = "i1",
            .binding_id = "b1",
            .service_id = service_id(),
            .plan_id = plan_id(),
            .context = {},
            .parameters = {},
            .bind_resource = {}};
  }
  [[nodiscard]] osb::UnbindRequest unbind_request() const {
    return {.instance_id = "i1", .binding_id = "b1", .service_id = service_id(), .plan_id = plan_id()};
  }
  [[nodiscard]] osb::DeprovisionRequest deprovision_request() const {
    return {
        .instance_id = "i1", .service_id = service_id(), .plan_id = plan_id(), .accepts_incomplete = true};
  }

  // Until what goes on without a request has ended.
  void finish_background() { run(tasks_.join()); }

  template <class T>
  T run(async::Task<T> task) {
    return fakes::run(io_, std::move(task));
  }
  [[nodiscard]] ServiceBroker& broker() { return *broker_; }
  [[nodiscard]] Store& store() { return *store_; }  // without faults
  [[nodiscard]] std::string service_id() const { return ids_.class_id("s3"); }
  [[nodiscard]] std::string plan_id() const { return ids_.plan_id("s3", "production"); }

  // --- what is recorded

  void lose_records() {
    for (InstanceRecord& record : *run(store_->list_instances()))
      ASSERT_TRUE(run(store_->remove_instance(std::move(record))));
  }
  [[nodiscard]] std::size_t instances() { return run(store_->list_instances())->size(); }
  [[nodiscard]] std::size_t bindings() { return run(store_->list_bindings("i1"))->size(); }
  [[nodiscard]] std::string stored_text() {
    return core::to_text(to_json(run(store_->list_instances())->at(0)));
  }

  FaultPoints faults;
  FakeCloud cloud;
  FakeTemplateBucket template_bucket{cloud, faults};
  boost::json::value parameters;

 private:
  void offer(const std::string& text) {
    TemplateSet templates;
    templates.templates.push_back(std::make_shared<const Template>(*parse_template(text, "test")));
    catalog_ = std::make_shared<const Catalog>(ids_, std::move(templates), CatalogOptions{});
  }
  template <class Request, class Response>
  core::Result<Response> send(
      async::Task<core::Result<Response>> (ServiceBroker::*method)(const Request&, const osb::CallContext&),
      const Request& request) {
    const osb::CallContext context;
    while (true) {
      try {
        auto answer = run((*broker_.*method)(request, context));
        if (answer || !answer.error().retryable()) return answer;
      } catch (const Crash&) {
        restart();
      }
    }
  }

  boost::asio::io_context io_{1};
  async::BlockingPool pool_{1};
  Ids ids_ = *Ids::make("0", "test");
  core::Sealer sealer_ = core::Sealer::ephemeral();
  async::SystemClock clock_;
  async::TaskGroup tasks_{io_.get_executor()};
  std::unique_ptr<SqliteStore> store_;
  FaultyStore faulty_store_;
  FaultyCloud faulty_cloud_;
  std::shared_ptr<const Catalog> catalog_;
  std::unique_ptr<ServiceBroker> broker_;
};

}  // namespace broker::test
