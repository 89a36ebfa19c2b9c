#include "broker/bindings/binding_users.hpp"

#include <algorithm>

#include "async/backoff.hpp"
#include "broker/bindings/steps.hpp"
#include "broker/ids.hpp"
#include "broker/stack_tags.hpp"
#include "broker/template.hpp"
#include "core/log.hpp"

namespace broker {

namespace {

using core::ErrorKind;
using core::fail;

constexpr std::uint32_t most_looks = 6;
constexpr async::BackoffPolicy pauses_between_looks{.initial = std::chrono::milliseconds(250)};

// The name of the user that the stack made.
async::Task<core::Result<std::string>> model_of(Cloud& cloud, const InstanceRecord& instance) {
  const auto resources = co_await cloud.stack_resources(instance.stack_id);
  if (!resources) co_return fail(resources.error());
  for (const aws::StackResource& resource : *resources) {
    if (resource.logical_id == injected_user && !resource.physical_id.empty()) co_return resource.physical_id;
  }
  co_return fail(ErrorKind::internal, "The stack " + instance.stack_name + " has no " + injected_user +
                                          " to copy the binding's policies from.");
}

}  // namespace

template <class T>
async::Task<core::Result<T>> BindingUsers::once_known(const BindingRecord& binding, bool user_is_new,
                                                      std::function<async::Task<core::Result<T>>()> act) {
  for (async::Backoff backoff(pauses_between_looks);;) {
    auto done = co_await act();
    const bool is_unknown = !done && (done.error().kind == ErrorKind::not_found ||
                                      (user_is_new && done.error().kind == ErrorKind::forbidden));
    if (!is_unknown || backoff.attempts() + 1 == most_looks) co_return done;
    const auto now = co_await store_.get_binding(binding.id);
    if (!now || !*now || (*now)->version != binding.version) co_return done;
    co_await clock_.sleep_for(backoff.next());
  }
}

async::Task<core::Result<>> BindingUsers::ensure(Cloud& cloud, const InstanceRecord& instance,
                                                 BindingRecord& binding) {
  auto is_new = co_await ensure_user(cloud, instance, binding);
  if (!is_new) co_return fail(std::move(is_new.error()));
  co_return co_await ensure_access_key(cloud, binding, *is_new);
}

async::Task<core::Result<bool>> BindingUsers::ensure_user(Cloud& cloud, const InstanceRecord& instance,
                                                          BindingRecord& binding) {
  if (!binding.access_key_id.empty()) co_return false;  // the key comes last: user and policies are there
  if (binding.user_name.empty()) {                      // recorded while credentials were shared
    binding.user_name = binding_user_name(binding.id);
    auto intended = co_await store_.put_binding(binding);
    if (!intended) co_return fail(std::move(intended.error()));
    binding = std::move(*intended);
  }
  Cloud::Pairs tags{{broker_tag, broker_id_}, {instance_tag, instance.id}, {binding_tag, binding.id}};
  auto made = co_await cloud.create_user(binding.user_name, std::move(tags));
  if (!made && made.error().kind != ErrorKind::already_exists) co_return fail(std::move(made.error()));
  if (!made) {
    auto checked = co_await check_own(cloud, binding);
    if (!checked) co_return fail(std::move(checked.error()));
  }
  auto copied = co_await copy_policies(cloud, instance, binding, made.has_value());
  if (!copied) co_return fail(std::move(copied.error()));
  co_return made.has_value();
}

async::Task<core::Result<bool>> BindingUsers::is_own(Cloud& cloud, std::string user, std::string instance_id,
                                                     std::string binding_id) {
  const auto tags = co_await cloud.list_user_tags(std::move(user));
  if (!tags) co_return fail(tags.error());
  co_return has_tag(*tags, broker_tag, broker_id_) && has_tag(*tags, instance_tag, instance_id) &&
      has_tag(*tags, binding_tag, binding_id);
}

async::Task<core::Result<>> BindingUsers::check_own(Cloud& cloud, const BindingRecord& binding) {
  const auto is_ours = co_await once_known<bool>(
      binding, false, [&] { return is_own(cloud, binding.user_name, binding.instance_id, binding.id); });
  if (!is_ours && is_ours.error().kind == ErrorKind::not_found)
    co_return fail(ErrorKind::unavailable, "IAM does not know the user " + binding.user_name + " yet.");
  if (!is_ours) co_return fail(is_ours.error());
  if (*is_ours) co_return core::Result<>();
  co_return fail(ErrorKind::conflict, "An IAM user " + binding.user_name +
                                          " exists that was not created for the binding " + binding.id +
                                          " by this broker: its tags say something else. It is not changed. "
                                          "Delete it, or create a binding with another id.");
}

async::Task<core::Result<>> BindingUsers::copy_policies(Cloud& cloud, const InstanceRecord& instance,
                                                        const BindingRecord& binding, bool user_is_new) {
  const auto model = co_await model_of(cloud, instance);
  if (!model) co_return fail(model.error());
  const auto policies = co_await cloud.list_user_policies(*model);
  if (!policies) co_return fail(policies.error());
  const auto present = co_await once_known<std::vector<std::string>>(
      binding, user_is_new, [&] { return cloud.list_user_policies(binding.user_name); });
  if (!present) co_return fail(present.error());
  for (const std::string& policy : *policies) {
    const auto document = co_await cloud.get_user_policy(*model, policy);
    if (!document) co_return fail(document.error());
    auto written = co_await once_known<void>(
        binding, user_is_new, [&] { return cloud.put_user_policy(binding.user_name, policy, *document); });
    if (!written) co_return written;
  }
  for (const std::string& policy : *present) {
    if (std::ranges::find(*policies, policy) != policies->end()) continue;
    auto removed = co_await cloud.delete_user_policy(binding.user_name, policy);
    if (!is_done(removed)) co_return removed;
  }
  co_return core::Result<>();
}

async::Task<core::Result<>> BindingUsers::ensure_access_key(Cloud& cloud, BindingRecord& binding,
                                                            bool user_is_new) {
  if (!binding.access_key_id.empty() && sealer_.open(binding.sealed_secret_key, binding.id))
    co_return core::Result<>();
  if (!binding.access_key_id.empty()) {  // only a key that was recorded is not looked at before
    auto checked = co_await check_own(cloud, binding);
    if (!checked) co_return checked;
  }
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
    if (!is_done(removed)) co_return removed;
  }
  auto key = co_await once_known<aws::AccessKey>(binding, user_is_new,
                                                 [&] { return cloud.create_access_key(binding.user_name); });
  if (!key) co_return fail(std::move(key.error()));
  binding.access_key_id = key->id;
  binding.sealed_secret_key = sealer_.seal(key->secret, binding.id);
  // While the binding is being made the record that makes it ready is the next one; a crash before that costs
  // a key, no more.
  if (binding.phase != BindingPhase::ready) co_return core::Result<>();
  auto written = co_await store_.put_binding(binding);
  if (!written) co_return fail(std::move(written.error()));
  binding = std::move(*written);
  co_return core::Result<>();
}

