// The secrets of one instance: what the outputs of its stack name is read only where it belongs to it. The
// broker may read the secrets of all its instances; an output that names another's would hand it out.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/cloud/cloud.hpp"
#include "broker/credentials.hpp"

namespace broker {

class OwnSecrets {
 public:
  // `stack`: the instance's, as it was found to be.
  OwnSecrets(Cloud& cloud, const aws::Stack& stack, std::string broker_id, std::string instance_id)
      : cloud_(cloud),
        stack_(stack),
        broker_id_(std::move(broker_id)),
        instance_id_(std::move(instance_id)) {}

  // The value of an SSM parameter below /asb/<stack name>/, of one that is a resource of the stack, of one
  // whose name ends with the physical id of a custom resource of the stack, as the Go broker's templates name
  // them, or of one that the template's author names in full. Errors: invalid (it is another's; says what to
  // do), those of the cloud.
  [[nodiscard]] async::Task<core::Result<std::string>> parameter(CredentialSource source);
  // A value in a secret that is a resource of the stack, has the tags of this broker and instance (those of
  // the stack reach what its resources make), or that the template's author names in full. Errors: the same.
  [[nodiscard]] async::Task<core::Result<std::string>> secret(CredentialSource source);

 private:
  [[nodiscard]] async::Task<core::Result<const std::vector<aws::StackResource>*>> resources();
  [[nodiscard]] async::Task<core::Result<std::string>> own_secret(const CredentialSource& source,
                                                                  const std::string& id);
  [[nodiscard]] async::Task<core::Result<std::string>> read(std::string id, std::string stage);

  Cloud& cloud_;
  const aws::Stack& stack_;
  std::string broker_id_, instance_id_;
  std::optional<std::vector<aws::StackResource>> resources_;
  std::map<std::string, std::string> checked_;  // ids of secrets, and the ARNs by which they are read
  std::map<std::pair<std::string, std::string>, std::string> read_;  // each version once
};

}  // namespace broker
