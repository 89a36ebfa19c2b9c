#include "catalog/policies/secret.hpp"

#include <algorithm>

#include "catalog/policies/key_template.hpp"
#include "core/hash.hpp"

namespace catalog {

namespace {

// https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data
bool is_valid_key(std::string_view key) {
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !key.empty() && key.size() <= 253 && key != "." && key != ".." && std::ranges::all_of(key, allowed);
}

// Those that https://servicebinding.io/spec/core/1.1.0/#provisioned-service gives a meaning.
void add_entries(const BindingView& binding, SecretContent& content) {
  const json::array* entries = core::find_array(binding.spec(), {"secretEntries"});
  if (!entries) return;
  for (const json::value& entry : *entries) {
    if (entry == "type") content.credentials.emplace("type", content.service_type);
    if (entry == "provider") content.credentials.emplace("provider", content.provider);
  }
}

}  // namespace

core::Result<json::object> secret_for(const BindingView& binding, SecretContent content) {
  add_entries(binding, content);
  core::Result<json::object> transformed =
      apply_secret_transforms(binding, std::move(content.credentials), content.other_secrets);
  if (!transformed) return core::fail(transformed.error());
  json::object data;
  for (const json::key_value_pair& entry : *transformed) {
    if (!is_valid_key(entry.key())) {
      return core::fail(core::ErrorKind::invalid,
                        "a Secret cannot have the key \"" + std::string(entry.key()) +
                            "\" that the broker returned; rename it with spec.secretTransforms");
    }
    data[entry.key()] = core::base64_encode(text_of_credential(entry.value()));
  }
  json::object metadata{{"name", binding.secret_name()},
                        {"namespace", kube::namespace_of(binding.object())},
                        {"ownerReferences", json::array{kube::owner_reference_to(binding.object())}}};
  return json::object{{"apiVersion", "v1"},
                      {"kind", "Secret"},
                      {"metadata", std::move(metadata)},
                      {"type", "Opaque"},
                      {"data", std::move(data)}};
}

bool is_owned_by(const json::object& secret, const BindingView& binding) {
  const json::array* owners = core::find_array(secret, {"metadata", "ownerReferences"});
  return owners && std::ranges::any_of(*owners, [&](const json::value& owner) {
           return core::find_string(owner, {"uid"}) == kube::uid_of(binding.object()) &&
                  core::find_bool(owner, {"controller"}).value_or(false);
         });
}

}  // namespace catalog
