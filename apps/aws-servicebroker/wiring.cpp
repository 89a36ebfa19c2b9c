#include "wiring.hpp"

#include <boost/asio/this_coro.hpp>

#include "async/blocking_pool.hpp"
#include "async/clock.hpp"
#include "async/hangups.hpp"
#include "async/reloaded_files.hpp"
#include "async/shutdown.hpp"
#include "async/task_group.hpp"
#include "authentication.hpp"
#include "aws_session.hpp"
#include "broker/cloud/aws_cloud.hpp"
#include "broker/service_broker.hpp"
#include "broker/sources/live_catalog.hpp"
#include "broker/stack_poller/stack_poller.hpp"
#include "call_log.hpp"
#include "confinement.hpp"
#include "core/log.hpp"
#include "core/metrics.hpp"
#include "data_folder.hpp"
#include "encryption_key.hpp"
#include "net/health.hpp"
#include "net/server.hpp"
#include "open_store.hpp"
#include "settings.hpp"
#include "template_source.hpp"
#include "tls_files.hpp"

namespace {

namespace asio = boost::asio;
using core::fail;

struct Places {
  std::string folder;
  StoreName store;
};

core::Result<Places> places_of(const Options& options) {
  auto folder = data_folder(options);
  if (!folder) return fail(std::move(folder.error()));
  auto store = store_name_of(options, *folder);
  if (!store) return fail(std::move(store.error()));
  return Places{.folder = std::move(*folder), .store = std::move(*store)};
}

// What all parts use, and outlives them.
struct Surroundings {
  explicit Surroundings(asio::any_io_executor loop) : executor(std::move(loop)) {}

  asio::any_io_executor executor;
  async::SystemClock clock;
  async::BlockingPool pool{1};
  core::Metrics metrics;
  async::ReloadedFiles reloaded;
};

// Who may call, and by which certificate they know us.
struct Callers {
  std::optional<net::ServerTls> tls;
  osb::Authentication authentication;
};

core::Result<Callers> callers_of(const Options& options, Surroundings& around) {
  auto tls = tls_of(options);
  if (!tls) return fail(std::move(tls.error()));
  auto authentication = authentication_of(options, around.executor, around.clock, around.reloaded);
  if (!authentication) return fail(std::move(authentication.error()));
  if (authentication->empty())
    core::log::warn("Anyone who can reach the broker may use it: no authentication is configured");
  return Callers{.tls = std::move(*tls), .authentication = std::move(*authentication)};
}

// AWS as the broker sees it: as whom, and where.
struct Account {
  std::unique_ptr<aws::Session> session;
  aws::CallerIdentity caller;
  broker::Ids ids;
};

async::Task<core::Result<Account>> enter_account(const Options& options, Surroundings& around) {
  const auto region = region_of(options);
  if (!region) co_return fail(region.error());
  auto session_options = session_options_of(
      options, *region,
      {.executor = around.executor, .clock = around.clock, .pool = around.pool, .metrics = around.metrics});
  if (!session_options) co_return fail(std::move(session_options.error()));
  auto session = std::make_unique<aws::Session>(std::move(*session_options));
  auto identified = co_await identify(*session);
  if (!identified) co_return fail(std::move(identified.error()));
  core::log::info("Working as", {{"arn", identified->caller.arn},
                                 {"account", identified->caller.account},
                                 {"credentials", identified->source},
                                 {"region", region->name},
                                 {"region_from", region->source}});
  const auto ids = broker::Ids::make(identified->caller.account, options.broker_id);
  if (!ids) co_return fail(ids.error());
  co_return Account{.session = std::move(session), .caller = std::move(identified->caller), .ids = *ids};
}

// What the broker remembers, and what it seals the secrets in it with.
struct Records {
  std::unique_ptr<broker::Store> store;
  core::Sealer sealer;
};

async::Task<core::Result<Records>> open_records(const Options& options, const Places& places,
                                                const Account& account, Surroundings& around) {
  const core::Uuid& id = account.ids.account();
  auto store = co_await open_store(places.store, id, around.pool, *account.session);
  if (!store) co_return fail(std::move(store.error()));
  auto sealer = co_await sealer_of(options, places.folder, **store, *account.session, id.to_string());
  if (!sealer) co_return fail(std::move(sealer.error()));
  co_return Records{.store = std::move(*store), .sealer = std::move(*sealer)};
}

// What may pass by itself is waited for, not ready.
async::Task<core::Result<>> read_templates(broker::LiveCatalog& catalog) {
  const auto read = co_await catalog.refresh();
  if (!read && !read.error().retryable()) co_return fail(read.error());
  co_return core::Result<>();
}

// The broker, and what it works through.
struct Works {
  Works(broker::BrokerOptions options, const broker::LiveCatalog& catalog, const Account& account,
        const Records& records, std::unique_ptr<broker::TemplateBucket> bucket_of_templates,
        Surroundings& around)
      : clouds(*account.session, broker::access_keys(options.overrides).value()),
        template_bucket(std::move(bucket_of_templates)),
        tasks(around.executor),
        poller(clouds, around.clock, around.executor, tasks),
        service(std::move(options), catalog.current(), *records.store, clouds, records.sealer, around.clock,
                tasks) {
    service.use_poller(poller);
    if (template_bucket) service.use_template_bucket(*template_bucket);
  }

