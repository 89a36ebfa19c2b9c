#include "broker/bindings/credential_values.hpp"

namespace broker {

namespace json = boost::json;

async::Task<core::Result<json::object>> read_credentials(Cloud& cloud, std::vector<CredentialSource> sources,
                                                         std::optional<aws::AccessKey> own_key) {
  using Kind = CredentialSource::Kind;
  json::object credentials;
  for (const CredentialSource& source : sources) {
    if (own_key && source.kind == Kind::access_key_id) {
      credentials[source.key] = own_key->id;
    } else if (own_key && source.kind == Kind::secret_access_key) {
      credentials[source.key] = own_key->secret;
    } else if (source.from_ssm) {
      auto value = co_await cloud.get_parameter(source.text);
      if (!value) co_return core::fail(std::move(value.error()));
      credentials[source.key] = *value;
    } else {
      credentials[source.key] = source.text;
    }
  }
  co_return credentials;
}

}  // namespace broker
