// What a broker does, one method per route of the specification. routes.hpp puts it on HTTP.
#pragma once

#include <optional>
#include <string>

#include "async/task.hpp"
#include "osb/catalog_document.hpp"
#include "osb/types.hpp"

namespace osb {

// What every call carries besides its own fields.
struct CallContext {
  std::optional<OriginatingIdentity> identity;  // X-Broker-API-Originating-Identity
  std::string request_id;                       // X-Broker-API-Request-Identity, or one of our own
  int minor_version = 17;                       // of X-Broker-API-Version 2.x
};

// Errors: an Error's kind and code decide the status (routes.hpp): invalid → 400, not_found → 404, conflict →
// 409, gone → 410, unprocessable → 422 with `code` (AsyncRequired, ConcurrencyError, …), unavailable and
// throttled → 503, the rest → 500 (unauthenticated and forbidden too: they are AWS's word to the broker).
class Broker {
 public:
  virtual ~Broker() = default;
  [[nodiscard]] virtual core::Result<std::shared_ptr<const CatalogDocument>> catalog() = 0;
  [[nodiscard]] virtual async::Task<core::Result<ProvisionResponse>> provision(const ProvisionRequest&,
                                                                               const CallContext&) = 0;
  [[nodiscard]] virtual async::Task<core::Result<UpdateResponse>> update(const UpdateRequest&,
                                                                         const CallContext&) = 0;
  [[nodiscard]] virtual async::Task<core::Result<DeprovisionResponse>> deprovision(const DeprovisionRequest&,
                                                                                   const CallContext&) = 0;
  [[nodiscard]] virtual async::Task<core::Result<LastOperationResponse>> last_operation(
      const LastOperationRequest&, const CallContext&) = 0;
  [[nodiscard]] virtual async::Task<core::Result<FetchInstanceResponse>> fetch_instance(
      const FetchInstanceRequest&, const CallContext&) = 0;
  [[nodiscard]] virtual async::Task<core::Result<BindResponse>> bind(const BindRequest&,
                                                                     const CallContext&) = 0;
  [[nodiscard]] virtual async::Task<core::Result<UnbindResponse>> unbind(const UnbindRequest&,
                                                                         const CallContext&) = 0;
  [[nodiscard]] virtual async::Task<core::Result<FetchBindingResponse>> fetch_binding(
      const FetchBindingRequest&, const CallContext&) = 0;
};

}  // namespace osb
