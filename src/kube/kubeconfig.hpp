// Where the API server is and who we are there: from kubeconfig files, or from a pod's service account.
// Source: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
//
// Errors name the file and the field ("~/.kube/config: users[dev].user.client-key-data: not valid base64").
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "kube/client.hpp"
#include "net/client.hpp"
#include "net/tls.hpp"
#include "net/url.hpp"

namespace kube {

struct Config {
  net::Url server;
  net::ClientTls tls;
  Client::TokenSource token_source;  // empty: no Authorization header
  std::string namespace_ = "default";
  std::string context;  // its name; "" in a cluster
};

// Reads the process's environment; tests give their own.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
[[nodiscard]] Environment process_environment();

struct KubeconfigOptions {
  std::string path =
      {};  // --kubeconfig; "" for KUBECONFIG (a list of files, the first to say something wins) or
           // ~/.kube/config
  std::string context = {};  // --context; "" for current-context
  std::string cluster = {};  // --cluster, --user: replace what the context names
  std::string user = {};
  Environment environment = process_environment();
};

// Errors: not_found (no file: says which were looked for), invalid, unavailable (an exec plugin failed).
[[nodiscard]] core::Result<Config> load_kubeconfig(const KubeconfigOptions& options = {});

// From KUBERNETES_SERVICE_HOST/_PORT and the service account's files; the token is read again once a minute.
// Errors: not_found (not in a cluster), invalid.
inline constexpr const char* service_account_folder = "/var/run/secrets/kubernetes.io/serviceaccount";
[[nodiscard]] core::Result<Config> in_cluster_config(const Environment& environment = process_environment(),
                                                     const std::string& folder = service_account_folder);

// What a program wants: --kubeconfig, else KUBECONFIG, else (in a pod) the service account, else
// ~/.kube/config.
[[nodiscard]] core::Result<Config> load_config(const KubeconfigOptions& options = {});

// A client with the transport that it owns.
struct Connection {
  std::unique_ptr<net::Transport> transport;
  std::unique_ptr<Client> client;
  std::string namespace_;
};
// Puts another transport before the network's.
using TransportAround = std::function<std::unique_ptr<net::Transport>(std::unique_ptr<net::Transport>)>;
[[nodiscard]] core::Result<Connection> connect(boost::asio::any_io_executor executor, const Config& config,
                                               std::string user_agent,
                                               std::chrono::milliseconds timeout = std::chrono::seconds(30),
                                               const TransportAround& around = {});

}  // namespace kube
