// The demonstration: puts, reads, lists, overwrites and deletes one item in the bucket of an S3 binding.
//
// Executor: the loop's thread. Runs follow each other, however many are asked for at once, since they share
// one item.
#pragma once

#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "async/clock.hpp"
#include "async/event.hpp"
#include "report.hpp"
#include "secrets.hpp"

class Items;

class Demo {
 public:
  Demo(boost::asio::any_io_executor executor, aws::Environment environment);

  // A step that fails says why; those that need it are skipped. What was put is removed in any case.
  [[nodiscard]] async::Task<Report> run();

 private:
  [[nodiscard]] async::Task<Report> run_alone();

  boost::asio::any_io_executor executor_;
  aws::Environment environment_;
  std::string prefix_;  // of this process alone, so that replicas do not see each other's items
  async::SystemClock clock_;
  bool running_ = false;
  async::Event finished_;
};
