// PUT and GET /v2/service_instances/:id/service_bindings/:id. Each binding of a class with an injected user
// gets an IAM user of its own.
#include "broker/bindings/bind_lambda.hpp"
#include "broker/bindings/binding_operations.hpp"
#include "broker/bindings/credential_values.hpp"
#include "broker/bindings/role_policy.hpp"
#include "broker/bindings/steps.hpp"
#include "broker/cloud_foundry.hpp"
#include "broker/fingerprint.hpp"
#include "broker/ids.hpp"

namespace broker {

namespace json = boost::json;

namespace {

using core::ErrorKind;
using core::fail;

constexpr int most_tries = 3;

bool is_the_same(const BindingRecord& binding, const BindingRecord& wanted) {
  if (!binding.fingerprint.empty()) return binding.fingerprint == wanted.fingerprint;
  // The Go broker wrote it.
  return binding.instance_id == wanted.instance_id && binding.role_name == wanted.role_name &&
         is_same_scope(binding.scope, wanted.scope);
}

core::Result<> must_be_ready(const std::optional<InstanceRecord>& instance, const std::string& id) {
  if (!instance) return fail(ErrorKind::invalid, "There is no instance " + id + ".");
  if (instance->phase == InstancePhase::ready) return {};
  if (instance->phase == InstancePhase::failed)
    return fail(ErrorKind::invalid, "The creation of the instance " + id + " has failed.");
  return fail(ErrorKind::unprocessable, "Another operation on the instance " + id + " is in progress.",
              "ConcurrencyError");
}

}  // namespace

async::Task<core::Result<osb::BindResponse>> BindingOperations::bind(const osb::BindRequest& request) {
  auto role = role_and_scope(request.parameters);
  if (!role) co_return fail(std::move(role.error()));
  auto instance = co_await instances_.find_instance(request.instance_id);
  if (!instance) co_return fail(std::move(instance.error()));
  if (auto ready = must_be_ready(*instance, request.instance_id); !ready)
    co_return fail(std::move(ready.error()));

  BindingRecord wanted{.id = request.binding_id,
                       .instance_id = request.instance_id,
                       .service_id = (*instance)->service_id,
                       .plan_id = (*instance)->plan_id,
                       .fingerprint = fingerprint_of(request.instance_id, "", request.parameters),
                       .role_name = role->first,
                       .scope = role->second};
  if (const auto* given = request.parameters.if_object()) wanted.parameters = *given;
  const auto service = co_await instances_.template_of(**instance);
  if (!service) co_return fail(service.error());
  if (gives_own_user(**service)) wanted.user_name = binding_user_name(wanted.id);
  std::string new_key;  // that this request has made
  for (int attempt = 0; attempt < most_tries; ++attempt) {
    auto known = co_await store_.get_binding(request.binding_id);
    if (!known) co_return fail(std::move(known.error()));
    BindingRecord binding = *known ? std::move(**known) : wanted;
    if (!new_key.empty() && binding.access_key_id != new_key) {
      // A crossing request has recorded another key, or none: nobody would ever show this one.
      auto removed = co_await cloud_of(**instance).delete_access_key(wanted.user_name, new_key);
      if (!is_done(removed)) co_return fail(std::move(removed.error()));
      new_key.clear();
    }
    if (!is_the_same(binding, wanted)) {
      co_return fail(ErrorKind::conflict,
                     "The binding " + binding.id + " exists for another instance or with other parameters.");
    }
    if (binding.phase == BindingPhase::deleting) {
      co_return fail(ErrorKind::unprocessable, "The binding " + binding.id + " is being deleted.",
                     "ConcurrencyError");
    }
    const bool was_ready = binding.phase == BindingPhase::ready;
    if (!*known) {
      if (!binding.role_name.empty()) {
        // A wrong scope is told before anything is recorded or made that an unbind would have to remove.
        const auto stack = co_await cloud_of(**instance).describe_stack((*instance)->stack_id);
        if (!stack) co_return fail(stack.error());
        auto policy = policy_of_scope(stack->outputs, binding.scope);
        if (!policy) co_return fail(std::move(policy.error()));
        binding.policy_arn = std::move(*policy);
      }
      auto written = co_await record_binding(**instance, std::move(binding));
      if (!written && written.error().kind == ErrorKind::conflict) continue;
      if (!written) co_return fail(std::move(written.error()));
      binding = std::move(*written);
    }
    const std::string known_key = binding.access_key_id;
    auto credentials = co_await credentials_of(**instance, binding);
    if (binding.access_key_id != known_key) new_key = binding.access_key_id;
    if (!credentials) {
      auto now = co_await store_.get_binding(request.binding_id);
      const bool crossed = now && (!*now || (*now)->version != binding.version);
      if (crossed && !credentials.error().retryable()) continue;
      co_return fail(std::move(credentials.error()));
    }
    if (!was_ready) {
      binding.phase = BindingPhase::ready;
      auto written = co_await store_.put_binding(std::move(binding));
      if (!written && written.error().kind == ErrorKind::conflict) continue;
      if (!written) co_return fail(std::move(written.error()));
    }
    co_return osb::BindResponse{.outcome = was_ready ? osb::Outcome::unchanged : osb::Outcome::done,
                                .operation = {},
                                .credentials = std::move(*credentials),
                                .metadata = {},
                                .endpoints = {},
                                .volume_mounts = {},
                                .syslog_drain_url = {},
                                .route_service_url = {}};
  }
  co_return fail(ErrorKind::unprocessable, "Another request for this binding is being handled.",
                 "ConcurrencyError");
}

// A deletion of the instance marks its record, then looks for bindings; a bind records the binding, then
// looks at the instance again. So whatever their order, one of them sees the other.
async::Task<core::Result<BindingRecord>> BindingOperations::record_binding(InstanceRecord instance,
                                                                           BindingRecord binding) {
  auto written = co_await store_.put_binding(std::move(binding));
  if (!written) co_return written;
  const auto now = co_await store_.get_instance(instance.id);
  if (!now) co_return fail(now.error());
  auto ready = must_be_ready(*now, instance.id);
  if (ready) co_return written;
  auto revoked = co_await revoke(std::move(instance), std::move(*written));
  if (!revoked) co_return fail(std::move(revoked.error()));
  co_return fail(std::move(ready.error()));
}

async::Task<core::Result<osb::FetchBindingResponse>> BindingOperations::fetch(
    const osb::FetchBindingRequest& request) {
  auto binding = co_await store_.get_binding(request.binding_id);
  if (!binding) co_return fail(std::move(binding.error()));
  auto instance = co_await store_.get_instance(request.instance_id);
  if (!instance) co_return fail(std::move(instance.error()));
  const bool is_there = *binding && *instance && (*binding)->phase == BindingPhase::ready &&
                        (*binding)->instance_id == request.instance_id;
  if (!is_there)
    co_return fail(ErrorKind::not_found,
                   "There is no binding " + request.binding_id + ", or it is not ready.");
  auto credentials = co_await credentials_of(**instance, **binding);
  if (!credentials) co_return fail(std::move(credentials.error()));
  co_return osb::FetchBindingResponse{.credentials = std::move(*credentials),
                                      .parameters = (*binding)->parameters,
                                      .metadata = {},
                                      .endpoints = {},
                                      .volume_mounts = {},
                                      .syslog_drain_url = {},
                                      .route_service_url = {}};
}

// The binding's credentials, making what they need on the way. Each step that makes something is recorded in
// the binding.
async::Task<core::Result<json::object>> BindingOperations::credentials_of(InstanceRecord instance,
                                                                          BindingRecord& binding) {
  const auto found = co_await instances_.template_of(instance);
  if (!found) co_return fail(found.error());
  const Template& service = **found;
  Cloud& cloud = cloud_of(instance);
  auto stack = co_await cloud.describe_stack(instance.stack_id);
  if (!stack) co_return fail(std::move(stack.error()));
  std::optional<aws::AccessKey> own_key;
  if (gives_own_user(service)) {
    auto ensured = co_await users_.ensure(cloud, instance, binding);
    if (!ensured) co_return fail(std::move(ensured.error()));
    auto secret = sealer_.open(binding.sealed_secret_key, binding.id);
    if (!secret) co_return fail(std::move(secret.error()));
    own_key = {.id = binding.access_key_id, .secret = std::move(*secret)};
  }
  auto attached = co_await attach_role(cloud, stack->outputs, binding);
  if (!attached) co_return fail(std::move(attached.error()));

  std::vector<CredentialSource> sources = credential_sources(service, stack->outputs);
  auto credentials = co_await read_credentials(cloud, std::move(sources), std::move(own_key));
  if (!credentials) co_return credentials;
  if (service.cloud_foundry) add_cloud_foundry_keys(service.name, *credentials);
  if (service.bind_via_lambda)
    co_return co_await ask_lambda(cloud, stack->outputs, binding, std::move(*credentials), "bind");
  co_return credentials;
}

async::Task<core::Result<>> BindingOperations::attach_role(Cloud& cloud, const Outputs& outputs,
                                                           BindingRecord& binding) {
  if (binding.role_name.empty()) co_return core::Result<>();
  if (binding.policy_arn.empty()) {
    auto policy = policy_of_scope(outputs, binding.scope);
    if (!policy) co_return fail(std::move(policy.error()));
    binding.policy_arn = std::move(*policy);
    auto intended = co_await store_.put_binding(binding);
    if (!intended) co_return fail(std::move(intended.error()));
    binding = std::move(*intended);
  }
  co_return co_await attach_policy(cloud, binding);
}

}  // namespace broker
