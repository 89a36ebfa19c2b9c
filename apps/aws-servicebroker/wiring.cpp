#include "wiring.hpp"

#include <unistd.h>

#include <boost/asio/this_coro.hpp>

#include "async/blocking_pool.hpp"
#include "async/clock.hpp"
#include "async/hangups.hpp"
#include "async/reloaded_files.hpp"
#include "async/shutdown.hpp"
#include "async/task_group.hpp"
#include "authentication.hpp"
#include "aws_session.hpp"
#include "broker/bindings/lifetime.hpp"
#include "broker/cloud/aws_cloud.hpp"
#include "broker/service_broker.hpp"
#include "broker/sources/live_catalog.hpp"
#include "broker/stack_poller/stack_poller.hpp"
#include "call_log.hpp"
#include "confinement.hpp"
#include "core/file.hpp"
#include "core/log.hpp"
#include "core/metrics.hpp"
#include "data_folder.hpp"
#include "encryption_key.hpp"
#include "net/health.hpp"
#include "net/server.hpp"
#include "open_store.hpp"
#include "template_source.hpp"
#include "tls_files.hpp"

namespace {

namespace asio = boost::asio;

std::vector<std::string> whole_environment() {
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) entries.emplace_back(*entry);
  return entries;
}

core::Result<broker::RoleBindings> role_bindings_of(const Options& options) {
  if (options.role_bindings.empty()) return broker::RoleBindings();
  auto text = core::read_file(options.role_bindings);
  if (!text) return core::fail(text.error().with_context("--role-bindings"));
  auto bindings = broker::RoleBindings::parse(*text);
  if (!bindings) return core::fail(bindings.error().with_context("--role-bindings " + options.role_bindings));
  return bindings;
}

core::Result<broker::BrokerOptions> broker_options_of(const Options& options,
                                                      const aws::CallerIdentity& caller,
                                                      const std::string& region) {
  broker::BrokerOptions result{
      .broker_id = options.broker_id,
      .account_id = caller.account,
      .partition = std::string(aws::partition_of(region)),
      .overrides = broker::Overrides::from_environment(options.broker_id, whole_environment())};
  if (options.binding_credentials == "shared")
    result.binding_credentials = broker::BindingCredentials::shared;
  if (!options.binding_lifetime.empty()) {
    const auto lifetime = broker::parse_lifetime(options.binding_lifetime);
    if (!lifetime) return core::fail(lifetime.error().with_context("--binding-lifetime"));
    result.binding_lifetime = *lifetime;
  }
  auto role_bindings = role_bindings_of(options);
  if (!role_bindings) return core::fail(std::move(role_bindings.error()));
  result.role_bindings = std::move(*role_bindings);
  return result;
}

broker::CatalogOptions catalog_options_of(const Options& options, const broker::BrokerOptions& broker) {
  broker::CatalogOptions result;
  if (options.prescribe_overrides) result.hidden_parameters = broker.overrides.for_everyone();
  if (!broker.role_bindings.users_may_choose_role())
    result.hidden_parameters.insert(broker::place_parameters.begin(), broker::place_parameters.end());
  result.bindings_have_users = broker.binding_credentials == broker::BindingCredentials::per_binding;
  return result;
}

// Outlived by all three.
void reload_changes(async::ReloadedFiles& reloaded, const Options& options, net::Server& server,
                    broker::ServiceBroker& service) {
  const auto take_tls = [&options, &server]() -> core::Result<> {
    auto renewed = tls_of(options);
    if (!renewed) return core::fail(std::move(renewed.error()));
    return server.reload_tls(**renewed);
  };
  if (!options.insecure) {
    reloaded.add("TLS certificate, key and client CA",
                 {options.tls_cert_file, options.tls_key_file, options.client_ca_file}, take_tls);
  }
  reloaded.add("role bindings", {options.role_bindings}, [&options, &service]() -> core::Result<> {
    auto bindings = role_bindings_of(options);
    if (!bindings) return core::fail(std::move(bindings.error()));
    service.use_role_bindings(std::move(*bindings));
    return {};
  });
}

// Repeats resume() until nothing retryable is left, so that an outage of AWS at start does not leave anything
// behind.
async::Task<> resume_until_done(broker::ServiceBroker& service, async::Clock& clock) {
  constexpr std::chrono::seconds pause{5};
  while (true) {
    const auto resumed = co_await service.resume();
    if (resumed) co_return;
    core::log::warn("Unfinished operations could not be resumed; trying again",
                    {{"error", resumed.error().message}});
    co_await clock.sleep_for(pause);
  }
}

