// The server's certificate, its key and the CA of its clients, from files or from flags.
#pragma once

#include <optional>

#include "net/tls.hpp"
#include "options.hpp"

// nullopt: plain HTTP was asked for. Error: invalid, naming the flag.
[[nodiscard]] core::Result<std::optional<net::ServerTls>> tls_of(const Options& options);
