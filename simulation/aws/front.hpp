// The account's front door: whose request it is, which service and action it means, whether AWS would have
// taken it, and the faults that meet it.
#pragma once

#include <string>

#include "simulation/aws/cloudformation/stack_service.hpp"
#include "simulation/aws/kms.hpp"
#include "simulation/aws/tokens.hpp"

namespace simulation {

struct AllServices {
  StackService& stacks;
  IamService& iam;
  SsmService& ssm;
  SecretService& secrets;
  BucketService& buckets;
  TableService& tables;
  FunctionService& functions;
  TokenService& tokens;
  KeyService& kms;
};

class Front {
 public:
  Front(World& world, AllServices services) : world_(world), services_(services) {}

  [[nodiscard]] net::Response answer(const net::Request& request);
  // A call without a request: of people, and of tests.
  [[nodiscard]] Answer<> perform(const Call& call);

 private:
  [[nodiscard]] Answer<Call> read(const net::Request& request);
  [[nodiscard]] Answer<Caller> authenticate(const net::Request& request, std::string_view service);
  [[nodiscard]] Answer<> dispatch(const Call& call);
  [[nodiscard]] net::Response success(const Call& call, Reply reply);
  [[nodiscard]] net::Response failure(const std::string& service, const Failure& failure);
  void violation(const std::string& text) { world_.journal.violations.push_back(text); }

  World& world_;
  AllServices services_;
  std::map<std::pair<std::string, std::string>, std::size_t> verified_;  // requests by key and service
};

}  // namespace simulation
