#include "broker/sealed_values.hpp"

#include "broker/value_text.hpp"
#include "core/hash.hpp"
#include "core/text.hpp"

namespace broker {

namespace json = boost::json;

namespace {

constexpr std::string_view sealed_prefix = "sealed:";

bool is_sealed(const json::value& value) {
  return value.is_string() && std::string_view(value.get_string()).starts_with(sealed_prefix);
}

std::string context_of(const std::string& owner, std::string_view name) {
  return owner + "/" + std::string(name);
}

}  // namespace

bool SealedValues::is_secret(const Template& service, std::string_view name) {
  const TemplateParameter* parameter = service.find_parameter(name);
  if (parameter != nullptr && parameter->no_echo) return true;
  const std::string lower = core::to_lower(name);
  return lower.find("password") != std::string::npos || lower.find("secret") != std::string::npos ||
         lower.find("token") != std::string::npos;
}

json::object SealedValues::seal(const Template& service, json::object values,
                                const std::string& owner) const {
  for (auto& entry : values) {
    // A user's own text that looks sealed would be opened like one.
    if (!is_secret(service, entry.key()) && !is_sealed(entry.value())) continue;
    const std::string sealed = sealer_.seal(value_text(entry.value()), context_of(owner, entry.key()));
    entry.value() = std::string(sealed_prefix) + core::base64_encode(sealed);
  }
  return values;
}

core::Result<json::object> SealedValues::open(json::object values, const std::string& owner) const {
  for (auto& entry : values) {
    if (!is_sealed(entry.value())) continue;
    const std::string_view text = entry.value().get_string();
    const auto sealed = core::base64_decode(text.substr(sealed_prefix.size()));
    if (!sealed) return core::fail(sealed.error());
    auto plain = sealer_.open(*sealed, context_of(owner, entry.key()));
    if (!plain) return core::fail(std::move(plain.error()));
    entry.value() = *plain;
  }
  return values;
}

json::object SealedValues::without_secrets(const Template& service, json::object values) {
  for (auto it = values.begin(); it != values.end();) {
    const bool hidden = is_sealed(it->value()) || is_secret(service, it->key());
    it = hidden ? values.erase(it) : std::next(it);
  }
  return values;
}

std::string SealedValues::hide(const json::object& values, const std::string& owner, std::string text) const {
  constexpr std::string_view hidden = "***";
  constexpr std::size_t shortest = 4;  // what is shorter stands in words too
  for (const auto& entry : values) {
    if (!is_sealed(entry.value())) continue;
    const auto opened = open({{entry.key(), entry.value()}}, owner);
    const std::string secret = opened ? value_text(opened->begin()->value()) : std::string();
    if (secret.size() < shortest) continue;
    for (std::size_t at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + hidden.size()))
      text.replace(at, secret.size(), hidden);
  }
  return text;
}

}  // namespace broker
