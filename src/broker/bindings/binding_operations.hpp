// bind, unbind and the questions about bindings: the half of the broker that is about bindings. The broker's
// invariants (service_broker.hpp) hold here too.
#pragma once

#include <string>

#include "broker/bindings/binding_users.hpp"
#include "broker/bindings/instances.hpp"
#include "broker/broker_options.hpp"
#include "broker/cloud/cloud.hpp"
#include "broker/credentials.hpp"
#include "broker/store/store.hpp"
#include "core/seal.hpp"
#include "osb/types.hpp"

namespace broker {

class BindingOperations {
 public:
  // All outlive this.
  BindingOperations(const BrokerOptions& options, Instances& instances, Store& store, CloudProvider& clouds,
                    const core::Sealer& sealer)
      : options_(options),
        instances_(instances),
        store_(store),
        clouds_(clouds),
        sealer_(sealer),
        users_(options.broker_id, store, sealer) {}

  [[nodiscard]] async::Task<core::Result<osb::BindResponse>> bind(const osb::BindRequest& request);
  [[nodiscard]] async::Task<core::Result<osb::UnbindResponse>> unbind(const osb::UnbindRequest& request);
  [[nodiscard]] async::Task<core::Result<osb::FetchBindingResponse>> fetch(
      const osb::FetchBindingRequest& request);
  [[nodiscard]] async::Task<core::Result<osb::LastOperationResponse>> last_operation(
      const osb::LastOperationRequest& request);

  // Bindings that the platform forgot would leave their users behind, and CloudFormation cannot delete what
  // they use.
  [[nodiscard]] async::Task<core::Result<>> revoke_all(InstanceRecord instance);

 private:
  // --- bind.cpp
  [[nodiscard]] bool gives_own_user(const Template& service) const {
    return service.has_injected_user && options_.binding_credentials == BindingCredentials::per_binding;
  }
  // Error: conflict where another request was first.
  [[nodiscard]] async::Task<core::Result<BindingRecord>> record_binding(InstanceRecord instance,
                                                                        BindingRecord binding);
  [[nodiscard]] async::Task<core::Result<boost::json::object>> credentials_of(InstanceRecord instance,
                                                                              BindingRecord& binding);
  // Notes the policy's ARN in a binding that was recorded without it, and attaches it.
  [[nodiscard]] async::Task<core::Result<>> attach_role(Cloud& cloud, const Outputs& outputs,
                                                        BindingRecord& binding);

  // --- unbind.cpp
  [[nodiscard]] async::Task<core::Result<>> revoke(InstanceRecord instance, BindingRecord binding);
  // Of a binding that has no record (a restored or lost table). Error: gone where there is nothing of it.
  [[nodiscard]] async::Task<core::Result<>> revoke_unrecorded(InstanceRecord instance,
                                                              std::string binding_id);

  [[nodiscard]] Cloud& cloud_of(const InstanceRecord& record) {
    return clouds_.cloud(record.region, record.role_arn);
  }

  const BrokerOptions& options_;
  Instances& instances_;
  Store& store_;
  CloudProvider& clouds_;
  const core::Sealer& sealer_;
  BindingUsers users_;
};

}  // namespace broker
