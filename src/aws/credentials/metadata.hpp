// Keys from a local endpoint: of the container (ECS, EKS Pod Identity) or of the instance (IMDSv2).
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "aws/credentials/provider.hpp"
#include "aws/endpoints.hpp"

namespace aws {

// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI, with AWS_CONTAINER_AUTHORIZATION_TOKEN(_FILE). Only
// https, or http to loopback and the link-local addresses of ECS and EKS.
class ContainerCredentials final : public CredentialsProvider {
 public:
  ContainerCredentials(boost::asio::any_io_executor executor, Environment environment)
      : executor_(std::move(executor)), environment_(std::move(environment)) {}
  [[nodiscard]] async::Task<core::Result<Identity>> get() override;

 private:
  boost::asio::any_io_executor executor_;
  Environment environment_;
};

// AWS_EC2_METADATA_DISABLED, AWS_EC2_METADATA_SERVICE_ENDPOINT. Answers not_found within a second where
// nothing listens.
class InstanceCredentials final : public CredentialsProvider {
 public:
  InstanceCredentials(boost::asio::any_io_executor executor, Environment environment)
      : executor_(std::move(executor)), environment_(std::move(environment)) {}
  [[nodiscard]] async::Task<core::Result<Identity>> get() override;

 private:
  boost::asio::any_io_executor executor_;
  Environment environment_;
};

}  // namespace aws