async::Task<> refresh_at_each(async::Hangups& hangups, broker::LiveCatalog& catalog,
                              async::ReloadedFiles& files) {
  while (true) {
    co_await hangups.next();
    catalog.ask_for_refresh();
    files.take_all();
  }
}

int misconfigured(const core::Error& error) {
  core::log::error("The broker cannot start", {{"error", error.message}});
  return 2;
}

}  // namespace

async::Task<int> run_broker(Options options) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto folder = data_folder(options);
  if (!folder) co_return misconfigured(folder.error());
  const auto store_name = store_name_of(options, *folder);
  if (!store_name) co_return misconfigured(store_name.error());
  confine(options, *folder);
  auto tls = tls_of(options);
  if (!tls) co_return misconfigured(tls.error());
  async::SystemClock clock;
  async::ReloadedFiles reloaded;
  const auto authentication = authentication_of(options, executor, clock, reloaded);
  if (!authentication) co_return misconfigured(authentication.error());
  if (authentication->empty())
    core::log::warn("Whoever reaches the broker may use it: no kind of authentication is asked for");
  const auto region = region_of(options);
  if (!region) co_return misconfigured(region.error());

  async::BlockingPool store_pool(1);
  core::Metrics metrics;
  auto session_options = session_options_of(
      options, *region, {.executor = executor, .clock = clock, .pool = store_pool, .metrics = metrics});
  if (!session_options) co_return misconfigured(session_options.error());
  aws::Session session(std::move(*session_options));
  auto identified = co_await identify(session);
  if (!identified) co_return misconfigured(identified.error());
  core::log::info("Working as", {{"arn", identified->caller.arn},
                                 {"account", identified->caller.account},
                                 {"credentials", identified->source},
                                 {"region", region->name},
                                 {"region_from", region->source}});

  const auto ids = broker::Ids::make(identified->caller.account, options.broker_id);
  if (!ids) co_return misconfigured(ids.error());
  auto store = co_await open_store(*store_name, ids->account(), store_pool, session);
  if (!store) co_return misconfigured(store.error());
  const auto sealer = co_await sealer_of(options, *folder, **store, session, ids->account().to_string());
  if (!sealer) co_return misconfigured(sealer.error());

  auto broker_options = broker_options_of(options, identified->caller, session.region());
  if (!broker_options) co_return misconfigured(broker_options.error());
  async::Hangups hangups(executor);
  const auto source = template_source_of(options, store_pool, session.options());
  broker::LiveCatalog catalog(executor, *ids, catalog_options_of(options, *broker_options),
                              {.source = *source, .clock = clock, .metrics = metrics});
  // What may pass by itself is waited for, not ready.
  if (const auto read = co_await catalog.refresh(); !read && !read.error().retryable())
    co_return misconfigured(read.error());
  broker::AwsClouds clouds(session);
  async::TaskGroup tasks(executor);
  broker::StackPoller poller(clouds, clock, executor, tasks);
  broker::ServiceBroker service(std::move(*broker_options), catalog.current(), **store, clouds, *sealer,
                                clock, tasks);
  service.use_poller(poller);

  net::Router router;
  net::add_health_routes(router, metrics, [&catalog] { return catalog.why_empty(); });
  osb::add_broker_routes(router, service, *authentication, [&metrics, &catalog](const osb::ServedCall& call) {
    log_call(metrics, *catalog.current(), call);
  });
  net::ServerOptions server_options{.address = options.address, .port = options.port, .tls = std::move(*tls)};
  auto server = net::Server::listen(executor, std::move(server_options),
                                    [&router](const net::Request& request) { return router.route(request); });
  if (!server) co_return misconfigured(server.error());
  reload_changes(reloaded, options, **server, service);
  core::log::info("Serving the Open Service Broker API",
                  {{"url", (options.insecure ? "http://" : "https://") + options.address + ":" +
                               std::to_string((*server)->port())},
                   {"classes", catalog.current()->templates().templates.size()}});

  tasks.spawn("server", (*server)->run());
  tasks.spawn("resume", resume_until_done(service, clock));
  tasks.spawn("expiry", service.revoke_expired_bindings());
  tasks.spawn("templates",
              catalog.run([&service](auto changed) { service.use_catalog(std::move(changed)); }));
  tasks.spawn("hangups", refresh_at_each(hangups, catalog, reloaded));
  tasks.spawn("changed files", reloaded.look_again(clock, store_pool));
  tasks.spawn("count", count_instances(**store, metrics, clock));
  const int signal = co_await async::wait_for_shutdown_signal();
  core::log::info("Draining", {{"signal", signal}});
  (*server)->stop();
  tasks.cancel();
  co_await tasks.join();
  co_return 0;
}
