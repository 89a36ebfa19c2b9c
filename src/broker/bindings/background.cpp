// What goes on without a request: binds and unbinds that may be long, what a crash left, what has expired.
#include "async/backoff.hpp"
#include "broker/bindings/binding_operations.hpp"
#include "broker/bindings/lifetime.hpp"
#include "core/log.hpp"

namespace broker {

namespace {

using core::ErrorKind;
using core::fail;

constexpr std::uint32_t most_background_tries = 8;
constexpr async::BackoffPolicy background_pauses{.initial = std::chrono::seconds(1),
                                                 .maximum = std::chrono::minutes(1)};

}  // namespace

void BindingOperations::go_on(InstanceRecord instance, BindingRecord binding) {
  if (in_hand_.contains(binding.id)) return;
  auto in_hand = std::make_unique<InHand>(in_hand_, binding.id);
  std::string name = "binding " + binding.id;
  tasks_.spawn(std::move(name), work_on(std::move(instance), std::move(binding), std::move(in_hand)));
}

async::Task<> BindingOperations::work_on(InstanceRecord instance, BindingRecord binding,
                                         std::unique_ptr<InHand>) {
  const bool is_deleted = binding.phase == BindingPhase::deleting;
  for (async::Backoff backoff(background_pauses);;) {
    core::Result<> done;
    if (is_deleted) {
      done = co_await revoke(instance, binding);
    } else if (auto made = co_await make(instance, binding); !made) {
      done = fail(std::move(made.error()));
    }
    if (done) co_return;
    core::log::warn("A binding is not complete", {{"binding", binding.id}, {"error", done.error().message}});
    if (!done.error().retryable() || backoff.attempts() + 1 == most_background_tries) {
      co_await record_failure(binding.id, binding.operation, done.error().message);
      co_return;
    }
    co_await clock_.sleep_for(backoff.next());
    auto known = co_await store_.get_binding(binding.id);  // a try may have noted what it made
    if (known && *known && (*known)->operation == binding.operation) binding = std::move(**known);
  }
}

// Of that operation, if the record is still about it. Where it cannot be written, a poll or the next start
// goes on with the operation.
async::Task<> BindingOperations::record_failure(std::string binding_id, std::string operation,
                                                std::string failure) {
  auto known = co_await store_.get_binding(binding_id);
  if (!known || !*known || (*known)->operation != operation) co_return;
  BindingRecord failed = std::move(**known);
  if (failed.phase == BindingPhase::creating) failed.phase = BindingPhase::failed;
  failed.failure = std::move(failure);
  std::ignore = co_await store_.put_binding(std::move(failed));
}

// A binding can outlive its instance's record: what is known of the instance is enough to remove its user.
async::Task<core::Result<InstanceRecord>> BindingOperations::owner_of(const BindingRecord& binding) {
  auto instance = co_await store_.get_instance(binding.instance_id);
  if (!instance) co_return fail(std::move(instance.error()));
  if (*instance) co_return std::move(**instance);
  co_return InstanceRecord{.id = binding.instance_id, .service_id = binding.service_id};
}

async::Task<core::Result<>> BindingOperations::resume() {
  auto bindings = co_await store_.list_all_bindings();
  if (!bindings) co_return fail(std::move(bindings.error()));
  core::Result<> result;  // of the first that has to be tried again: it must not keep the others
  for (BindingRecord& binding : *bindings) {
    if (!binding.readable) {
      core::log::error("The record of a binding cannot be read: restore it from a backup of the store",
                       {{"binding", binding.id}, {"instance", binding.instance_id}});
      continue;
    }
    if (!binding.expires_at.empty()) some_expire_ = true;
    const bool is_deleted = binding.phase == BindingPhase::deleting;
    const bool is_made = binding.phase == BindingPhase::creating && binding.operation == "bind";
    if ((!is_deleted && !is_made) || !binding.failure.empty()) continue;
    auto owner = co_await owner_of(binding);
    if (!owner) {
      if (result && owner.error().retryable()) result = fail(owner.error());
      continue;
    }
    if (!binding.operation.empty()) {
      go_on(std::move(*owner), std::move(binding));
      continue;
    }
    auto revoked = co_await revoke(std::move(*owner), std::move(binding));
    if (result && !revoked && revoked.error().retryable()) result = std::move(revoked);
  }
  co_return result;
}

async::Task<> BindingOperations::revoke_expired_for_ever() {
  constexpr std::chrono::minutes interval{1};
  while (true) {
    co_await clock_.sleep_for(interval);
    if (!some_expire_) continue;
    const auto revoked = co_await revoke_expired();
    if (!revoked)
      core::log::warn("Expired bindings could not be revoked yet", {{"error", revoked.error().message}});
  }
}

// The record stays until the platform unbinds: it must be told that the binding has expired, and not that
// there was none.
async::Task<core::Result<>> BindingOperations::revoke_expired() {
  auto bindings = co_await store_.list_all_bindings();
  if (!bindings) co_return fail(std::move(bindings.error()));
  core::Result<> result;
  for (BindingRecord& binding : *bindings) {
    const bool ends = binding.phase == BindingPhase::ready && is_expired(binding, clock_.system_now());
    if (!ends) continue;
    auto owner = co_await owner_of(binding);
    if (!owner) {
      result = fail(std::move(owner.error()));
      continue;
    }
    const InHand removal(being_removed_, binding.id);
    result = co_await tell_lambda(*owner, binding);
    if (result) result = co_await remove_made(*owner, binding);
    if (!result) continue;
    binding.phase = BindingPhase::expired;
    // The key's id stays: an unbind looks for that very key where the user is not the binding's any more.
    binding.sealed_secret_key.clear();
    binding.sealed_credentials.clear();
    auto written = co_await store_.put_binding(std::move(binding));
    if (!written && written.error().kind != ErrorKind::conflict) result = fail(std::move(written.error()));
  }
  co_return result;
}

async::Task<core::Result<>> BindingOperations::refresh_policies(InstanceRecord instance) {
  auto bindings = co_await store_.list_bindings(instance.id);
  if (!bindings) co_return fail(std::move(bindings.error()));
  for (const BindingRecord& binding : *bindings) {
    if (binding.phase != BindingPhase::ready || binding.user_name.empty()) continue;
    auto is_ours =
        co_await users_.is_own(cloud_of(instance), binding.user_name, binding.instance_id, binding.id);
    if (!is_ours && is_ours.error().kind == ErrorKind::forbidden) {
      // A role that was made for an earlier version. An update must not wait for it.
      core::log::warn(
          "The policies of a binding's user are not updated: the permission iam:ListUserTags is missing",
          {{"user", binding.user_name}, {"error", is_ours.error().message}});
      continue;
    }
    if (!is_ours && is_ours.error().kind != ErrorKind::not_found) co_return fail(std::move(is_ours.error()));
    if (!is_ours || !*is_ours) continue;  // the next unbind or bind tells
    auto copied = co_await users_.copy_policies(cloud_of(instance), instance, binding);
    // An unbind that crossed has removed the user.
    if (!copied && copied.error().kind != ErrorKind::not_found) co_return copied;
  }
  co_return core::Result<>();
}

}  // namespace broker
