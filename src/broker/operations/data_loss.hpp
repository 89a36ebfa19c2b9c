// Whether an update would lose data, and the user's consent to that. Pure.
#pragma once

#include "aws/cloudformation.hpp"
#include "broker/operations/wanted_update.hpp"
#include "broker/replacement/replacement.hpp"

namespace broker {

// Takes the consent parameter out of what a user has given: it is for the broker, and only for the request
// that carries it. false where it is left out. Error: invalid (no boolean, or not offered).
[[nodiscard]] core::Result<bool> take_consent(boost::json::value& parameters, const CatalogOptions& options);

// The values of the stack's parameters: what CloudFormation says of them, and for those that it hides what
// is recorded.
[[nodiscard]] Values values_before(const InstanceValues& recorded, const Template& service,
                                   const aws::Stack& stack);
// After an update: what is not sent stays as it is in the stack (`before`), or is the template's default.
[[nodiscard]] Values values_after(const InstanceValues& recorded, const InstanceValues& wanted,
                                  const UpdateTarget& target, const Values& before);

// Error: unprocessable ("the requested change is not supported"; OSB, "Updating a Service Instance"), naming
// the resources, the properties and the parameters, and what to do.
[[nodiscard]] core::Result<> check_keeps_data(const InstanceValues& recorded, const InstanceValues& wanted,
                                              const UpdateTarget& target, const aws::Stack& stack);

// What is told of them to the user. `plan`: the new one; nullptr where it stays.
[[nodiscard]] std::string describe_losses(const std::vector<Replacement>& losses, const TemplatePlan* plan);

}  // namespace broker
