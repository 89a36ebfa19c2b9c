#include "catalog/admission/cached_lookup.hpp"

#include "async/task_group.hpp"

namespace catalog::admission {

namespace {

constexpr const char* by_label = "label";

std::vector<std::string> labels_of(const json::object& object) {
  std::vector<std::string> found;
  const json::object* labels = core::find_object(object, {"metadata", "labels"});
  if (!labels) return found;
  for (const json::key_value_pair& label : *labels) {
    if (label.value().is_string())
      found.push_back(std::string(label.key()) + "=" + std::string(label.value().get_string()));
  }
  return found;
}

}  // namespace

CachedLookup::CachedLookup(const boost::asio::any_io_executor& executor, kube::Client& client,
                           async::Clock& clock)
    : executor_(executor), api_server_(client) {
  for (const Scope* scope : {&cluster_scope(), &namespaced_scope()}) {
    for (const kube::Resource& kind : {scope->classes, scope->plans}) {
      kinds_.emplace_back(executor, client, clock, kind).store().add_index(by_label, labels_of);
    }
  }
}

async::Task<> CachedLookup::run() {
  async::TaskGroup tasks(executor_);
  for (runtime::Informer& kind : kinds_) tasks.spawn("informer " + kind.resource().plural, kind.run());
  co_await tasks.join();
}

const runtime::Store* CachedLookup::store_of(const kube::Resource& resource) const {
  for (const runtime::Informer& kind : kinds_) {
    if (kind.resource().plural == resource.plural) return kind.has_synced() ? &kind.store() : nullptr;
  }
  return nullptr;
}

std::vector<json::object> CachedLookup::kept(const kube::Resource& resource, std::string_view namespace_,
                                             const std::string& selector) const {
  std::vector<json::object> found;
  const runtime::Store* store = store_of(resource);
  if (!store) return found;
  for (const runtime::Object& object : store->by_index(by_label, selector)) {
    if (kube::namespace_of(*object) == namespace_) found.push_back(*object);
  }
  return found;
}

async::Task<core::Result<std::vector<json::object>>> CachedLookup::find_by_field(kube::Resource resource,
                                                                                 std::string namespace_,
                                                                                 std::string field,
                                                                                 std::string value) {
  std::vector<json::object> found = kept(resource, namespace_, selector_of("spec." + field, value));
  if (!found.empty()) co_return found;
  co_return co_await api_server_.find_by_field(std::move(resource), std::move(namespace_), std::move(field),
                                               std::move(value));
}

async::Task<core::Result<std::vector<json::object>>> CachedLookup::plans_of_class(const Scope& scope,
                                                                                  std::string namespace_,
                                                                                  std::string class_name) {
  std::vector<json::object> found = kept(scope.plans, namespace_, selector_of_class(scope, class_name));
  if (!found.empty()) co_return found;
  co_return co_await api_server_.plans_of_class(scope, std::move(namespace_), std::move(class_name));
}

async::Task<core::Result<std::optional<json::object>>> CachedLookup::get(kube::Resource resource,
                                                                         kube::ObjectKey key) {
  if (const runtime::Store* store = store_of(resource)) {
    if (runtime::Object object = store->get(key)) co_return std::optional<json::object>(*object);
  }
  co_return co_await api_server_.get(std::move(resource), std::move(key));
}

async::Task<core::Result<bool>> CachedLookup::may_read_secret(User user, kube::ObjectKey secret) {
  co_return co_await api_server_.may_read_secret(std::move(user), std::move(secret));
}

async::Task<core::Result<bool>> CachedLookup::may(User user, std::string verb, kube::Resource resource,
                                                  kube::ObjectKey object) {
  co_return co_await api_server_.may(std::move(user), std::move(verb), std::move(resource),
                                     std::move(object));
}

async::Task<core::Result<std::vector<json::object>>> CachedLookup::with_external_id(kube::Resource resource,
                                                                                    std::string id) {
  co_return co_await api_server_.with_external_id(std::move(resource), std::move(id));
}

}  // namespace catalog::admission
