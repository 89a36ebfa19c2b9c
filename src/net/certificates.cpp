// A small CA by OpenSSL: EC P-256, SHA-256, serials of 127 random bits.
#include <memory>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "net/tls.hpp"

namespace net {

namespace {

template <auto Free>
struct Deleter {
  void operator()(auto* object) const { Free(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using BigNumber = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;

constexpr long backdated_seconds = 5 * 60;  // clocks of two machines differ

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(length)};
}

core::Result<KeyPair> to_pem(X509* certificate, EVP_PKEY* key) {
  const Bio certificate_bio(BIO_new(BIO_s_mem()));
  const Bio key_bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(certificate_bio.get(), certificate) != 1 ||
      PEM_write_bio_PrivateKey(key_bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return core::fail(core::ErrorKind::internal, "OpenSSL could not write a certificate");
  }
  return KeyPair{.certificate_pem = text_of(certificate_bio.get()), .key_pem = text_of(key_bio.get())};
}

bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_subject(X509_NAME* name, const std::string& common_name,
                 const std::vector<std::string>& organizations) {
  const auto add = [name](const char* field, const std::string& value) {
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(value.data()),
                                      static_cast<int>(value.size()), -1, 0) == 1;
  };
  for (const std::string& organization : organizations) {
    if (!add("O", organization)) return false;
  }
  return add("CN", common_name);
}

// Version, serial, validity and public key; the subject and the extensions are the caller's.
Certificate make_blank(EVP_PKEY* key, std::chrono::days valid_for) {
  Certificate certificate(X509_new());
  const BigNumber serial(BN_new());
  const bool made = certificate && serial && X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
                    BN_rand(serial.get(), 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
                    BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate.get())) != nullptr &&
                    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -backdated_seconds) != nullptr &&
                    X509_time_adj_ex(X509_getm_notAfter(certificate.get()),
                                     static_cast<int>(valid_for.count()), 0, nullptr) != nullptr &&
                    X509_set_pubkey(certificate.get(), key) == 1;
  return made ? std::move(certificate) : nullptr;
}

std::string alternative_names(const CertificateRequest& request) {
  std::string names;
  for (const std::string& name : request.dns_names) names += (names.empty() ? "DNS:" : ",DNS:") + name;
  for (const std::string& address : request.ip_addresses) names += (names.empty() ? "IP:" : ",IP:") + address;
  return names;
}

std::string extended_usage(const CertificateRequest& request) {
  std::string usage;
  if (request.server) usage = "serverAuth";
  if (request.client) usage += usage.empty() ? "clientAuth" : ",clientAuth";
  return usage;
}

std::unexpected<core::Error> failed(const std::string& name) {
  return core::fail(core::ErrorKind::internal, "OpenSSL could not make the certificate of " + name);
}

}  // namespace

core::Result<KeyPair> make_ca(const std::string& common_name, std::chrono::days valid_for) {
  const Key key(EVP_EC_gen("P-256"));
  if (!key) return failed(common_name);
  const Certificate certificate = make_blank(key.get(), valid_for);
  if (!certificate || !set_subject(X509_get_subject_name(certificate.get()), common_name, {}) ||
      X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get())) != 1 ||
      !add_extension(certificate.get(), certificate.get(), NID_basic_constraints, "critical,CA:TRUE") ||
      !add_extension(certificate.get(), certificate.get(), NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !add_extension(certificate.get(), certificate.get(), NID_subject_key_identifier, "hash") ||
      X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0) {
    return failed(common_name);
  }
  return to_pem(certificate.get(), key.get());
}

core::Result<KeyPair> make_certificate(const KeyPair& ca, const CertificateRequest& request) {
  const Bio ca_bio(BIO_new_mem_buf(ca.certificate_pem.data(), static_cast<int>(ca.certificate_pem.size())));
  const Bio ca_key_bio(BIO_new_mem_buf(ca.key_pem.data(), static_cast<int>(ca.key_pem.size())));
  const Certificate issuer(PEM_read_bio_X509(ca_bio.get(), nullptr, nullptr, nullptr));
  const Key issuer_key(PEM_read_bio_PrivateKey(ca_key_bio.get(), nullptr, nullptr, nullptr));
  if (!issuer || !issuer_key) return core::fail(core::ErrorKind::invalid, "the CA is not readable PEM");

  const Key key(EVP_EC_gen("P-256"));
  if (!key) return failed(request.common_name);
  const Certificate certificate = make_blank(key.get(), request.valid_for);
  const std::string names = alternative_names(request);
  const std::string usage = extended_usage(request);
  if (!certificate ||
      !set_subject(X509_get_subject_name(certificate.get()), request.common_name, request.organizations) ||
      X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer.get())) != 1 ||
      !add_extension(certificate.get(), issuer.get(), NID_basic_constraints, "critical,CA:FALSE") ||
      !add_extension(certificate.get(), issuer.get(), NID_key_usage, "critical,digitalSignature") ||
      !add_extension(certificate.get(), issuer.get(), NID_authority_key_identifier, "keyid") ||
      (!usage.empty() && !add_extension(certificate.get(), issuer.get(), NID_ext_key_usage, usage)) ||
      (!names.empty() && !add_extension(certificate.get(), issuer.get(), NID_subject_alt_name, names)) ||
      X509_sign(certificate.get(), issuer_key.get(), EVP_sha256()) == 0) {
    return failed(request.common_name);
  }
  return to_pem(certificate.get(), key.get());
}

}  // namespace net
