// A bucket that the fake cloud reads templates from; writing to it can meet a fault.
#pragma once

#include "broker/cloud/template_bucket.hpp"
#include "tests/unit/broker/fake_cloud.hpp"
#include "tests/unit/broker/fault_points.hpp"

namespace broker::test {

class FakeTemplateBucket final : public TemplateBucket {
 public:
  FakeTemplateBucket(FakeCloud& cloud, FaultPoints& faults) : cloud_(cloud), faults_(faults) {}

  std::optional<core::Error> refuse;  // writing answers this

  async::Task<core::Result<std::string>> put(std::shared_ptr<const Template> service) override {
    return faults_.around<std::string>([this, service] { return write(service); });
  }

 private:
  async::Task<core::Result<std::string>> write(std::shared_ptr<const Template> service) {
    if (refuse) co_return core::fail(*refuse);
    std::string url = "https://templates.s3.us-east-1.amazonaws.com/" + service->digest;
    cloud_.objects[url] = service->body;
    co_return url;
  }

  FakeCloud& cloud_;
  FaultPoints& faults_;
};

}  // namespace broker::test
