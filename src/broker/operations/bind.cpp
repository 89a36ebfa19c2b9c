// PUT /v2/service_instances/:id/service_bindings/:id. Each binding of a class with an injected user gets an
// IAM user of its own, with the policies of the stack's user, so that unbind can revoke it alone.
#include "broker/cloud_foundry.hpp"
#include "broker/ids.hpp"
#include "broker/service_broker.hpp"

namespace broker {

namespace json = boost::json;

namespace {

using core::ErrorKind;
using core::fail;

constexpr int most_tries = 3;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// RoleName and Scope are the only parameters of a bind; their names are read without regard to case.
core::Result<std::pair<std::string, std::string>> role_and_scope(const json::value& parameters) {
  std::string role;
  std::string scope;
  const json::object* given = parameters.if_object();
  if (given == nullptr) return std::pair(role, scope);
  for (const auto& entry : *given) {
    const std::string name = lower(entry.key());
    if (name != "rolename" && name != "scope") {
      return fail(ErrorKind::invalid, "The parameter " + std::string(entry.key()) +
                                          " is not available; a binding takes RoleName and Scope.");
    }
    if (!entry.value().is_string())
      return fail(ErrorKind::invalid, "The parameter " + std::string(entry.key()) + " must be a text.");
    (name == "rolename" ? role : scope) = std::string(entry.value().get_string());
  }
  if (role.empty() && !scope.empty())
    return fail(ErrorKind::invalid, "The parameter RoleName is required where Scope is given.");
  return std::pair(role, scope);
}

bool is_the_same(const BindingRecord& binding, const BindingRecord& wanted) {
  if (!binding.fingerprint.empty()) return binding.fingerprint == wanted.fingerprint;
  // The Go broker wrote it.
  return binding.instance_id == wanted.instance_id && binding.role_name == wanted.role_name &&
         lower(binding.scope) == lower(wanted.scope);
}

core::Result<std::string> policy_of_scope(const Outputs& outputs, const std::string& scope) {
  const std::string wanted = lower("PolicyArn" + scope);
  for (const auto& [name, value] : outputs) {
    if (lower(name) == wanted && !value.empty()) return value;
  }
  return fail(ErrorKind::invalid, "The service has no policy for the scope \"" + scope + "\".");
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

async::Task<core::Result<osb::BindResponse>> ServiceBroker::bind(const osb::BindRequest& request,
                                                                 const osb::CallContext&) {
  auto role = role_and_scope(request.parameters);
  if (!role) co_return fail(std::move(role.error()));
  auto instance = co_await find_instance(request.instance_id);
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
  const auto service = co_await template_of(**instance);
  if (!service) co_return fail(service.error());
  if (gives_own_user(**service)) wanted.user_name = binding_user_name(wanted.id);
  for (int attempt = 0; attempt < most_tries; ++attempt) {
    auto known = co_await store_.get_binding(request.binding_id);
    if (!known) co_return fail(std::move(known.error()));
    BindingRecord binding = *known ? std::move(**known) : wanted;
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
      auto written = co_await store_.put_binding(std::move(binding));
      if (!written && written.error().kind == ErrorKind::conflict) continue;
      if (!written) co_return fail(std::move(written.error()));
      binding = std::move(*written);
    }
    auto credentials = co_await credentials_of(**instance, binding);
    if (!credentials) co_return fail(std::move(credentials.error()));
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

async::Task<core::Result<osb::FetchBindingResponse>> ServiceBroker::fetch_binding(
    const osb::FetchBindingRequest& request, const osb::CallContext&) {
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
async::Task<core::Result<json::object>> ServiceBroker::credentials_of(InstanceRecord instance,
                                                                      BindingRecord& binding) {
  const auto found = co_await template_of(instance);
  if (!found) co_return fail(found.error());
  const Template& service = **found;
  Cloud& cloud = cloud_of(instance);
  auto stack = co_await cloud.describe_stack(instance.stack_id);
  if (!stack) co_return fail(std::move(stack.error()));
  const bool own_user = gives_own_user(service);
  if (own_user) {
    auto is_new = co_await ensure_user(cloud, instance, binding);
    if (!is_new) co_return fail(std::move(is_new.error()));
    auto key = co_await ensure_access_key(cloud, binding, *is_new);
    if (!key) co_return fail(std::move(key.error()));
  }
  auto attached = co_await attach_role(cloud, stack->outputs, binding);
  if (!attached) co_return fail(std::move(attached.error()));

  json::object credentials;
  for (const CredentialSource& source : credential_sources(service, stack->outputs)) {
    const bool is_id = source.kind == CredentialSource::Kind::access_key_id;
    const bool is_secret = source.kind == CredentialSource::Kind::secret_access_key;
    if (own_user && is_id) {
      credentials[source.key] = binding.access_key_id;
    } else if (own_user && is_secret) {
      auto secret = sealer_.open(binding.sealed_secret_key, binding.id);
      if (!secret) co_return fail(std::move(secret.error()));
      credentials[source.key] = *secret;
    } else if (source.from_ssm) {
      auto value = co_await cloud.get_parameter(source.text);
      if (!value) co_return fail(std::move(value.error()));
      credentials[source.key] = *value;
    } else {
      credentials[source.key] = source.text;
    }
  }
  if (service.cloud_foundry) add_cloud_foundry_keys(service.name, credentials);
  if (service.bind_via_lambda)
    co_return co_await ask_lambda(cloud, stack->outputs, binding, std::move(credentials), "bind");
  co_return credentials;
}

async::Task<core::Result<bool>> ServiceBroker::ensure_user(Cloud& cloud, const InstanceRecord& instance,
                                                           BindingRecord& binding) {
  if (!binding.access_key_id.empty()) co_return false;  // the key comes last: user and policies are there
  const auto resources = co_await cloud.stack_resources(instance.stack_id);
  if (!resources) co_return fail(resources.error());
  std::string model;  // the user that the stack made
  for (const aws::StackResource& resource : *resources) {
    if (resource.logical_id == injected_user) model = resource.physical_id;
  }
  if (model.empty()) {
    co_return fail(ErrorKind::internal, "The stack " + instance.stack_name + " has no " + injected_user +
                                            " to take the binding's policies from.");
  }
  if (binding.user_name.empty()) {  // recorded while credentials were shared
    binding.user_name = binding_user_name(binding.id);
    auto intended = co_await store_.put_binding(binding);
    if (!intended) co_return fail(std::move(intended.error()));
    binding = std::move(*intended);
  }
  Cloud::Pairs tags{{"aws-service-broker:broker-id", options_.broker_id},
                    {"aws-service-broker:instance-id", instance.id},
                    {"aws-service-broker:binding-id", binding.id}};
  auto made = co_await cloud.create_user(binding.user_name, std::move(tags));
  if (!made && made.error().kind != ErrorKind::already_exists) co_return fail(std::move(made.error()));
  const auto policies = co_await cloud.list_user_policies(model);
  if (!policies) co_return fail(policies.error());
  for (const std::string& policy : *policies) {
    auto document = co_await cloud.get_user_policy(model, policy);
    if (!document) co_return fail(std::move(document.error()));
    auto written = co_await cloud.put_user_policy(binding.user_name, policy, std::move(*document));
    if (!written) co_return fail(std::move(written.error()));
  }
  co_return made.has_value();
}

async::Task<core::Result<>> ServiceBroker::ensure_access_key(Cloud& cloud, BindingRecord& binding,
                                                             bool user_is_new) {
  if (!binding.access_key_id.empty() && sealer_.open(binding.sealed_secret_key, binding.id))
    co_return core::Result<>();
  // A key whose secret was lost (a crash before it was recorded, another sealing key) can never be shown: it
  // goes.
  core::Result<std::vector<std::string>> lost;
  if (!user_is_new) lost = co_await cloud.list_access_keys(binding.user_name);
  if (!lost) co_return fail(lost.error());
  for (const std::string& id : *lost) {
    auto removed = co_await cloud.delete_access_key(binding.user_name, id);
    if (!removed && removed.error().kind != ErrorKind::not_found) co_return removed;
  }
  auto key = co_await cloud.create_access_key(binding.user_name);
  if (!key) co_return fail(std::move(key.error()));
  binding.access_key_id = key->id;
  binding.sealed_secret_key = sealer_.seal(key->secret, binding.id);
  // While the binding is being made the record that makes it ready is the next one; a crash before that costs
  // a key, no more.
  if (binding.phase == BindingPhase::creating) co_return core::Result<>();
  auto written = co_await store_.put_binding(binding);
  if (!written) co_return fail(std::move(written.error()));
  binding = std::move(*written);
  co_return core::Result<>();
}

async::Task<core::Result<>> ServiceBroker::attach_role(Cloud& cloud, const Outputs& outputs,
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
  co_return co_await cloud.attach_role_policy(binding.role_name, binding.policy_arn);
}

async::Task<core::Result<json::object>> ServiceBroker::ask_lambda(Cloud& cloud, const Outputs& outputs,
                                                                  const BindingRecord& binding,
                                                                  json::object credentials,
                                                                  const char* request_type) {
  std::string function;
  for (const auto& [name, value] : outputs) {
    if (name == "BindLambda") function = value;
  }
  if (function.empty()) co_return fail(ErrorKind::internal, "The stack has no output BindLambda.");
  credentials["INSTANCE_ID"] = binding.instance_id;
  credentials["BINDING_ID"] = binding.id;
  credentials["RequestType"] = request_type;
  auto answer = co_await cloud.invoke(function, core::to_text(credentials));
  if (!answer) co_return fail(std::move(answer.error()));
  const auto parsed = core::parse_json(*answer);
  if (!parsed || !parsed->is_object())
    co_return fail(ErrorKind::protocol, "The Lambda function " + function + " answered no JSON object.");
  if (const auto why = core::find_string(*parsed, {"errorMessage"}); !why.empty()) {
    co_return fail(ErrorKind::invalid, "The Lambda function " + function + " failed: " + std::string(why));
  }
  co_return parsed->get_object();
}

}  // namespace broker
