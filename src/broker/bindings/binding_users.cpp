#include "broker/bindings/binding_users.hpp"

#include "broker/bindings/steps.hpp"
#include "broker/ids.hpp"
#include "broker/template.hpp"

namespace broker {

using core::ErrorKind;
using core::fail;

async::Task<core::Result<>> BindingUsers::ensure(Cloud& cloud, const InstanceRecord& instance,
                                                 BindingRecord& binding) {
  auto is_new = co_await ensure_user(cloud, instance, binding);
  if (!is_new) co_return fail(std::move(is_new.error()));
  co_return co_await ensure_access_key(cloud, binding, *is_new);
}

async::Task<core::Result<bool>> BindingUsers::ensure_user(Cloud& cloud, const InstanceRecord& instance,
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
  Cloud::Pairs tags{{"aws-service-broker:broker-id", broker_id_},
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

async::Task<core::Result<>> BindingUsers::ensure_access_key(Cloud& cloud, BindingRecord& binding,
                                                            bool user_is_new) {
  if (!binding.access_key_id.empty() && sealer_.open(binding.sealed_secret_key, binding.id))
    co_return core::Result<>();
  // A key whose secret was lost (a crash before it was recorded, another sealing key) can never be shown: it
  // goes.
  core::Result<std::vector<std::string>> lost;
  if (!user_is_new) lost = co_await cloud.list_access_keys(binding.user_name);
  if (!lost) co_return fail(lost.error());
  if (!lost->empty()) {
    // It may also be the key of a crossing request, which must not be answered any more: that one's write is
    // now too late.
    auto claimed = co_await store_.put_binding(binding);
    if (!claimed) co_return fail(std::move(claimed.error()));
    binding = std::move(*claimed);
  }
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

async::Task<core::Result<>> BindingUsers::remove(Cloud& cloud, std::string user) {
  const auto keys = co_await cloud.list_access_keys(user);
  if (!keys) co_return fail(keys.error());
  for (const std::string& key : *keys) {
    const auto removed = co_await cloud.delete_access_key(user, key);
    if (!is_done(removed)) co_return removed;
  }
  const auto policies = co_await cloud.list_user_policies(user);
  if (!policies && policies.error().kind != ErrorKind::not_found) co_return fail(policies.error());
  if (policies) {
    for (const std::string& policy : *policies) {
      const auto removed = co_await cloud.delete_user_policy(user, policy);
      if (!is_done(removed)) co_return removed;
    }
  }
  co_return co_await cloud.delete_user(user);
}

}  // namespace broker
