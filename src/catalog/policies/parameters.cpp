#include "catalog/policies/parameters.hpp"

#include "catalog/api/reasons.hpp"
#include "catalog/policies/parameter_checksum.hpp"

namespace catalog {

namespace {

constexpr std::string_view redacted_value = "<redacted>";
// Status holds them twice while an update runs. With spec.parameters (most_parameter_bytes), annotations (256
// KiB) and managedFields the object stays below etcd's 1.5 MiB.
constexpr std::size_t most_shown_bytes = 320UL * 1024;

std::unexpected<Problem> problem(std::string message) {
  return std::unexpected(Problem(reasons::error_with_parameters, std::move(message)));
}

}  // namespace

void merge_into(json::object& target, const json::object& later) {
  for (const json::key_value_pair& member : later) {
    json::value& old = target[member.key()];
    if (old.is_object() && member.value().is_object()) {
      merge_into(old.as_object(), member.value().get_object());
    } else {
      old = member.value();
    }
  }
}

json::object default_parameters(const json::object& service_class, const json::object& plan) {
  json::object defaults;
  for (const json::object* source : {&service_class, &plan}) {
    if (const json::object* given = core::find_object(*source, {"spec", "defaultProvisionParameters"}))
      merge_into(defaults, *given);
  }
  return defaults;
}

std::expected<MergedParameters, Problem> merge_parameters(const json::object& defaults,
                                                          const json::object* parameters,
                                                          std::span<const SecretParameters> from_secrets) {
  MergedParameters merged;
  merged.to_send = defaults;
  if (parameters) merge_into(merged.to_send, *parameters);
  merged.redacted = merged.to_send;
  for (const SecretParameters& source : from_secrets) {
    std::string where = "key \"" + source.key + "\" of Secret \"" + source.secret + "\"";
    if (!source.value)
      return problem("spec.parametersFrom: there is no " + where + "; create it or remove the reference.");
    core::Result<json::value> parsed = core::parse_json(*source.value);
    if (!parsed || !parsed->is_object()) {
      return problem("spec.parametersFrom: the value of " + where +
                     " is not a JSON object that can be stored (put numbers outside the range of a double, "
                     "and integers of more than 64 bits, in quotes).");
    }
    merge_into(merged.to_send, parsed->get_object());
    for (const json::key_value_pair& member : parsed->get_object())
      merged.redacted[member.key()] = redacted_value;
  }
  if (const std::size_t size = core::to_text(merged.redacted).size(); size > most_shown_bytes) {
    return problem("The parameters have " + std::to_string(size) +
                   " bytes with the plan's defaults and the names from Secrets: at most " +
                   std::to_string(most_shown_bytes) + " are allowed, because the status repeats them.");
  }
  if (!merged.to_send.empty()) merged.checksum = parameter_checksum(merged.to_send);
  return merged;
}

}  // namespace catalog
