// The platform's requests as plain net::Requests: URL rules and bodies without I/O, so that they are unit
// tests.
#pragma once

#include <optional>
#include <string>

#include "net/http.hpp"
#include "osb/types.hpp"

namespace osb {

[[nodiscard]] net::Request catalog_request();
[[nodiscard]] net::Request provision_request(const ProvisionRequest& request);
[[nodiscard]] net::Request update_request(const UpdateRequest& request);
[[nodiscard]] net::Request deprovision_request(const DeprovisionRequest& request);
[[nodiscard]] net::Request last_operation_request(const LastOperationRequest& request);
[[nodiscard]] net::Request fetch_instance_request(const FetchInstanceRequest& request);
[[nodiscard]] net::Request bind_request(const BindRequest& request);
[[nodiscard]] net::Request unbind_request(const UnbindRequest& request);
[[nodiscard]] net::Request fetch_binding_request(const FetchBindingRequest& request);

// "kubernetes eyJ1c2VybmFtZSI6…" (spec.md, "Originating Identity"), and back. Error: invalid.
[[nodiscard]] std::string to_header(const OriginatingIdentity& identity);
[[nodiscard]] core::Result<OriginatingIdentity> originating_identity_from_header(std::string_view header);

}  // namespace osb
