#include "core/seal.hpp"

#include <memory>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "core/file.hpp"
#include "core/hash.hpp"
#include "core/random.hpp"

namespace core {

namespace {

constexpr std::size_t key_size = 32;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr char version = 1;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

void must(int result) {
  if (result != 1) throw std::runtime_error("AES-256-GCM failed");
}

}  // namespace

Result<Sealer> Sealer::from_key_file(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 && !is_private(status.st_mode, status.st_uid, ::geteuid())) {
    return fail(ErrorKind::invalid, "the key file " + path + " can be read by others: chmod 600 " + path);
  }
  auto key = read_file(path, 4096);
  if (!key && key.error().kind == ErrorKind::not_found) {
    key = random_bytes(key_size);
    if (auto written = write_file(path, *key, 0600); !written)
      return fail(written.error().with_context("making a key"));
  }
  if (!key) return fail(key.error().with_context("reading the encryption key"));
  if (key->size() != key_size) {
    return fail(ErrorKind::invalid, "the key file " + path + " must hold exactly 32 bytes, not " +
                                        std::to_string(key->size()) +
                                        "; restore the one this data was written with");
  }
  return Sealer(std::move(*key));
}

Result<Sealer> Sealer::from_key(std::string key) {
  if (key.size() != key_size)
    return fail(ErrorKind::invalid,
                "an encryption key must have exactly 32 bytes, not " + std::to_string(key.size()));
  return Sealer(std::move(key));
}

Sealer Sealer::ephemeral() {
  return Sealer(random_bytes(key_size));
}

std::string Sealer::fingerprint() const {
  return to_hex(hmac_sha256(key_, "fingerprint of an encryption key")).substr(0, 16);
}

std::string Sealer::seal(std::string_view plain, std::string_view context) const {
  const CipherContext cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const std::string nonce = random_bytes(nonce_size);
  std::string sealed(1 + nonce_size + plain.size() + tag_size, '\0');
  sealed[0] = version;
  sealed.replace(1, nonce_size, nonce);
  unsigned char* body = bytes(sealed) + 1 + nonce_size;
  int length = 0;
  must(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(key_), bytes(nonce)));
  must(EVP_EncryptUpdate(cipher.get(), nullptr, &length, bytes(context), static_cast<int>(context.size())));
  must(EVP_EncryptUpdate(cipher.get(), body, &length, bytes(plain), static_cast<int>(plain.size())));
  must(EVP_EncryptFinal_ex(cipher.get(), body + length, &length));
  must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_size, body + plain.size()));
  return sealed;
}

Result<std::string> Sealer::open(std::string_view sealed, std::string_view context) const {
  if (sealed.size() < 1 + nonce_size + tag_size || sealed[0] != version) {
    return fail(ErrorKind::invalid, "this text was not sealed by this program");
  }
  const std::string_view nonce = sealed.substr(1, nonce_size);
  const std::string_view body = sealed.substr(1 + nonce_size, sealed.size() - 1 - nonce_size - tag_size);
  std::string tag(sealed.substr(sealed.size() - tag_size));
  const CipherContext cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  std::string plain(body.size() + 1, '\0');
  int length = 0;
  must(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(key_), bytes(nonce)));
  must(EVP_DecryptUpdate(cipher.get(), nullptr, &length, bytes(context), static_cast<int>(context.size())));
  must(EVP_DecryptUpdate(cipher.get(), bytes(plain), &length, bytes(body), static_cast<int>(body.size())));
  must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()));
  if (EVP_DecryptFinal_ex(cipher.get(), bytes(plain) + length, &length) != 1) {
    return fail(ErrorKind::invalid,
                "a sealed text cannot be opened: it was changed, or sealed under another key");
  }
  plain.resize(body.size());
  return plain;
}

}  // namespace core
