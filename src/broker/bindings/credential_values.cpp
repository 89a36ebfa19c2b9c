#include "broker/bindings/credential_values.hpp"

namespace broker {

async::Task<core::Result<boost::json::object>> read_credentials(OwnSecrets& secrets,
                                                                std::vector<CredentialSource> sources,
                                                                std::optional<aws::AccessKey> own_key) {
  using Kind = CredentialSource::Kind;
  using Place = CredentialSource::Place;
  boost::json::object credentials;
  for (const CredentialSource& source : sources) {
    if (own_key && source.kind == Kind::access_key_id) {
      credentials[source.key] = own_key->id;
    } else if (own_key && source.kind == Kind::secret_access_key) {
      credentials[source.key] = own_key->secret;
    } else if (source.place == Place::text) {
      credentials[source.key] = source.text;
    } else {
      auto value = source.place == Place::secret ? secrets.secret(source) : secrets.parameter(source);
      auto read = co_await std::move(value);
      if (!read) co_return core::fail(std::move(read.error()));
      credentials[source.key] = *read;
    }
  }
  co_return credentials;
}

}  // namespace broker
