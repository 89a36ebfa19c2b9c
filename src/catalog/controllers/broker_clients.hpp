// How brokers are called: one session (transport, credentials) per broker object, kept until the broker's
// spec or its Secret changes. A session that is replaced lives on until the calls under way have ended.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <string>

#include "catalog/api/views.hpp"
#include "catalog/controllers/context.hpp"
#include "catalog/policies/problem.hpp"
#include "osb/client.hpp"

namespace catalog {

// The OSB client, counted in servicecatalog_osb_request_count{broker, method, status} and timed in
// servicecatalog_osb_request_seconds{broker, method}.
class BrokerSession {
 public:
  BrokerSession(std::string broker, std::unique_ptr<net::Transport> transport, std::string base_path,
                osb::Credentials credentials, std::chrono::milliseconds timeout, async::Clock& clock,
                core::Metrics& metrics);

  using Identity = osb::Client::Identity;
  [[nodiscard]] async::Task<core::Result<osb::Catalog>> catalog();
  [[nodiscard]] async::Task<core::Result<osb::ProvisionResponse>> provision(osb::ProvisionRequest request,
                                                                            Identity identity);
  [[nodiscard]] async::Task<osb::ChangeResult<osb::UpdateResponse>> update(osb::UpdateRequest request,
                                                                           Identity identity);
  [[nodiscard]] async::Task<osb::ChangeResult<osb::DeprovisionResponse>> deprovision(
      osb::DeprovisionRequest request, Identity identity);
  [[nodiscard]] async::Task<core::Result<osb::LastOperationResponse>> last_operation(
      osb::LastOperationRequest request, Identity identity);
  [[nodiscard]] async::Task<core::Result<osb::FetchInstanceResponse>> fetch_instance(
      osb::FetchInstanceRequest request, Identity identity);
  [[nodiscard]] async::Task<core::Result<osb::BindResponse>> bind(osb::BindRequest request,
                                                                  Identity identity);
  [[nodiscard]] async::Task<core::Result<osb::UnbindResponse>> unbind(osb::UnbindRequest request,
                                                                      Identity identity);
  [[nodiscard]] async::Task<core::Result<osb::FetchBindingResponse>> fetch_binding(
      osb::FetchBindingRequest request, Identity identity);
  [[nodiscard]] const std::string& broker() const { return broker_; }

 private:
  template <class Result>
  [[nodiscard]] async::Task<Result> counted(const char* method, async::Task<Result> call);

  std::string broker_;
  std::unique_ptr<net::Transport> transport_;
  osb::Client client_;
  async::Clock& clock_;
  core::Metrics& metrics_;
};

class BrokerClients {
 public:
  // A broker whose circuit opens or closes, by its scope and key.
  using OnTurn = std::function<void(const Scope&, const kube::ObjectKey&)>;
  BrokerClients(boost::asio::any_io_executor executor, kube::Client& client, async::Clock& clock,
                Stores& stores, core::Metrics& metrics, const ControllerOptions& options,
                ConnectBroker connect, OnTurn on_turn);

  // Problem: ErrorGettingAuthCredentials (what is missing in which Secret), ErrorFetchingCatalog (URL or CA
  // bundle).
  [[nodiscard]] async::Task<std::expected<std::shared_ptr<BrokerSession>, Problem>> session(
      const Scope& scope, Object broker);
  void forget(const Scope& scope, const kube::ObjectKey& broker);

 private:
  struct Entry {
    std::string made_of;  // what the session was made of: uid, generation and the Secret's version
    std::shared_ptr<BrokerSession> session;
  };
  [[nodiscard]] async::Task<std::expected<osb::Credentials, Problem>> credentials(AuthReference auth);

  boost::asio::any_io_executor executor_;
  kube::Client& client_;
  async::Clock& clock_;
  Stores& stores_;
  core::Metrics& metrics_;
  const ControllerOptions& options_;
  ConnectBroker connect_;
  OnTurn on_turn_;
  std::map<std::string, Entry> sessions_;
};

}  // namespace catalog
