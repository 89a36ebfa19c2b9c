#include "catalog/controllers/binding/reconciler.hpp"
#include "catalog/policies/secret.hpp"

namespace catalog {

using runtime::Next;

async::Task<core::Result<Next>> BindingReconciler::inject(Object binding, json::object credentials) {
  BindingView view(*binding);
  core::SystemTime at = now();
  core::Result<json::object> secret = secret_for(view, credentials);
  core::Result<> injected = secret ? core::Result<>() : core::fail(secret.error());
  if (secret) injected = co_await write_secret(binding, std::move(*secret));
  if (!injected) {
    std::string message = "Error injecting bind result: " + injected.error().message;
    StatusChange change = [&](json::object& status) {
      binding_status::injection_failed(status, message, at);
    };
    co_return after_retry_wait(co_await write(binding, std::move(change)));
  }
  StatusChange change = [&](json::object& status) { binding_status::bound(status, view.generation(), at); };
  core::Result<Object> written = co_await write(binding, std::move(change));
  if (!written) co_return core::fail(written.error());
  co_return Next::done();
}

// Makes it; one that is there is replaced where it is this binding's, and never otherwise.
async::Task<core::Result<>> BindingReconciler::write_secret(Object binding, json::object secret) {
  BindingView view(*binding);
  kube::ObjectKey key = kube::key_of(secret);
  core::Result<json::object> created = co_await context_.client.create(kube::resources::secrets, secret);
  if (created) co_return core::Result<>();
  if (created.error().kind != core::ErrorKind::already_exists) co_return core::fail(created.error());

  core::Result<json::object> existing = co_await context_.client.get(kube::resources::secrets, key);
  if (!existing) co_return core::fail(existing.error());
  if (!is_owned_by(*existing, view)) {
    co_return core::fail(core::ErrorKind::already_exists,
                         "Secret \"" + key.to_string() +
                             "\" exists and is not owned by this ServiceBinding: delete it, or bind with "
                             "another spec.secretName");
  }
  secret["metadata"].as_object()["resourceVersion"] = kube::resource_version_of(*existing);
  core::Result<json::object> replaced =
      co_await context_.client.replace(kube::resources::secrets, std::move(secret));
  if (!replaced) co_return core::fail(replaced.error());
  co_return core::Result<>();
}

}  // namespace catalog
