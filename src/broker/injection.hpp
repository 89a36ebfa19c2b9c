// What the broker adds to templates that ask for it, so that each class need not repeat it: an IAM user
// (Bindings.IAM; broker.md, "A template") and subnets (MakesSubnets). The texts are
// templates/injected-*.yaml.
#pragma once

#include <span>

#include "broker/template_set.hpp"
#include "core/json.hpp"

namespace broker {

// templates/injected-*.yaml as they were when the program was built.
[[nodiscard]] std::span<const NamedText> injected_files();

// Adds to a template
// - where Bindings.IAM.AddKeypair is true: AWSSBInjectedIAMUser with its key pair, and
//   AWSSBInjectedIAMUserPolicy<N> for the Nth of Bindings.IAM.Policies: what its bindings may do;
// - where MakesSubnets is true or a map: AWSSBInjectedSubnets, under the condition AWSSBMakesSubnets. Its
//   properties are the parameters of the same names, unless the map gives them.
// What is there already is left as it is. Returns whether the document was changed. Errors: invalid (a policy
// without PolicyDocument, Resources or Conditions that are no map, a name that the template uses for
// something else).
[[nodiscard]] core::Result<bool> inject(boost::json::object& document);

}  // namespace broker
