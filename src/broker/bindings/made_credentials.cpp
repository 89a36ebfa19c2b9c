// The credentials of one binding, making what they need on the way; each step that makes something is noted
// in the record.
#include "broker/bindings/bind_lambda.hpp"
#include "broker/bindings/binding_operations.hpp"
#include "broker/bindings/credential_values.hpp"
#include "broker/bindings/role_policy.hpp"
#include "broker/cloud_foundry.hpp"
#include "broker/stack_tags.hpp"

namespace broker {

namespace json = boost::json;

namespace {

using core::ErrorKind;
using core::fail;

// DynamoDB takes 400 kB for the whole record.
constexpr std::size_t most_credentials = 100'000;

}  // namespace

async::Task<core::Result<json::object>> BindingOperations::credentials_of(InstanceRecord instance,
                                                                          BindingRecord& binding) {
  const auto found = co_await instances_.template_of(instance);
  if (!found) co_return fail(found.error());
  const Template& service = **found;
  if (service.bind_via_lambda) {
    if (auto kept = kept_credentials(binding)) co_return std::move(*kept);
  }
  Cloud& cloud = cloud_of(instance);
  auto stack = co_await own_stack(instance);
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

  auto sources = co_await sources_of(instance, service, stack->outputs);
  if (!sources) co_return fail(std::move(sources.error()));
  OwnSecrets secrets(cloud, *stack, options_.broker_id, instance.id);
  auto credentials = co_await read_credentials(secrets, std::move(*sources), std::move(own_key));
  if (!credentials) co_return credentials;
  if (service.cloud_foundry) add_cloud_foundry_keys(service.name, *credentials);
  if (service.bind_via_lambda)
    co_return co_await credentials_of_lambda(cloud, stack->outputs, binding, std::move(*credentials));
  co_return credentials;
}

async::Task<core::Result<aws::Stack>> BindingOperations::own_stack(const InstanceRecord& instance) {
  auto stack = co_await cloud_of(instance).describe_stack(instance.stack_id);
  if (!stack && stack.error().kind != ErrorKind::not_found) co_return stack;
  if (!stack || stack->status.starts_with("DELETE_")) {
    co_return fail(ErrorKind::invalid, "The stack " + instance.stack_name + " of the instance " +
                                           instance.id +
                                           " was deleted by someone else. Delete the instance.");
  }
  if (!is_stack_of(instance, *stack, options_.broker_id)) co_return fail(not_of_instance(instance));
  co_return stack;
}

async::Task<core::Result<std::vector<CredentialSource>>> BindingOperations::sources_of(
    const InstanceRecord& instance, const Template& service, const Outputs& outputs) {
  if (!instance.template_digest.empty()) co_return credential_sources(service, outputs);
  // The catalog's template may say something else of an output than the one that the Go broker used.
  auto body = co_await cloud_of(instance).get_template(instance.stack_id);
  if (!body) co_return fail(std::move(body.error()));
  auto used = parse_template(std::move(*body), "of the stack " + instance.stack_name);
  if (!used) co_return fail(std::move(used.error()));
  Template as_used = service;
  as_used.outputs = std::move(used->outputs);
  co_return credential_sources(as_used, outputs);
}

async::Task<core::Result<json::object>> BindingOperations::credentials_of_lambda(Cloud& cloud,
                                                                                 const Outputs& outputs,
                                                                                 BindingRecord& binding,
                                                                                 json::object credentials) {
  auto answer = co_await ask_lambda(cloud, outputs, binding, std::move(credentials), "bind");
  if (!answer) co_return answer;
  const std::string text = core::to_text(*answer);
  if (text.size() > most_credentials)
    co_return fail(ErrorKind::protocol, "The Lambda function's credentials are longer than 100 kB.");
  binding.sealed_credentials = sealer_.seal(text, binding.id + "/credentials");
  // While the binding is being made the record that makes it ready is the next one.
  if (binding.phase != BindingPhase::ready) co_return answer;
  auto written = co_await store_.put_binding(binding);
  if (!written) co_return fail(std::move(written.error()));
  binding = std::move(*written);
  co_return answer;
}

std::optional<json::object> BindingOperations::kept_credentials(const BindingRecord& binding) const {
  const auto text = sealer_.open(binding.sealed_credentials, binding.id + "/credentials");
  if (!text) return std::nullopt;
  auto parsed = core::parse_json(*text);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  return std::move(parsed->get_object());
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
