#include "encryption_key.hpp"

#include "aws/kms.hpp"
#include "core/hash.hpp"

using core::ErrorKind;
using core::fail;

namespace {

// What the store has settled, which is `ours` where nobody was first.
async::Task<core::Result<std::string>> settle(broker::Store& store, std::string name, std::string ours) {
  auto added = co_await store.add_setting(name, ours);
  if (added) co_return ours;
  if (added.error().kind != ErrorKind::conflict) co_return fail(std::move(added.error()));
  auto settled = co_await store.get_setting(name);
  if (!settled) co_return fail(std::move(settled.error()));
  if (!*settled)
    co_return fail(ErrorKind::conflict, "the store's setting " + name + " changes between reads");
  co_return std::move(**settled);
}

async::Task<core::Result<std::string>> data_key_of(const std::string& kms_key, broker::Store& store,
                                                   aws::Session& session, const std::string& account) {
  constexpr const char* setting = "data-key";
  const boost::json::object context = data_key_context(account);
  aws::Kms kms(session);
  auto settled = co_await store.get_setting(setting);
  if (!settled) co_return fail(std::move(settled.error()));
  if (!*settled) {
    const auto made = co_await kms.generate_data_key(kms_key, context);
    if (!made) co_return fail(made.error());
    auto first = co_await settle(store, setting, core::base64_encode(made->ciphertext));
    if (!first) co_return fail(std::move(first.error()));
    *settled = std::move(*first);
  }
  auto ciphertext = core::base64_decode(**settled);
  if (!ciphertext) co_return fail(ciphertext.error().with_context("the data key in the store"));
  auto key = co_await kms.decrypt(kms_key, std::move(*ciphertext), context);
  if (!key)
    co_return fail(
        key.error().with_context("the data key in the store cannot be decrypted; was another KMS key used?"));
  co_return key;
}

core::Error another_key(const KeyName& key, const std::string& settled, const std::string& ours) {
  return {
      .kind = ErrorKind::invalid,
      .message = "the records in this store were sealed with another key (fingerprint " + settled +
                 ") than " + (key.of_kms ? "that of KMS key " : "that in ") + key.name + " (" + ours +
                 "): use the same --encryption-key for all brokers that share a store, preferably kms:KEY"};
}

}  // namespace

boost::json::object data_key_context(const std::string& account) {
  return {{"aws-service-broker", account}};
}

core::Result<KeyName> encryption_key_of(const Options& options, const std::string& data_folder) {
  constexpr std::string_view file = "file:";
  constexpr std::string_view kms = "kms:";
  const std::string& given = options.encryption_key;
  if (given.empty()) {
    const std::string& path = options.encryption_key_file;
    return KeyName{.name = path.empty() ? data_folder + "/encryption.key" : path};
  }
  if (!options.encryption_key_file.empty())
    return fail(ErrorKind::invalid, "use --encryption-key or --encryption-key-file, not both");
  if (given.starts_with(file)) return KeyName{.name = given.substr(file.size())};
  if (given.starts_with(kms)) return KeyName{.of_kms = true, .name = given.substr(kms.size())};
  return fail(ErrorKind::invalid, "--encryption-key must be file:PATH or kms:KEY, not \"" + given + "\"");
}

async::Task<core::Result<core::Sealer>> sealer_of(const Options& options, const std::string& data_folder,
                                                  broker::Store& store, aws::Session& session,
                                                  const std::string& account) {
  const auto key = encryption_key_of(options, data_folder);
  if (!key) co_return fail(key.error());
  core::Result<core::Sealer> sealer = fail(ErrorKind::internal, "no key");
  if (key->of_kms) {
    auto bytes = co_await data_key_of(key->name, store, session, account);
    if (!bytes) co_return fail(std::move(bytes.error()));
    sealer = core::Sealer::from_key(std::move(*bytes));
  } else {
    sealer = core::Sealer::from_key_file(key->name);
  }
  if (!sealer) co_return sealer;
  const std::string ours = sealer->fingerprint();
  const auto settled = co_await settle(store, "key-fingerprint", ours);
  if (!settled) co_return fail(settled.error());
  if (*settled != ours) co_return fail(another_key(*key, *settled, ours));
  co_return sealer;
}
