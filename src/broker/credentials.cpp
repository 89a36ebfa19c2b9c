#include "broker/credentials.hpp"

#include <algorithm>

namespace broker {

namespace {

constexpr std::string_view ssm_prefix = "ssm:";

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

}  // namespace

std::string to_screaming_snake_case(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool inside = i > 0 && i + 1 < name.size();
    if (inside && is_upper(name[i]) && (is_lower(name[i - 1]) || is_lower(name[i + 1]))) out += '_';
    out += name[i];
  }
  return upper(out);
}

std::vector<CredentialSource> credential_sources(const Template& service, const Outputs& outputs) {
  using Kind = CredentialSource::Kind;
  const bool keep_names = service.outputs_as_is || service.cloud_foundry;
  std::vector<CredentialSource> sources;
  for (const auto& [name, value] : outputs) {
    if (name.starts_with("PolicyArn")) continue;
    CredentialSource source{.key = keep_names ? name : to_screaming_snake_case(name), .text = value};
    if (name == "UserKeyId" || name == "UserSecretKey") {
      const bool is_id = name == "UserKeyId";
      source.key = upper(service.name) + (is_id ? "_USER_KEY_ID" : "_USER_SECRET_KEY");
      source.kind = is_id ? Kind::access_key_id : Kind::secret_access_key;
      source.from_ssm = true;
    } else {
      if (value.starts_with(ssm_prefix)) {
        source.text = value.substr(ssm_prefix.size());
        source.kind = Kind::ssm_parameter;
        source.from_ssm = true;
      }
      if (service.has_injected_user && name.ends_with("AwsAccessKeyId")) source.kind = Kind::access_key_id;
      if (service.has_injected_user && name.ends_with("AwsSecretAccessKey"))
        source.kind = Kind::secret_access_key;
    }
    sources.push_back(std::move(source));
  }
  return sources;
}

}  // namespace broker
