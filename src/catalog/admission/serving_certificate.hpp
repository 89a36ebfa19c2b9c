// The certificate that a webhook makes for itself, as it is kept in a Secret (type kubernetes.io/tls), so
// that several replicas serve the same: the serving certificate, and the CA that issued it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "net/tls.hpp"

namespace catalog::admission {

namespace json = boost::json;

inline constexpr std::chrono::days ca_lifetime{3650}, serving_lifetime{365};
inline constexpr std::chrono::days ca_renewal{365}, serving_renewal{90};  // so long before the end

struct ServingCertificate {
  // What callers have to trust (PEM): the CA; and after its renewal the one before it too, whose certificate
  // a replica may still serve.
  std::string ca_bundle;
  std::string ca_key;
  net::ServerTls tls;
};

// nullopt where the Secret's data are not what to_data() makes.
[[nodiscard]] std::optional<ServingCertificate> from_data(const json::object& secret);
[[nodiscard]] json::object to_data(const ServingCertificate& certificate);

// What is to be served from now on under these DNS names: `current` where it will do; another serving
// certificate of the same CA where its end is near or a name is missing; everything anew where there is none
// or the CA's end is near. Error: internal (OpenSSL failed).
[[nodiscard]] core::Result<ServingCertificate> renewed(std::optional<ServingCertificate> current,
                                                       const std::vector<std::string>& dns_names,
                                                       core::SystemTime now);

}  // namespace catalog::admission
