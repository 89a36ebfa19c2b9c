// PUT /v2/service_instances/:id/service_bindings/:id. Intent (the record) → what the binding needs → outcome
// (the record says that it is ready).
#include "broker/bindings/binding_operations.hpp"
#include "broker/bindings/lifetime.hpp"
#include "broker/bindings/role_policy.hpp"
#include "broker/bindings/steps.hpp"
#include "broker/bindings/wanted_binding.hpp"
#include "broker/ids.hpp"
#include "core/log.hpp"

namespace broker {

namespace json = boost::json;

namespace {

using core::ErrorKind;
using core::fail;

core::Result<> must_be_ready(const std::optional<InstanceRecord>& instance, const std::string& id) {
  if (!instance) return fail(ErrorKind::invalid, "There is no instance " + id + ".");
  if (instance->phase == InstancePhase::ready) return {};
  if (instance->phase == InstancePhase::failed)
    return fail(ErrorKind::invalid, "The creation of the instance " + id + " has failed.");
  return fail(ErrorKind::unprocessable, "Another operation on the instance " + id + " is in progress.",
              "ConcurrencyError");
}

std::unexpected<core::Error> busy() {
  return fail(ErrorKind::unprocessable, "Another request for this binding is being handled.",
              "ConcurrencyError");
}

osb::BindResponse answer_of(osb::Outcome outcome, const BindingRecord& binding, json::value credentials) {
  return {.outcome = outcome,
          .operation = outcome == osb::Outcome::in_progress ? binding.operation : "",
          .credentials = std::move(credentials),
          .metadata = lifetime_metadata(binding),
          .endpoints = {},
          .volume_mounts = {},
          .syslog_drain_url = {},
          .route_service_url = {}};
}

}  // namespace

async::Task<core::Result<osb::BindResponse>> BindingOperations::bind(const osb::BindRequest& request) {
  auto instance = co_await instances_.find_instance(request.instance_id);
  if (!instance) co_return fail(std::move(instance.error()));
  if (auto ready = must_be_ready(*instance, request.instance_id); !ready)
    co_return fail(std::move(ready.error()));
  if (auto keys = check_keys(place_of(**instance)); !keys) co_return fail(std::move(keys.error()));
  // Instances of Cloud Foundry are shared: a binding may come from another space.
  if (core::find_string(request.context, {"platform"}) == "kubernetes") {
    auto same = co_await instances_.check_origin_of(**instance, instance_origin_of(request.context, "", ""));
    if (!same) co_return fail(std::move(same.error()));
  }
  const auto service = co_await instances_.template_of(**instance);
  if (!service) co_return fail(service.error());
  const bool in_background = (*service)->bind_via_lambda && request.accepts_incomplete;

  for (int attempt = 0; attempt < most_decisions; ++attempt) {
    auto known = co_await store_.get_binding(request.binding_id);
    if (!known) co_return fail(std::move(known.error()));
    if (being_removed_.contains(request.binding_id)) co_return busy();
    auto binding = co_await wanted(request, **instance, **service, *known);
    if (!binding) co_return fail(std::move(binding.error()));
    if (is_half_removed(*known, *binding) && !in_hand(**known))
      co_return co_await finish_removal(std::move(**instance), std::move(**known));
    const auto step = next_bind_step(*known, *binding, clock_.system_now());
    if (!step) co_return fail(step.error());
    if (*known) binding = std::move(**known);
    if (in_hand(*binding)) {
      if (!in_background) co_return busy();
      co_return answer_of(osb::Outcome::in_progress, *binding, nullptr);
    }
    if (*step == BindStep::record || (*step == BindStep::make && in_background)) {
      binding->phase = BindingPhase::creating;
      binding->operation = in_background ? "bind" : "";
      binding->begun = core::to_rfc3339(clock_.system_now());
      binding->failure.clear();
      auto recorded = co_await record_binding(**instance, std::move(*binding));
      if (!recorded && recorded.error().kind == ErrorKind::conflict) continue;
      if (!recorded) co_return fail(std::move(recorded.error()));
      binding = std::move(*recorded);
    }
    if (*step != BindStep::show && in_background) {
      go_on(**instance, *binding);
      co_return answer_of(osb::Outcome::in_progress, *binding, nullptr);
    }
    auto credentials = co_await make(**instance, *binding);
    if (!credentials && *step != BindStep::show) co_await withdraw(**instance, *binding, credentials.error());
    if (!credentials) co_return fail(std::move(credentials.error()));
    co_return answer_of(*step == BindStep::show ? osb::Outcome::unchanged : osb::Outcome::done, *binding,
                        std::move(*credentials));
  }
  co_return busy();
}

// The record that the request would make. What can be wrong with it is told before anything is recorded or
// made that an unbind would have to remove.
async::Task<core::Result<BindingRecord>> BindingOperations::wanted(
    const osb::BindRequest& request, const InstanceRecord& instance, const Template& service,
    const std::optional<BindingRecord>& known) {
  std::optional<BindingRecord> predecessor;
  if (request.predecessor_binding_id && !known) {
    if (!gives_own_user(service))
      co_return fail(ErrorKind::invalid,
                     "Bindings of this service cannot be rotated: they share their keys.");
    auto found = co_await store_.get_binding(*request.predecessor_binding_id);
    if (!found) co_return fail(std::move(found.error()));
    predecessor = std::move(*found);
    auto checked = check_predecessor(predecessor, request, clock_.system_now());
    if (!checked) co_return fail(std::move(checked.error()));
  }
  auto binding = wanted_binding(request, instance, known, predecessor);
  if (!binding || known) co_return binding;
  if (gives_own_user(service)) binding->user_name = binding_user_name(binding->id);
  if (options_.binding_lifetime.count() > 0) {
    limit_lifetime(*binding, options_.binding_lifetime, clock_.system_now());
    some_expire_ = true;
  }
  if (binding->role_name.empty()) co_return binding;
  const auto stack = co_await own_stack(instance);
  if (!stack) co_return fail(stack.error());
  auto policy = policy_of_scope(stack->outputs, binding->scope);
  if (!policy) co_return fail(std::move(policy.error()));
  binding->policy_arn = std::move(*policy);
  co_return binding;
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

async::Task<core::Result<json::object>> BindingOperations::make(InstanceRecord instance,
                                                                BindingRecord binding) {
  std::string new_key;  // that this call has made
  for (int attempt = 0; attempt < most_decisions; ++attempt) {
    const std::string known_key = binding.access_key_id;
    auto credentials = co_await credentials_of(instance, binding);
    if (binding.access_key_id != known_key) new_key = binding.access_key_id;
    if (credentials && binding.phase == BindingPhase::ready) co_return credentials;
    if (credentials) {
      BindingRecord ready = binding;
      ready.phase = BindingPhase::ready;
      ready.failure.clear();
      auto written = co_await store_.put_binding(std::move(ready));
      if (written) co_return credentials;
      if (written.error().kind != ErrorKind::conflict) co_return fail(std::move(written.error()));
    }
    auto now = co_await store_.get_binding(binding.id);
    if (!now) co_return fail(std::move(now.error()));
    const bool crossed = !*now || (*now)->version != binding.version;
    if (!crossed) co_return credentials;
    auto gave_way = co_await give_way(instance, binding, new_key, *now);
    if (!gave_way) co_return fail(std::move(gave_way.error()));
    if (!credentials && credentials.error().retryable()) co_return credentials;
    binding = std::move(**now);
    if (binding.access_key_id != new_key) new_key.clear();
  }
  co_return busy();
}

// A bind that is refused for good leaves nothing: platforms send no unbind after it.
async::Task<> BindingOperations::withdraw(InstanceRecord instance, BindingRecord binding, core::Error why) {
  if (why.retryable() || why.code == "ConcurrencyError") co_return;
  const InHand removal(being_removed_, binding.id);
  auto intended = co_await mark_deleting(binding, "");
  if (!intended || !*intended) co_return;
  // Without a key nothing was given away, and a user that is in the way is not the binding's.
  const bool is_in_the_way = why.kind == ErrorKind::conflict && (*intended)->access_key_id.empty();
  const auto removed = co_await remove_and_forget(instance, std::move(**intended), is_in_the_way);
  if (!removed)
    core::log::warn("A refused binding could not be removed yet",
                    {{"binding", binding.id}, {"error", removed.error().message}});
}

// What a withdrawal or an unbind began and could not finish. No platform sends an unbind for a bind that was
// refused, so a bind finds it; the next one makes the binding anew.
async::Task<core::Result<osb::BindResponse>> BindingOperations::finish_removal(InstanceRecord instance,
                                                                               BindingRecord binding) {
  const std::string id = binding.id;
  const InHand removal(being_removed_, id);
  const bool has_no_key = binding.access_key_id.empty();
  auto removed = co_await tell_lambda(instance, binding);
  if (removed) removed = co_await remove_and_forget(instance, std::move(binding), has_no_key);
  if (!removed) co_return fail(std::move(removed.error()));
  co_return fail(
      ErrorKind::unprocessable,
      "What an earlier request had left of the binding " + id + " is removed. Send the request again.",
      "ConcurrencyError");
}

// Another request has changed the record to `now`: what it does not tell of nobody would ever remove.
async::Task<core::Result<>> BindingOperations::give_way(const InstanceRecord& instance,
                                                        const BindingRecord& made, const std::string& new_key,
                                                        const std::optional<BindingRecord>& now) {
  if (!now || now->phase == BindingPhase::deleting || now->phase == BindingPhase::expired) {
    auto removed = made.sealed_credentials.empty() ? core::Result<>() : co_await tell_lambda(instance, made);
    if (removed) removed = co_await remove_made(instance, made);
    if (!removed) co_return removed;
    co_return busy();
  }
  if (!new_key.empty() && now->access_key_id != new_key) {
    auto removed = co_await cloud_of(instance).delete_access_key(made.user_name, new_key);
    if (!is_done(removed)) co_return removed;
  }
  co_return core::Result<>();
}

}  // namespace broker
