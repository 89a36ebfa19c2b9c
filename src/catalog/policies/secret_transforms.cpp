#include "catalog/policies/secret_transforms.hpp"

#include <optional>

#include "catalog/policies/key_template.hpp"
#include "core/hash.hpp"
#include "kube/json_path_template.hpp"

namespace catalog {

namespace {

constexpr std::string_view transforms_field = "secretTransforms";
constexpr std::size_t most_transforms = 200;
constexpr std::size_t most_bytes = 4 * 1024 * 1024;  // in between; a Secret takes 1 MiB in the end

// Of all keys and values, as far as transforms have made them.
class Size {
 public:
  explicit Size(const json::object& credentials) {
    for (const json::key_value_pair& each : credentials) bytes_ += size_of(each.value());
  }
  core::Result<> replace(const json::object& credentials, std::string_view key, std::size_t size) {
    if (const json::value* before = credentials.if_contains(key)) bytes_ -= size_of(*before);
    bytes_ += size;
    if (bytes_ <= most_bytes) return {};
    return core::fail(core::ErrorKind::too_large,
                      "the credentials become larger than 4 MiB: add or copy fewer");
  }

 private:
  // Only texts are what transforms make.
  static std::size_t size_of(const json::value& value) {
    return value.is_string() ? value.get_string().size() : 0;
  }
  std::size_t bytes_ = 0;
};

core::Result<> check_number_of(const json::array& transforms) {
  if (transforms.size() <= most_transforms) return {};
  return core::fail(core::ErrorKind::invalid, "spec." + std::string(transforms_field) + " has " +
                                                  std::to_string(transforms.size()) + " entries: at most " +
                                                  std::to_string(most_transforms) + " are allowed");
}

std::unexpected<core::Error> invalid(std::size_t index, std::string_view member, const std::string& why,
                                     core::ErrorKind kind = core::ErrorKind::invalid) {
  return core::fail(kind, "spec." + std::string(transforms_field) + "[" + std::to_string(index) + "]." +
                              std::string(member) + ": " + why);
}

// nullopt where the member is absent, null or no text.
std::optional<std::string> text_at(const json::object& transform, std::string_view member) {
  const json::value* value = transform.if_contains(member);
  if (!value || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

core::Result<std::string> added_value(const json::object& transform, const json::object& credentials) {
  if (auto text = text_at(transform, "stringValue")) return *text;
  if (auto expression = text_at(transform, "jsonPathExpression")) {
    auto parsed = kube::JsonPathTemplate::parse(*expression);
    if (!parsed) return core::fail(parsed.error());
    return parsed->evaluate(json::value(credentials));
  }
  if (auto text = text_at(transform, "template")) {
    auto parsed = KeyTemplate::parse(*text);
    if (!parsed) return core::fail(parsed.error());
    return parsed->fill(credentials);
  }
  auto decoded = core::base64_decode(core::find_string(transform, {"value"}));
  if (!decoded) return core::fail(core::ErrorKind::invalid, "value is not valid base64");
  return decoded;
}

void rename_key(const json::object& transform, json::object& credentials) {
  std::string_view from = core::find_string(transform, {"from"});
  json::value* value = credentials.if_contains(from);
  if (!value) return;
  json::value kept = std::move(*value);
  credentials.erase(from);
  credentials[core::find_string(transform, {"to"})] = std::move(kept);
}

kube::ObjectKey secret_to_add(const json::object& transform, const BindingView& binding) {
  std::string_view namespace_ = core::find_string(transform, {"secretRef", "namespace"});
  if (namespace_.empty()) namespace_ = kube::namespace_of(binding.object());
  return {std::string(namespace_), std::string(core::find_string(transform, {"secretRef", "name"}))};
}

core::Result<> add_keys_from(const kube::ObjectKey& secret, const SecretData& other_secrets,
                             json::object& credentials, Size& size) {
  auto found = other_secrets.find(secret);
  if (found == other_secrets.end()) {
    return core::fail(core::ErrorKind::invalid,
                      "Secret \"" + secret.to_string() + "\" does not exist: create it");
  }
  for (const json::key_value_pair& entry : found->second) {
    auto decoded = core::base64_decode(
        entry.value().is_string() ? std::string_view(entry.value().get_string()) : std::string_view());
    if (!decoded) continue;
    if (auto fits = size.replace(credentials, entry.key(), decoded->size()); !fits) return fits;
    credentials[entry.key()] = std::move(*decoded);
  }
  return {};
}

const json::array& transforms_of(const BindingView& binding) {
  static const json::array none;
  const json::array* transforms = core::find_array(binding.spec(), {transforms_field});
  return transforms ? *transforms : none;
}

}  // namespace

core::Result<json::object> apply_secret_transforms(const BindingView& binding, json::object credentials,
                                                   const SecretData& other_secrets) {
  const json::array& transforms = transforms_of(binding);
  if (auto few = check_number_of(transforms); !few) return core::fail(few.error());
  Size size(credentials);
  for (std::size_t i = 0; i < transforms.size(); ++i) {
    const json::value& transform = transforms[i];
    if (const json::object* rename = core::find_object(transform, {"renameKey"})) {
      rename_key(*rename, credentials);
    } else if (const json::object* add = core::find_object(transform, {"addKey"})) {
      std::string key(core::find_string(*add, {"key"}));
      core::Result<std::string> value = added_value(*add, credentials);
      if (!value)
        return invalid(i, "addKey", "key \"" + key + "\": " + value.error().message, value.error().kind);
      if (auto fits = size.replace(credentials, key, value->size()); !fits)
        return invalid(i, "addKey", "key \"" + key + "\": " + fits.error().message, fits.error().kind);
      credentials[key] = std::move(*value);
    } else if (const json::object* from = core::find_object(transform, {"addKeysFrom"})) {
      core::Result<> added = add_keys_from(secret_to_add(*from, binding), other_secrets, credentials, size);
      if (!added) return invalid(i, "addKeysFrom", added.error().message, added.error().kind);
    } else if (const json::object* remove = core::find_object(transform, {"removeKey"})) {
      credentials.erase(core::find_string(*remove, {"key"}));
    }
  }
  return credentials;
}

std::vector<kube::ObjectKey> secrets_to_add(const BindingView& binding) {
  std::vector<kube::ObjectKey> keys;
  for (const json::value& transform : transforms_of(binding)) {
    if (const json::object* from = core::find_object(transform, {"addKeysFrom"}))
      keys.push_back(secret_to_add(*from, binding));
  }
  return keys;
}

core::Result<> check_secret_transforms(const BindingView& binding) {
  const json::array& transforms = transforms_of(binding);
  if (auto few = check_number_of(transforms); !few) return few;
  for (std::size_t i = 0; i < transforms.size(); ++i) {
    if (const json::object* from = core::find_object(transforms[i], {"addKeysFrom"})) {
      if (secret_to_add(*from, binding).name.empty())
        return invalid(i, "addKeysFrom", "secretRef.name is required");
    }
    const json::object* add = core::find_object(transforms[i], {"addKey"});
    if (!add) continue;
    if (auto expression = text_at(*add, "jsonPathExpression")) {
      auto parsed = kube::JsonPathTemplate::parse(*expression);
      if (!parsed) return invalid(i, "addKey.jsonPathExpression", parsed.error().message);
    }
    if (auto text = text_at(*add, "template")) {
      auto parsed = KeyTemplate::parse(*text);
      if (!parsed) return invalid(i, "addKey.template", parsed.error().message);
    }
  }
  return {};
}

}  // namespace catalog
