#include "catalog/controllers/binding/reconciler.hpp"

namespace catalog {

BindingReconciler::Obtained BindingReconciler::obtained_from(json::value credentials, json::value metadata) {
  Obtained obtained{.credentials = {}, .metadata = std::move(metadata)};
  if (json::object* given = credentials.if_object()) obtained.credentials = std::move(*given);
  return obtained;
}

async::Task<core::Result<BindingReconciler::Obtained>> BindingReconciler::fetch(Object binding,
                                                                                Object instance,
                                                                                BrokerTarget target,
                                                                                std::string binding_id) {
  osb::FetchBindingRequest request{.instance_id = std::string(InstanceView(*instance).external_id()),
                                   .binding_id = std::move(binding_id),
                                   .service_id = target.service_id,
                                   .plan_id = target.plan_id};
  auto identity = identity_of(BindingView(*binding));
  core::Result<osb::FetchBindingResponse> fetched =
      co_await target.session->fetch_binding(std::move(request), std::move(identity));
  if (!fetched) co_return core::fail(fetched.error());
  co_return obtained_from(std::move(fetched->credentials), std::move(fetched->metadata));
}

async::Task<core::Result<osb::LastOperationResponse>> BindingReconciler::ask_last_operation(
    Object binding, Object instance, BrokerTarget target, std::string binding_id, std::string operation) {
  osb::LastOperationRequest request{.instance_id = std::string(InstanceView(*instance).external_id()),
                                    .binding_id = std::move(binding_id),
                                    .service_id = target.service_id,
                                    .plan_id = target.plan_id,
                                    .operation = std::move(operation)};
  auto identity = identity_of(BindingView(*binding));
  co_return co_await target.session->last_operation(std::move(request), std::move(identity));
}

async::Task<core::Result<osb::UnbindResponse>> BindingReconciler::send_unbind(Object binding, Object instance,
                                                                              BrokerTarget target,
                                                                              std::string binding_id) {
  osb::UnbindRequest request{.instance_id = std::string(InstanceView(*instance).external_id()),
                             .binding_id = std::move(binding_id),
                             .service_id = target.service_id,
                             .plan_id = target.plan_id,
                             .accepts_incomplete = true};
  auto identity = identity_of(BindingView(*binding));
  co_return co_await target.session->unbind(std::move(request), std::move(identity));
}

}  // namespace catalog