  broker::AwsClouds clouds;
  std::unique_ptr<broker::TemplateBucket> template_bucket;  // null where there is none
  async::TaskGroup tasks;
  broker::StackPoller poller;
  broker::ServiceBroker service;
};

// All arguments outlive the router.
void add_routes(net::Router& router, broker::ServiceBroker& service, const Callers& callers,
                const broker::LiveCatalog& catalog, core::Metrics& metrics) {
  net::add_health_routes(router, metrics, [&catalog] { return catalog.why_empty(); });
  osb::add_broker_routes(
      router, service, callers.authentication,
      [&metrics, &catalog](const osb::ServedCall& call) { log_call(metrics, *catalog.current(), call); });
}

core::Result<std::unique_ptr<net::Server>> listen(const Options& options, Callers& callers,
                                                  net::Router& router, Surroundings& around) {
  net::ServerOptions server_options{
      .address = options.address, .port = options.port, .tls = std::move(callers.tls)};
  return net::Server::listen(around.executor, std::move(server_options),
                             [&router](const net::Request& request) { return router.route(request); });
}

// Outlived by all three.
void reload_changes(async::ReloadedFiles& reloaded, const Options& options, net::Server& server,
                    broker::ServiceBroker& service) {
  const auto take_tls = [&options, &server]() -> core::Result<> {
    auto renewed = tls_of(options);
    if (!renewed) return fail(std::move(renewed.error()));
    return server.reload_tls(**renewed);
  };
  if (!options.insecure) {
    reloaded.add("TLS certificate, key and client CA",
                 {options.tls_cert_file, options.tls_key_file, options.client_ca_file}, take_tls);
  }
  reloaded.add("role bindings", {options.role_bindings}, [&options, &service]() -> core::Result<> {
    auto bindings = role_bindings_of(options);
    if (!bindings) return fail(std::move(bindings.error()));
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

async::Task<> work_until_told(Works& works, net::Server& server, broker::LiveCatalog& catalog,
                              const Records& records, async::Hangups& hangups, Surroundings& around) {
  async::TaskGroup& tasks = works.tasks;
  broker::ServiceBroker& service = works.service;
  tasks.spawn("server", server.run());
  tasks.spawn("resume", resume_until_done(service, around.clock));
  tasks.spawn("expiry", service.revoke_expired_bindings());
  tasks.spawn("templates",
              catalog.run([&service](auto changed) { service.use_catalog(std::move(changed)); }));
  tasks.spawn("hangups", refresh_at_each(hangups, catalog, around.reloaded));
  tasks.spawn("changed files", around.reloaded.look_again(around.clock, around.pool));
  tasks.spawn("count", count_instances(*records.store, around.metrics, around.clock));
  const int signal = co_await async::wait_for_shutdown_signal();
  core::log::info("Draining", {{"signal", signal}});
  server.stop();
  tasks.cancel();
  co_await tasks.join();
}

// Each part outlives those after it. Errors: what keeps the broker from starting.
async::Task<core::Result<>> serve(const Options& options) {
  const auto places = places_of(options);
  if (!places) co_return fail(places.error());
  confine(options, places->folder);

  Surroundings around(co_await asio::this_coro::executor);
  auto callers = callers_of(options, around);
  if (!callers) co_return fail(callers.error());
  const auto account = co_await enter_account(options, around);
  if (!account) co_return fail(account.error());
  const auto records = co_await open_records(options, *places, *account, around);
  if (!records) co_return fail(records.error());
  auto broker_options = broker_options_of(options, account->caller, account->session->region());
  if (!broker_options) co_return fail(broker_options.error());

  async::Hangups hangups(around.executor);
  const auto source = template_source_of(options, around.pool, account->session->options());
  broker::LiveCatalog catalog(around.executor, account->ids, catalog_options_of(options, *broker_options),
                              {.source = *source, .clock = around.clock, .metrics = around.metrics});
  const auto read = co_await read_templates(catalog);
  if (!read) co_return read;

  Works works(std::move(*broker_options), catalog, *account, *records,
              template_bucket_of(options, account->session->options()), around);
  net::Router router;
  add_routes(router, works.service, *callers, catalog, around.metrics);
  const auto server = listen(options, *callers, router, around);
  if (!server) co_return fail(server.error());
  reload_changes(around.reloaded, options, **server, works.service);
  core::log::info("Serving the Open Service Broker API",
                  {{"url", (options.insecure ? "http://" : "https://") + options.address + ":" +
                               std::to_string((*server)->port())},
                   {"classes", catalog.current()->templates().templates.size()}});
  co_await work_until_told(works, **server, catalog, *records, hangups, around);
  co_return core::Result<>();
}

}  // namespace

async::Task<int> run_broker(Options options) {
  const auto served = co_await serve(options);
  if (served) co_return 0;
  core::log::error("The broker cannot start", {{"error", served.error().message}});
  co_return 2;
}
