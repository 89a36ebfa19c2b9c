#include "broker/credentials.hpp"

#include <algorithm>
#include <array>

namespace broker {

namespace {

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
  using Place = CredentialSource::Place;
  const bool keep_names = service.outputs_as_is || service.cloud_foundry;
  std::vector<CredentialSource> sources;
  for (const auto& [name, value] : outputs) {
    if (name.starts_with(policy_output)) continue;
    CredentialSource source{
        .key = keep_names ? name : to_screaming_snake_case(name), .text = value, .output = name};
    const TemplateOutput* output = service.find_output(name);
    source.is_literal = output != nullptr && output->literal == value;
    if (name == "UserKeyId" || name == "UserSecretKey") {
      const bool is_id = name == "UserKeyId";
      source.key = upper(service.name) + (is_id ? "_USER_KEY_ID" : "_USER_SECRET_KEY");
      source.kind = is_id ? Kind::access_key_id : Kind::secret_access_key;
      source.place = Place::ssm_parameter;
    } else {
      if (output != nullptr && output->names_ssm_parameter && value.starts_with(ssm_prefix)) {
        source.text = value.substr(ssm_prefix.size());
        source.place = Place::ssm_parameter;
      } else if (output != nullptr && output->names_secret && value.starts_with(secret_prefix)) {
        source.text = value.substr(secret_prefix.size());
        source.place = Place::secret;
      }
      if (service.has_injected_user && name.ends_with("AwsAccessKeyId")) source.kind = Kind::access_key_id;
      if (service.has_injected_user && name.ends_with("AwsSecretAccessKey"))
        source.kind = Kind::secret_access_key;
    }
    sources.push_back(std::move(source));
  }
  return sources;
}

core::Result<SecretReference> parse_secret_reference(std::string_view text) {
  const auto wrong = [text] {
    return core::fail(core::ErrorKind::invalid,
                      "\"secretsmanager:" + std::string(text) +
                          "\" is not a secretsmanager:<ARN or name>[:SecretString[:<key>[:<stage>]]].");
  };
  // arn:<partition>:secretsmanager:<region>:<account>:secret:<name>: six colons within the id.
  std::size_t end = text.find(':');
  for (int colon = 0; text.starts_with("arn:") && colon < 6; ++colon) {
    if (end == std::string_view::npos) return wrong();
    end = text.find(':', end + 1);
  }
  SecretReference reference{.id = std::string(text.substr(0, end))};
  if (reference.id.empty()) return wrong();
  std::string_view rest = end == std::string_view::npos ? std::string_view() : text.substr(end);
  std::string what = "SecretString";
  for (std::string* part : std::array{&what, &reference.json_key, &reference.stage}) {
    if (rest.empty()) break;
    rest.remove_prefix(1);
    const std::size_t length = std::min(rest.find(':'), rest.size());
    *part = rest.substr(0, length);
    rest.remove_prefix(length);
  }
  if (what != "SecretString" || !rest.empty()) return wrong();
  return reference;
}

}  // namespace broker
