#include "broker/fingerprint.hpp"

#include "core/hash.hpp"

namespace broker {

namespace json = boost::json;

std::string fingerprint_of(std::string_view service_id, std::string_view plan_id,
                           const json::value& parameters) {
  const json::object* given = parameters.if_object();
  const json::object wanted{
      {"service", service_id},
      {"plan", plan_id},
      {"parameters", given != nullptr ? json::value(*given) : json::value(json::object())}};
  return core::sha256_hex(core::to_canonical_text(wanted));
}

}  // namespace broker
