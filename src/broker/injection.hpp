// Bindings.IAM of a template (broker.md, "A template"): what its bindings may do, kept by an IAM user that
// the broker adds to the template. The resources stand in templates/injected-user.yaml.
#pragma once

#include <span>

#include "broker/template_set.hpp"
#include "core/json.hpp"

namespace broker {

// templates/injected-user.yaml as it was when the program was built.
[[nodiscard]] std::span<const NamedText> injected_user_files();

// Where Bindings.IAM.AddKeypair is true: adds AWSSBInjectedIAMUser with its key pair, and
// AWSSBInjectedIAMUserPolicy<N> for the Nth of Bindings.IAM.Policies. A template that has the user already is
// left as it is. Returns whether the document was changed. Errors: invalid (a policy without PolicyDocument,
// Resources that are no map, a logical id that the template uses for something else).
[[nodiscard]] core::Result<bool> inject_user(boost::json::object& document);

}  // namespace broker
