// A webhook that looks after its own certificate: kept in a Secret that its replicas share, renewed before it
// ends, and its CA put into the caBundle of the webhook configurations, again whenever somebody changes it.
//
// Owner: the program. Executor: the loop's. Cancellation: of first() and run().
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "async/clock.hpp"
#include "catalog/admission/serving_certificate.hpp"
#include "kube/client.hpp"
#include "runtime/informer.hpp"

namespace catalog::admission {

struct SelfManagedTlsOptions {
  kube::ObjectKey secret;
  std::string configuration;  // of the Mutating- and the ValidatingWebhookConfiguration
  std::vector<std::string> dns_names;
};

class SelfManagedTls {
 public:
  // Begins to use another certificate.
  using Serve = std::function<core::Result<>(const net::ServerTls&)>;

  SelfManagedTls(boost::asio::any_io_executor executor, kube::Client& client, async::Clock& clock,
                 SelfManagedTlsOptions options);

  // What to serve first; waits for an API server that cannot be reached.
  [[nodiscard]] async::Task<net::ServerTls> first();
  [[nodiscard]] async::Task<> run(Serve serve);

 private:
  [[nodiscard]] async::Task<> look_after(const Serve& serve);
  [[nodiscard]] async::Task<core::Result<>> look_again(const Serve& serve);
  [[nodiscard]] async::Task<core::Result<ServingCertificate>> agree();
  [[nodiscard]] async::Task<core::Result<>> put_ca_into(runtime::Informer& configurations,
                                                        const std::string& ca_bundle);

  boost::asio::any_io_executor executor_;
  kube::Client& client_;
  async::Clock& clock_;
  SelfManagedTlsOptions options_;
  runtime::Informer secrets_, mutating_, validating_;
  async::Event changed_;
  std::string served_;  // the certificate in use
};

}  // namespace catalog::admission
