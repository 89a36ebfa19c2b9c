#include "net/tls_context.hpp"

#include <algorithm>
#include <iterator>

#include <boost/asio/ssl.hpp>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace net {

namespace ssl = boost::asio::ssl;

namespace {

using boost::asio::buffer;

SslContext make_context(ssl::context::method method) {
  auto context = std::make_shared<ssl::context>(method);
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                       ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
  return context;
}

core::Result<> use_certificate(ssl::context& context, const std::string& certificate_pem,
                               const std::string& key_pem) {
  boost::system::error_code error;
  context.use_certificate_chain(buffer(certificate_pem), error);
  if (error)
    return core::fail(core::ErrorKind::invalid, "the certificate is not readable PEM: " + error.message());
  context.use_private_key(buffer(key_pem), ssl::context::pem, error);
  if (error) {
    return core::fail(
        core::ErrorKind::invalid,
        "the private key is not readable PEM or does not belong to the certificate: " + error.message());
  }
  if (SSL_CTX_check_private_key(context.native_handle()) != 1) {
    return core::fail(core::ErrorKind::invalid, "the private key does not belong to the certificate");
  }
  return {};
}

std::vector<std::string> name_entries(const X509_NAME* name, int nid) {
  std::vector<std::string> values;
  for (int at = X509_NAME_get_index_by_NID(name, nid, -1); at >= 0;
       at = X509_NAME_get_index_by_NID(name, nid, at)) {
    unsigned char* text = nullptr;
    const int length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (length < 0) continue;
    values.emplace_back(reinterpret_cast<const char*>(text), static_cast<std::size_t>(length));
    OPENSSL_free(text);
  }
  return values;
}

std::vector<std::string> alternative_names(const X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  std::vector<std::string> values;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const auto* text = static_cast<const ASN1_STRING*>(
        GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type));
    if (type != GEN_DNS && type != GEN_URI) continue;
    values.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                        static_cast<std::size_t>(ASN1_STRING_length(text)));
  }
  return values;
}

}  // namespace

core::Result<SslContext> make_client_context(const ClientTls& tls) {
  SslContext context = make_context(ssl::context::tls_client);
  boost::system::error_code error;
  if (tls.ca_pem.empty()) {
    context->set_default_verify_paths(error);
  } else {
    context->add_certificate_authority(buffer(tls.ca_pem), error);
    if (error)
      return core::fail(core::ErrorKind::invalid, "the CA bundle is not readable PEM: " + error.message());
  }
  if (tls.certificate_pem.empty() != tls.key_pem.empty()) {
    return core::fail(core::ErrorKind::invalid, "a client certificate and its key must be given together");
  }
  if (!tls.certificate_pem.empty()) {
    if (auto used = use_certificate(*context, tls.certificate_pem, tls.key_pem); !used) {
      return core::fail(std::move(used.error()));
    }
  }
  context->set_verify_mode(tls.insecure_skip_verify ? ssl::verify_none : ssl::verify_peer);
  return context;
}

core::Result<SslContext> make_server_context(const ServerTls& tls) {
  SslContext context = make_context(ssl::context::tls_server);
  // Of TLS 1.2 only what has forward secrecy and authenticated encryption; of TLS 1.3 every suite does.
  SSL_CTX_set_cipher_list(context->native_handle(), "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_options(context->native_handle(),
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  if (auto used = use_certificate(*context, tls.certificate_pem, tls.key_pem); !used) {
    return core::fail(std::move(used.error()));
  }
  if (!tls.client_ca_pem.empty()) {
    boost::system::error_code error;
    context->add_certificate_authority(buffer(tls.client_ca_pem), error);
    if (error)
      return core::fail(core::ErrorKind::invalid, "the client CA is not readable PEM: " + error.message());
    context->set_verify_mode(ssl::verify_peer);
    // Sessions that carry a client certificate need an id context, else OpenSSL refuses to resume them.
    constexpr std::string_view id = "chandlery";
    SSL_CTX_set_session_id_context(context->native_handle(),
                                   reinterpret_cast<const unsigned char*>(id.data()),
                                   static_cast<unsigned>(id.size()));
  }
  return context;
}

core::Result<CertificateFacts> inspect(const ServerTls& tls) {
  const auto context = make_server_context(tls);
  if (!context) return core::fail(context.error());
  const X509* leaf = SSL_CTX_get0_certificate((*context)->native_handle());
  CertificateFacts facts{.names = name_entries(X509_get_subject_name(leaf), NID_commonName)};
  std::ranges::move(alternative_names(leaf), std::back_inserter(facts.names));
  std::tm expires{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(leaf), &expires) != 1)
    return core::fail(core::ErrorKind::invalid, "the certificate does not say until when it is valid");
  facts.expires = core::SystemTime(std::chrono::seconds(timegm(&expires)));
  return facts;
}

std::optional<ClientCertificate> peer_certificate(SSL* connection) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(connection),
                                                                &X509_free);
  if (!certificate || SSL_get_verify_result(connection) != X509_V_OK) return std::nullopt;
  const X509_NAME* subject = X509_get_subject_name(certificate.get());
  ClientCertificate result;
  if (auto names = name_entries(subject, NID_commonName); !names.empty())
    result.common_name = std::move(names.back());
  result.organizations = name_entries(subject, NID_organizationName);
  result.alternative_names = alternative_names(certificate.get());
  return result;
}

std::string describe_handshake_failure(SSL* connection, const boost::system::error_code& error) {
  const long verified = SSL_get_verify_result(connection);
  if (verified != X509_V_OK) {
    return std::string("the certificate cannot be trusted: ") + X509_verify_cert_error_string(verified) +
           "; set the CA that issued it (caBundle), and use a host name that is in it";
  }
  return "TLS handshake failed: " + error.message();
}

}  // namespace net
