// Private to net/: TLS settings as Asio contexts.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

#include "net/http.hpp"
#include "net/tls.hpp"

namespace net {

using SslContext = std::shared_ptr<boost::asio::ssl::context>;

// Error: invalid, saying which PEM text cannot be read.
[[nodiscard]] core::Result<SslContext> make_client_context(const ClientTls& tls);
[[nodiscard]] core::Result<SslContext> make_server_context(const ServerTls& tls);

// The verified certificate of the other side, if it sent one.
[[nodiscard]] std::optional<ClientCertificate> peer_certificate(SSL* connection);

// A sentence about a failed handshake: OpenSSL's reason, and what to do about an untrusted certificate.
[[nodiscard]] std::string describe_handshake_failure(SSL* connection, const boost::system::error_code& error);

}  // namespace net
