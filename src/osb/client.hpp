// The platform's side of the Open Service Broker API: strict in what it sends, tolerant in what it reads.
//
// Errors tell orphan mitigation what it needs (spec.md, "Orphan Mitigation"): kind and http_status are those
// of the answer; a time-out is `timeout`; a body that is not of the specified form is `protocol` with the
// status it came with; `code` is the body's `error`, message its `description`. A 410 on a delete is success
// (Outcome::done). A 200 needs no body where nothing in it is required. A 404, and a 410 that is not empty,
// is `protocol` where its body is no JSON object: it need not be from the broker.
//
// Whatever a broker answers, it fits into a condition: descriptions are cut at 4,096 bytes, codes at 256; a
// dashboard_url of more than 8,192 is left out; an `operation` of more than 10,000 is a malformed answer.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "net/transport.hpp"
#include "osb/aftermath.hpp"
#include "osb/types.hpp"

namespace osb {

struct BasicCredentials {
  std::string username, password;
};
struct BearerCredentials {
  std::string token;
};
using Credentials = std::variant<std::monostate, BasicCredentials, BearerCredentials>;

class Client {
 public:
  // base_path: the path part of the broker's URL ("" or "/prefix"). The transport outlives the client.
  Client(net::Transport& transport, std::string base_path, Credentials credentials,
         std::chrono::milliseconds timeout = std::chrono::seconds(60));

  using Identity = std::optional<OriginatingIdentity>;
  // Bodies up to 16 MiB.
  [[nodiscard]] async::Task<core::Result<Catalog>> catalog();
  [[nodiscard]] async::Task<core::Result<ProvisionResponse>> provision(ProvisionRequest request,
                                                                       Identity identity);
  [[nodiscard]] async::Task<ChangeResult<UpdateResponse>> update(UpdateRequest request, Identity identity);
  [[nodiscard]] async::Task<ChangeResult<DeprovisionResponse>> deprovision(DeprovisionRequest request,
                                                                           Identity identity);
  [[nodiscard]] async::Task<core::Result<LastOperationResponse>> last_operation(LastOperationRequest request,
                                                                                Identity identity);
  [[nodiscard]] async::Task<core::Result<FetchInstanceResponse>> fetch_instance(FetchInstanceRequest request,
                                                                                Identity identity);
  [[nodiscard]] async::Task<core::Result<BindResponse>> bind(BindRequest request, Identity identity);
  [[nodiscard]] async::Task<core::Result<UnbindResponse>> unbind(UnbindRequest request, Identity identity);
  [[nodiscard]] async::Task<core::Result<FetchBindingResponse>> fetch_binding(FetchBindingRequest request,
                                                                              Identity identity);

 private:
  [[nodiscard]] async::Task<core::Result<net::Reply>> call(net::Request request, const Identity& identity);

  net::Transport& transport_;
  std::string base_path_;
  Credentials credentials_;
  std::chrono::milliseconds timeout_;
};

}  // namespace osb
