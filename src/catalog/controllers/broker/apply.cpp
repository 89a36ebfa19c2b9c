// Writes the changes of a catalog, several at a time. An object that the API server does not take is told of
// and left out; everything else of the catalog is there all the same.
#include <boost/asio/this_coro.hpp>

#include "async/task_group.hpp"
#include "catalog/controllers/broker/reconciler.hpp"

namespace catalog {

namespace {

constexpr std::size_t writes_at_a_time = 8;

// The answer is about this one object; the next may be taken.
bool concerns_one_object(const core::Error& error) {
  using core::ErrorKind;
  return error.kind == ErrorKind::invalid || error.kind == ErrorKind::unprocessable ||
         error.kind == ErrorKind::already_exists || error.kind == ErrorKind::conflict ||
         error.kind == ErrorKind::not_found || error.kind == ErrorKind::too_large;
}

}  // namespace

async::Task<core::Result<>> BrokerReconciler::apply(runtime::Informer& informer, std::string namespace_,
                                                    std::vector<CatalogChange> changes) {
  struct Writer {
    BrokerReconciler& reconciler;
    runtime::Informer& informer;
    const std::string& namespace_;
    const std::vector<CatalogChange>& changes;
    std::size_t next = 0;
    bool stopped = false;
    core::Result<> result{};  // the first that went wrong

    async::Task<> run() {
      while (next < changes.size() && !stopped) {
        const CatalogChange& change = changes[next++];
        core::Result<> written = co_await reconciler.apply_one(informer, namespace_, change);
        if (written) continue;
        stopped = stopped || !concerns_one_object(written.error());
        if (!result) continue;
        result = core::fail(written.error().with_context(informer.resource().kind + " " + change.name));
      }
    }
  };
  Writer writer{*this, informer, namespace_, changes};
  async::TaskGroup tasks(co_await boost::asio::this_coro::executor);
  for (std::size_t i = 0; i < std::min(writes_at_a_time, changes.size()); ++i)
    tasks.spawn("catalog writer", writer.run());
  co_await tasks.join();
  co_return writer.result;
}

async::Task<core::Result<>> BrokerReconciler::apply_one(runtime::Informer& informer, std::string namespace_,
                                                        const CatalogChange& change) {
  using Kind = CatalogChange::Kind;
  kube::ObjectKey key{std::move(namespace_), change.name};
  core::Result<json::object> written;
  switch (change.kind) {
    case Kind::create:
      written = co_await context_.client.create(informer.resource(), change.content);
      break;
    case Kind::update:
      written =
          co_await context_.client.patch(informer.resource(), key, kube::PatchType::merge, change.content);
      break;
    case Kind::mark_removed:
    case Kind::unmark: {
      json::value patch{{"status", {{"removedFromBrokerCatalog", change.kind == Kind::mark_removed}}}};
      kube::PatchOptions options;
      options.subresource = "status";
      written = co_await context_.client.patch(informer.resource(), key, kube::PatchType::merge,
                                               std::move(patch), std::move(options));
      break;
    }
    case Kind::remove: {
      core::Result<> removed = co_await context_.client.remove(informer.resource(), key);
      if (!removed && removed.error().kind != core::ErrorKind::not_found) co_return removed;
      co_return core::Result<>();
    }
  }
  if (!written) co_return core::fail(written.error());
  informer.apply_written(std::move(*written));
  co_return core::Result<>();
}

}  // namespace catalog
