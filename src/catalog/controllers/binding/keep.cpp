// A binding that is bound: its Secret is made again where it is missing, edited or behind, and its
// credentials are rotated and revoked in time.
#include "catalog/api/annotations.hpp"
#include "catalog/controllers/binding/reconciler.hpp"
#include "catalog/policies/binding_upkeep.hpp"
#include "catalog/policies/rotation.hpp"

namespace catalog {

using runtime::Next;

namespace {

// Somebody who edits the Secret again and again costs the broker no more calls than this.
constexpr std::chrono::milliseconds between_restorations = std::chrono::seconds(10);

}  // namespace

async::Task<core::Result<Next>> BindingReconciler::keep(Object binding, bool hurry) {
  using Step = Upkeep::Step;
  BindingView view(*binding);
  Upkeep upkeep = upkeep_of(view, secret_version(view), now(), hurry);
  switch (upkeep.step) {
    case Step::restore_secret:
      co_return co_await restore(std::move(binding));
    case Step::rotate:
      co_return co_await rotate(std::move(binding));
    case Step::revoke: {
      core::Result<> confirmed = co_await confirm(context_, informer(), binding);
      if (!confirmed) co_return core::fail(confirmed.error());
      co_return co_await revoke(std::move(binding));
    }
    case Step::none:
      break;
  }
  // Edits of what a binding may have edited (spec.rotation) are carried out by being read; a rotation that is
  // asked for no more is not tried again.
  std::optional<core::SystemTime> due = rotation::due(view);
  StatusChange change = [&](json::object& status) {
    if (!view.worked_on()) binding_status::observe(status, view);
    if (!due || *due > now()) rotation::settled(status);
  };
  core::Result<Object> written = co_await write(binding, std::move(change));
  if (!written) co_return core::fail(written.error());
  co_return upkeep.wait ? Next::after(*upkeep.wait) : Next::done();
}

async::Task<core::Result<Next>> BindingReconciler::restore(Object binding) {
  BindingView view(*binding);
  kube::ObjectKey key = view.key();
  if (auto last = restored_.find(key); last != restored_.end()) {
    auto wait = std::chrono::ceil<std::chrono::milliseconds>(last->second + between_restorations -
                                                             context_.clock.now());
    if (wait.count() > 0) co_return Next::after(wait);
  }
  Object instance = instance_of(view);
  if (!instance) {
    co_return co_await not_restored(std::move(binding), "The ServiceInstance \"" +
                                                            std::string(view.instance_name()) +
                                                            "\" is gone, so its broker cannot be asked.");
  }
  core::Result<Obtained> obtained = co_await ask_again(binding, std::move(instance));
  bool lost = !obtained && (obtained.error().kind == core::ErrorKind::not_found ||
                            obtained.error().kind == core::ErrorKind::gone);
  if (lost) co_return co_await bind(std::move(binding));
  if (!obtained) co_return co_await not_restored(std::move(binding), describe(obtained.error()));

  core::SystemTime at = now();
  core::Result<std::string> version = co_await write_credentials(binding, std::move(obtained->credentials));
  if (!version) co_return co_await not_restored(std::move(binding), version.error().message);
  restored_[key] = context_.clock.now();
  StatusChange change = [&](json::object& status) {
    binding_status::bound(status, BindingView(*binding), *version, at);
  };
  core::Result<Object> written = co_await write(binding, std::move(change));
  if (!written) co_return core::fail(written.error());
  co_return Next::after(std::chrono::milliseconds(0));  // what else there is to keep
}

// Fetches the credentials; of a broker that does not let bindings be fetched the same bind request has the
// same answer.
async::Task<core::Result<BindingReconciler::Obtained>> BindingReconciler::ask_again(Object binding,
                                                                                    Object instance) {
  BindingView view(*binding);
  auto resolved = resolve(context_.stores, InstanceView(*instance));
  if (resolved && ClassView(*resolved->service_class).binding_retrievable()) {
    auto target = co_await locate(context_, instance);
    if (!target) co_return core::fail(core::ErrorKind::invalid, target.error().message);
    co_return co_await fetch(binding, std::move(instance), std::move(*target),
                             std::string(view.binding_id()));
  }
  auto prepared = co_await prepare_bind(binding, std::move(instance));
  if (!prepared) co_return core::fail(prepared.error());
  if (!*prepared) co_return core::fail(core::ErrorKind::invalid, (*prepared).error().message);
  BindCall call = std::move(**prepared);
  call.request.binding_id = view.binding_id();
  auto identity = identity_of(view);
  core::Result<osb::BindResponse> response =
      co_await call.session->bind(std::move(call.request), std::move(identity));
  if (!response) co_return core::fail(response.error());
  Obtained obtained = obtained_from(std::move(response->credentials), std::move(response->metadata));
  if (obtained.credentials.empty()) {
    co_return core::fail(
        core::ErrorKind::invalid,
        "The broker does not return the credentials again; request new ones with the annotation " +
            std::string(annotations::rotate));
  }
  co_return obtained;
}

async::Task<core::Result<Next>> BindingReconciler::not_restored(Object binding, std::string why) {
  core::SystemTime at = now();
  StatusChange change = [&](json::object& status) {
    binding_status::injection_failed(status, "Error injecting bind result: " + why, at);
  };
  core::Result<Object> written = co_await write(binding, std::move(change));
  if (!written) co_return core::fail(written.error());
  auto next = BindingView(**written).next_retry_time();
  co_return next ? Next::after(*next - now()) : Next::done();
}

}  // namespace catalog
