// What an instance or a binding sends as parameters: defaults < spec.parameters < spec.parametersFrom. Pure.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>

#include "catalog/policies/problem.hpp"
#include "core/json.hpp"

namespace catalog {

namespace json = boost::json;

// One entry of parametersFrom as it was read.
struct SecretParameters {
  std::string secret, key;  // names
  std::optional<std::string>
      value;  // the key's value, a secret; nullopt where the Secret or the key is missing
};

struct MergedParameters {
  json::object to_send;              // holds secrets
  json::object redacted;             // for status: what came from Secrets reads <redacted>
  std::string checksum;              // SHA-256 of to_send's canonical text, hex; "" where there are none
  std::string secret_versions = {};  // of the Secrets that were read: "name=version;…"
};

// Problem: ErrorWithParameters, naming the Secret and key, never a value.
[[nodiscard]] std::expected<MergedParameters, Problem> merge_parameters(
    const json::object& defaults, const json::object* parameters,
    std::span<const SecretParameters> from_secrets);

// Those of the class, and over them the plan's.
[[nodiscard]] json::object default_parameters(const json::object& service_class, const json::object& plan);

// Later wins; objects merge member by member.
void merge_into(json::object& target, const json::object& later);

}  // namespace catalog
