// The values of a stack's parameters: given, kept from before, or the template's own; checked as
// CloudFormation checks them before it makes anything.
#pragma once

#include "simulation/aws/cloudformation/resolver.hpp"
#include "simulation/aws/ssm.hpp"

namespace simulation {

// `before`: the stack's values until now, nullptr where it is new. Failure: ValidationError.
[[nodiscard]] Answer<ParameterValues> parameters_of(const Form& form, const Template& made,
                                                    const ParameterValues* before);

// The same with what AWS::SSM::Parameter::Value<…> stands for. Failure: ValidationError.
[[nodiscard]] Answer<ParameterValues> with_ssm_values(const Template& made, ParameterValues values,
                                                      const SsmService& ssm);

}  // namespace simulation
