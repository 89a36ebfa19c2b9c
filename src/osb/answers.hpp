// The broker's answers as HTTP: strict in what is written, only what is set.
#pragma once

#include "core/error.hpp"
#include "net/http.hpp"
#include "osb/types.hpp"

namespace osb {

// Of the client's X-Broker-API-Version 2.x: older clients are told only what their version knows.
inline constexpr int newest_minor_version = 17;

[[nodiscard]] net::Response answer(const ProvisionResponse& response,
                                   int minor_version = newest_minor_version);
[[nodiscard]] net::Response answer(const UpdateResponse& response, int minor_version = newest_minor_version);
// Deprovision and unbind.
[[nodiscard]] net::Response answer(const DeprovisionResponse& response,
                                   int minor_version = newest_minor_version);
[[nodiscard]] net::Response answer(const BindResponse& response, int minor_version = newest_minor_version);
[[nodiscard]] net::Response answer(const LastOperationResponse& response,
                                   int minor_version = newest_minor_version);
[[nodiscard]] net::Response answer(const FetchInstanceResponse& response,
                                   int minor_version = newest_minor_version);
[[nodiscard]] net::Response answer(const FetchBindingResponse& response,
                                   int minor_version = newest_minor_version);
// {"error": code, "description": message} with the status of broker.hpp's table.
[[nodiscard]] net::Response answer(const core::Error& error);

}  // namespace osb