async::Task<core::Result<>> BindingUsers::remove(Cloud& cloud, std::string user, std::string instance_id,
                                                 std::string binding_id) {
  const auto is_ours = co_await is_own(cloud, user, std::move(instance_id), binding_id);
  if (!is_ours) co_return fail(is_ours.error());
  if (!*is_ours) {
    core::log::warn(
        "An IAM user with the name of a binding's user does not belong to the broker and is not changed",
        {{"user", user}, {"binding", binding_id}});
    co_return fail(ErrorKind::not_found, "The IAM user " + user + " does not belong to the binding.");
  }
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
  auto deleted = co_await cloud.delete_user(user);
  // IAM does not know everywhere yet that nothing is left of the user, or a bind that crossed has added to
  // it.
  if (!deleted && deleted.error().kind == ErrorKind::conflict) deleted.error().kind = ErrorKind::unavailable;
  co_return deleted;
}

async::Task<core::Result<>> BindingUsers::remove_recorded(Cloud& cloud, const BindingRecord& binding) {
  const auto is_ours = co_await is_own(cloud, binding.user_name, binding.instance_id, binding.id);
  if (!is_ours) co_return fail(is_ours.error());
  if (*is_ours) co_return co_await remove(cloud, binding.user_name, binding.instance_id, binding.id);
  const auto keys = co_await cloud.list_access_keys(binding.user_name);
  if (!keys) co_return fail(keys.error());
  if (binding.access_key_id.empty() && !keys->empty()) {
    co_return fail(ErrorKind::conflict, "The tags of the IAM user " + binding.user_name +
                                            " do not say that it is the binding " + binding.id +
                                            "'s, and no access key is recorded. Give the user the tags " +
                                            broker_tag + ", " + instance_tag + " and " + binding_tag +
                                            " again, or delete its access keys, and then unbind again.");
  }
  core::log::warn(
      "An IAM user of a binding does not have the tags of the binding; its key was deleted, and the user "
      "stays",
      {{"user", binding.user_name}, {"binding", binding.id}});
  if (std::ranges::find(*keys, binding.access_key_id) == keys->end()) co_return core::Result<>();
  co_return co_await cloud.delete_access_key(binding.user_name, binding.access_key_id);
}

}  // namespace broker
