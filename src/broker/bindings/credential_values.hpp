// The values of a binding's credentials, read from where the stack's outputs say they are.
#pragma once

#include <optional>
#include <vector>

#include "broker/bindings/own_secrets.hpp"
#include "broker/credentials.hpp"
#include "core/json.hpp"

namespace broker {

// own_key: of the binding's own user, in place of the one that the stack made. Errors: as OwnSecrets'.
[[nodiscard]] async::Task<core::Result<boost::json::object>> read_credentials(
    OwnSecrets& secrets, std::vector<CredentialSource> sources, std::optional<aws::AccessKey> own_key);

}  // namespace broker
