// What the tests of runtime share: a loop that is turned by hand, a clock that is moved by hand, an API
// server in memory.
#pragma once

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "async/task_group.hpp"
#include "kube/client.hpp"
#include "testing/fake_kube_api.hpp"
#include "testing/manual_clock.hpp"

namespace runtime {

namespace json = boost::json;
using namespace std::chrono_literals;

class Loop : public testing::Test {
 protected:
  void TearDown() override {
    tasks_.cancel();
    settle();
    EXPECT_EQ(tasks_.size(), 0U) << "a task does not end when it is cancelled";
  }

  // Runs everything that can run without time passing.
  void settle() {
    do io_.restart();
    while (io_.poll() > 0);
  }
  void start(async::Task<> task) {
    tasks_.spawn("under test", std::move(task));
    settle();
  }
  void pass(std::chrono::milliseconds duration) {
    settle();
    clock_.advance(duration);
    settle();
  }

  static json::object object(std::string_view name, std::string_view resource_version = {}) {
    json::object metadata{{"namespace", "demo"}, {"name", name}};
    if (!resource_version.empty()) metadata["resourceVersion"] = resource_version;
    return {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", std::move(metadata)}};
  }

  static constexpr const char* config_maps = "/api/v1/configmaps";

  boost::asio::io_context io_;
  fakes::ManualClock clock_{io_.get_executor()};
  fakes::FakeKubeApi api_{io_.get_executor()};
  kube::Client client_{api_, "test"};
  async::TaskGroup tasks_{io_.get_executor()};
};

}  // namespace runtime
