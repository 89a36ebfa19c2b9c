#include "catalog/admission/serving_certificate.hpp"

#include <algorithm>

#include "core/hash.hpp"

namespace catalog::admission {

namespace {

constexpr const char* ca_name = "service-catalog webhook CA";

// The newest CA; an older one may follow it.
std::string first_certificate(const std::string& bundle) {
  constexpr std::string_view end = "-----END CERTIFICATE-----\n";
  const std::size_t found = bundle.find(end);
  return found == std::string::npos ? bundle : bundle.substr(0, found + end.size());
}

net::KeyPair ca_of(const ServingCertificate& certificate) {
  return {.certificate_pem = first_certificate(certificate.ca_bundle), .key_pem = certificate.ca_key};
}

bool lasts(const net::CertificateFacts& facts, std::chrono::days renewal, core::SystemTime now) {
  return facts.expires - now > renewal;
}

bool ca_will_do(const ServingCertificate& certificate, core::SystemTime now) {
  const auto facts = net::inspect(
      {.certificate_pem = certificate.ca_bundle, .key_pem = certificate.ca_key, .client_ca_pem = {}});
  return facts && lasts(*facts, ca_renewal, now);
}

bool serving_will_do(const ServingCertificate& certificate, const std::vector<std::string>& dns_names,
                     core::SystemTime now) {
  const auto facts = net::inspect(certificate.tls);
  return facts && lasts(*facts, serving_renewal, now) &&
         std::ranges::all_of(dns_names, [&](const std::string& name) {
           return std::ranges::find(facts->names, name) != facts->names.end();
         });
}

core::Result<ServingCertificate> with_new_ca(const std::optional<ServingCertificate>& old) {
  auto made = net::make_ca(ca_name, ca_lifetime);
  if (!made) return core::fail(std::move(made.error()));
  return ServingCertificate{
      .ca_bundle = made->certificate_pem + (old ? first_certificate(old->ca_bundle) : std::string()),
      .ca_key = std::move(made->key_pem),
      .tls = {}};
}

}  // namespace

std::optional<ServingCertificate> from_data(const json::object& secret) {
  const auto entry = [&secret](const char* name) {
    return core::base64_decode(core::find_string(secret, {"data", name})).value_or("");
  };
  ServingCertificate found{
      .ca_bundle = entry("ca.crt"),
      .ca_key = entry("ca.key"),
      .tls = {.certificate_pem = entry("tls.crt"), .key_pem = entry("tls.key"), .client_ca_pem = {}}};
  if (found.ca_bundle.empty() || !net::inspect(found.tls)) return std::nullopt;
  return found;
}

json::object to_data(const ServingCertificate& certificate) {
  return {{"ca.crt", core::base64_encode(certificate.ca_bundle)},
          {"ca.key", core::base64_encode(certificate.ca_key)},
          {"tls.crt", core::base64_encode(certificate.tls.certificate_pem)},
          {"tls.key", core::base64_encode(certificate.tls.key_pem)}};
}

core::Result<ServingCertificate> renewed(std::optional<ServingCertificate> current,
                                         const std::vector<std::string>& dns_names, core::SystemTime now) {
  const bool keeps_ca = current && ca_will_do(*current, now);
  if (keeps_ca && serving_will_do(*current, dns_names, now)) return std::move(*current);
  core::Result<ServingCertificate> next =
      keeps_ca ? core::Result<ServingCertificate>(std::move(*current)) : with_new_ca(current);
  if (!next) return next;
  auto issued = net::make_certificate(ca_of(*next), {.common_name = "service-catalog webhook",
                                                     .organizations = {},
                                                     .dns_names = dns_names,
                                                     .ip_addresses = {},
                                                     .valid_for = serving_lifetime,
                                                     .server = true});
  if (!issued) return core::fail(std::move(issued.error()));
  next->tls = {.certificate_pem = std::move(issued->certificate_pem),
               .key_pem = std::move(issued->key_pem),
               .client_ca_pem = {}};
  return next;
}

}  // namespace catalog::admission
