#include "catalog/policies/secret.hpp"

#include "catalog/api/reasons.hpp"
#include "catalog/controllers/binding/reconciler.hpp"
#include "catalog/policies/binding_upkeep.hpp"

namespace catalog {

async::Task<core::Result<std::string>> BindingReconciler::write_credentials(Object binding,
                                                                            json::object credentials) {
  BindingView view(*binding);
  SecretContent content{
      .credentials = std::move(credentials), .service_type = {}, .provider = {}, .other_secrets = {}};
  if (Object instance = instance_of(view)) {
    if (auto resolved = resolve(context_.stores, InstanceView(*instance))) {
      ClassView service_class(*resolved->service_class);
      content.service_type = service_class.external_name();
      content.provider = service_class.broker_name(InstanceView(*instance).scope());
    }
  }
  std::vector<std::pair<kube::ObjectKey, std::string>> versions;
  for (const kube::ObjectKey& key : secrets_to_add(view)) {
    core::Result<json::object> other = co_await context_.client.get(kube::resources::secrets, key);
    if (!other && other.error().kind != core::ErrorKind::not_found) co_return core::fail(other.error());
    if (!other) continue;
    versions.emplace_back(key, kube::resource_version_of(*other));
    if (const json::object* data = core::find_object(*other, {"data"})) {
      content.other_secrets[key] = *data;
    } else {
      content.other_secrets[key] = {};
    }
    context_.stores.saw_secret(std::move(*other));
  }
  core::Result<json::object> secret = secret_for(view, std::move(content));
  if (!secret) co_return core::fail(secret.error());
  core::Result<json::object> written = co_await write_secret(binding, std::move(*secret));
  if (!written) co_return core::fail(written.error());
  std::string version = secret_version_of(kube::resource_version_of(*written), versions);
  context_.stores.saw_secret(std::move(*written));
  co_return version;
}

// Makes it; of one that is there the data are replaced where it is this binding's, and never otherwise.
async::Task<core::Result<json::object>> BindingReconciler::write_secret(Object binding, json::object secret) {
  BindingView view(*binding);
  kube::ObjectKey key = kube::key_of(secret);
  core::Result<json::object> created = co_await context_.client.create(kube::resources::secrets, secret);
  if (created || created.error().kind != core::ErrorKind::already_exists) co_return created;

  core::Result<json::object> existing = co_await context_.client.get(kube::resources::secrets, key);
  if (!existing) co_return existing;
  if (!is_owned_by(*existing, view)) {
    co_return core::fail(
        core::ErrorKind::already_exists,
        "Secret \"" + key.to_string() +
            "\" exists and is not owned by this ServiceBinding: delete it, or use another spec.secretName");
  }
  if (existing->contains("data") && (*existing)["data"] == secret["data"]) co_return existing;
  (*existing)["data"] = std::move(secret["data"]);  // others' labels and annotations stay
  co_return co_await context_.client.replace(kube::resources::secrets, std::move(*existing));
}

// Deletes the Secret where it is this binding's. The API server is asked whether it is only where the store
// does not have it, or not as it is now.
async::Task<core::Result<>> BindingReconciler::eject(Object binding) {
  BindingView view(*binding);
  kube::ObjectKey key{std::string(kube::namespace_of(*binding)), std::string(view.secret_name())};
  if (Object known = context_.stores.secrets().store().get(key); known && is_owned_by(*known, view)) {
    kube::DeleteOptions as_known;
    as_known.uid = kube::uid_of(*known);
    as_known.resource_version = kube::resource_version_of(*known);
    core::Result<> removed = co_await remove_secret(key, std::move(as_known));
    if (removed || removed.error().kind != core::ErrorKind::conflict) co_return removed;
  }
  core::Result<json::object> secret = co_await context_.client.get(kube::resources::secrets, key);
  if (!secret && secret.error().kind == core::ErrorKind::not_found) co_return core::Result<>();
  if (!secret) co_return core::fail(secret.error());
  if (!is_owned_by(*secret, view)) co_return core::Result<>();
  kube::DeleteOptions options;
  options.uid = kube::uid_of(*secret);
  co_return co_await remove_secret(std::move(key), std::move(options));
}

// One that is gone already is removed.
async::Task<core::Result<>> BindingReconciler::remove_secret(kube::ObjectKey key,
                                                             kube::DeleteOptions options) {
  core::Result<> removed =
      co_await context_.client.remove(kube::resources::secrets, std::move(key), std::move(options));
  if (!removed && removed.error().kind == core::ErrorKind::not_found) co_return core::Result<>();
  co_return removed;
}

Problem not_ejected(const core::Error& error) {
  return Problem(reasons::error_ejecting_binding, "The Secret cannot be deleted: " + error.message);
}

std::string BindingReconciler::secret_version(const BindingView& binding) const {
  runtime::Store& secrets = context_.stores.secrets().store();
  Object own =
      secrets.get({std::string(kube::namespace_of(binding.object())), std::string(binding.secret_name())});
  if (!own || !is_owned_by(*own, binding)) return {};
  std::vector<std::pair<kube::ObjectKey, std::string>> versions;
  for (const kube::ObjectKey& key : secrets_to_add(binding)) {
    if (Object other = secrets.get(key)) versions.emplace_back(key, kube::resource_version_of(*other));
  }
  return secret_version_of(kube::resource_version_of(*own), versions);
}

}  // namespace catalog
