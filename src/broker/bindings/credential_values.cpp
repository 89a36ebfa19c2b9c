#include "broker/bindings/credential_values.hpp"

#include <map>
#include <utility>

#include "broker/value_text.hpp"

namespace broker {

namespace json = boost::json;

namespace {

// Of the secrets that the values of one binding stand in each is read once.
class Secrets {
 public:
  explicit Secrets(Cloud& cloud) : cloud_(cloud) {}

  async::Task<core::Result<std::string>> value_of(std::string text) {
    const auto reference = parse_secret_reference(text);
    if (!reference) co_return core::fail(reference.error());
    auto secret = co_await read(*reference);
    if (!secret || reference->json_key.empty()) co_return secret;
    const auto parsed = core::parse_json(*secret);
    const json::value* value = parsed ? core::find(*parsed, {reference->json_key}) : nullptr;
    if (value == nullptr)
      co_return core::fail(core::ErrorKind::invalid, "The secret " + reference->id + " has no key " +
                                                         reference->json_key + " with a value.");
    co_return value_text(*value);
  }

 private:
  async::Task<core::Result<std::string>> read(const SecretReference& reference) {
    const std::pair key(reference.id, reference.stage);
    if (const auto known = read_.find(key); known != read_.end()) co_return known->second;
    auto secret = co_await cloud_.get_secret_value(reference.id, reference.stage);
    if (secret) read_[key] = *secret;
    co_return secret;
  }

  Cloud& cloud_;
  std::map<std::pair<std::string, std::string>, std::string> read_;
};

}  // namespace

async::Task<core::Result<json::object>> read_credentials(Cloud& cloud, std::vector<CredentialSource> sources,
                                                         std::optional<aws::AccessKey> own_key) {
  using Kind = CredentialSource::Kind;
  using Place = CredentialSource::Place;
  Secrets secrets(cloud);
  json::object credentials;
  for (const CredentialSource& source : sources) {
    if (own_key && source.kind == Kind::access_key_id) {
      credentials[source.key] = own_key->id;
    } else if (own_key && source.kind == Kind::secret_access_key) {
      credentials[source.key] = own_key->secret;
    } else if (source.place == Place::text) {
      credentials[source.key] = source.text;
    } else {
      auto value =
          source.place == Place::secret ? secrets.value_of(source.text) : cloud.get_parameter(source.text);
      auto read = co_await std::move(value);
      if (!read) co_return core::fail(std::move(read.error()));
      credentials[source.key] = *read;
    }
  }
  co_return credentials;
}

}  // namespace broker
