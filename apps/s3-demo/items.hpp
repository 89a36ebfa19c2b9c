// Items with an id and a content, kept as objects of a bucket under a prefix.
#pragma once

#include <string>
#include <vector>

#include "aws/s3.hpp"

class Items {
 public:
  // The session outlives this.
  Items(aws::Session& session, std::string bucket, std::string prefix)
      : s3_(session), bucket_(std::move(bucket)), prefix_(std::move(prefix)) {}

  [[nodiscard]] async::Task<core::Result<>> put(const std::string& id, std::string content);
  [[nodiscard]] async::Task<core::Result<std::string>> content(const std::string& id);
  [[nodiscard]] async::Task<core::Result<std::vector<std::string>>> ids();
  [[nodiscard]] async::Task<core::Result<>> remove(const std::string& id);
  [[nodiscard]] async::Task<core::Result<>> remove_all();

 private:
  aws::S3 s3_;
  std::string bucket_;
  std::string prefix_;
};
