// Requests as the platform sent them, read into their types: tolerant of unknown fields, strict about what
// the specification requires (400 with a description that names the field).
#pragma once

#include "net/router.hpp"
#include "osb/broker.hpp"

namespace osb {

[[nodiscard]] core::Result<CallContext> read_context(const net::Request& request);
[[nodiscard]] core::Result<ProvisionRequest> read_provision(const net::Request& request,
                                                            const net::PathParameters& path);
[[nodiscard]] core::Result<UpdateRequest> read_update(const net::Request& request,
                                                      const net::PathParameters& path);
[[nodiscard]] core::Result<DeprovisionRequest> read_deprovision(const net::Request& request,
                                                                const net::PathParameters& path);
[[nodiscard]] core::Result<BindRequest> read_bind(const net::Request& request,
                                                  const net::PathParameters& path);
[[nodiscard]] core::Result<UnbindRequest> read_unbind(const net::Request& request,
                                                      const net::PathParameters& path);
[[nodiscard]] core::Result<LastOperationRequest> read_last_operation(const net::Request& request,
                                                                     const net::PathParameters& path);
[[nodiscard]] core::Result<FetchInstanceRequest> read_fetch_instance(const net::Request& request,
                                                                     const net::PathParameters& path);
[[nodiscard]] core::Result<FetchBindingRequest> read_fetch_binding(const net::Request& request,
                                                                   const net::PathParameters& path);

}  // namespace osb
