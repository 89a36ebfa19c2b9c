#include "wiring.hpp"

#include <cstdlib>
#include <filesystem>
#include <unistd.h>

#include <boost/asio/this_coro.hpp>

#include "async/blocking_pool.hpp"
#include "async/clock.hpp"
#include "async/shutdown.hpp"
#include "async/task_group.hpp"
#include "aws/credentials/chain.hpp"
#include "aws/sts.hpp"
#include "broker/cloud/aws_cloud.hpp"
#include "broker/service_broker.hpp"
#include "broker/store/dynamodb_store.hpp"
#include "broker/store/sqlite_store.hpp"
#include "core/file.hpp"
#include "core/hash.hpp"
#include "core/log.hpp"
#include "core/metrics.hpp"
#include "net/health.hpp"
#include "net/server.hpp"
#include "osb/routes.hpp"

namespace {

namespace asio = boost::asio;
using core::ErrorKind;
using core::fail;

std::vector<std::string> whole_environment() {
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) entries.emplace_back(*entry);
  return entries;
}

core::Result<std::string> data_folder(const Options& options) {
  std::string folder = options.data_dir;
  if (folder.empty()) {
    const std::string home = aws::process_environment("HOME");
    if (home.empty()) return fail(ErrorKind::invalid, "HOME is not set: give --data-dir");
    folder = home + "/.local/share/chandlery/broker";
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return fail(ErrorKind::unavailable, "the data folder " + folder + " cannot be made: " + error.message());
  return folder;
}

core::Result<std::optional<net::ServerTls>> tls_of(const Options& options) {
  if (options.insecure) return std::nullopt;
  net::ServerTls tls;
  if (!options.tls_cert_file.empty() || !options.tls_key_file.empty()) {
    auto certificate = core::read_file(options.tls_cert_file);
    if (!certificate) return fail(certificate.error().with_context("--tls-cert-file"));
    auto key = core::read_file(options.tls_key_file);
    if (!key) return fail(key.error().with_context("--tls-private-key-file"));
    tls.certificate_pem = std::move(*certificate);
    tls.key_pem = std::move(*key);
    return tls;
  }
  if (options.tls_cert.empty() || options.tls_key.empty()) {
    return fail(ErrorKind::invalid,
                "give --tls-cert-file and --tls-private-key-file, or --insecure for plain HTTP");
  }
  auto certificate = core::base64_decode(options.tls_cert);
  auto key = core::base64_decode(options.tls_key);
  if (!certificate || !key) return fail(ErrorKind::invalid, "--tlsCert and --tlsKey must be base64");
  tls.certificate_pem = std::move(*certificate);
  tls.key_pem = std::move(*key);
  return tls;
}

core::Result<std::vector<osb::User>> users_of(const Options& options) {
  std::vector<osb::User> users;
  if (!options.basic_auth) return users;
  if (options.basic_auth_user.empty() || options.basic_auth_password.empty()) {
    return fail(ErrorKind::invalid,
                "--enable-basic-auth needs SECURITY_USER_NAME and SECURITY_USER_PASSWORD");
  }
  users.push_back({.name = options.basic_auth_user, .password = options.basic_auth_password});
  return users;
}

core::Result<broker::TemplateSet> templates_of(const Options& options) {
  if (options.template_folder.empty()) return broker::load_built_in(options.template_filter);
  return broker::load_folder(options.template_folder, options.template_filter);
}

struct Identification {
  aws::CallerIdentity caller;
  std::string source;
};

async::Task<core::Result<Identification>> identify(aws::Session& session) {
  auto identity = co_await session.options().credentials->get();
  if (!identity) co_return fail(identity.error().with_context("AWS credentials"));
  aws::Sts sts(session);
  auto caller = co_await sts.get_caller_identity();
  if (!caller)
    co_return fail(
        caller.error().with_context("asking AWS who we are, with credentials from " + identity->source));
  co_return Identification{.caller = std::move(*caller), .source = identity->source};
}

async::Task<core::Result<std::unique_ptr<broker::Store>>> open_store(const Options& options,
                                                                     const std::string& folder,
                                                                     const core::Uuid& account,
                                                                     async::BlockingPool& pool,
                                                                     aws::Session& session) {
  constexpr std::string_view dynamodb = "dynamodb:";
  constexpr std::string_view sqlite = "sqlite:";
  std::string store = options.store;
  if (store.empty())
    store =
        options.table_name.empty() ? "sqlite:" + folder + "/broker.sqlite" : "dynamodb:" + options.table_name;
  if (store.starts_with(sqlite)) {
    auto opened = broker::SqliteStore::open(pool, store.substr(sqlite.size()));
    if (!opened) co_return fail(std::move(opened.error()));
    co_return std::unique_ptr<broker::Store>(std::move(*opened));
  }
  if (!store.starts_with(dynamodb))
    co_return fail(ErrorKind::invalid,
                   "--store must be sqlite:PATH or dynamodb:TABLE, not \"" + store + "\"");
  const std::string table = store.substr(dynamodb.size());
  auto status = co_await aws::DynamoDb(session).describe_table(table);
  if (!status)
    co_return fail(status.error().with_context("the DynamoDB table " + table + " in " + session.region()));
  co_return std::unique_ptr<broker::Store>(
      std::make_unique<broker::DynamoDbStore>(session, table, account.to_string()));
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

// The Go broker's metric. Ids that are not of the catalog are no labels: clients could make any number of
// them.
void count_action(core::Metrics& metrics, const broker::Catalog& catalog, const osb::ServedCall& call) {
  const auto service = catalog.find_service(call.service_id);
  if (!service) return;
  const auto selection = catalog.find(call.service_id, call.plan_id);
  metrics.increment("aws_sb_actions_total", "Actions asked for, by class and plan",
                    {{"action", call.action},
                     {"service", service->name},
                     {"plan", selection && selection->plan != nullptr ? selection->plan->name : ""}});
}

void log_call(core::Metrics& metrics, const broker::Catalog& catalog, const osb::ServedCall& call) {
  count_action(metrics, catalog, call);
  const bool ok = call.status < 400;
  metrics.increment("aws_sb_http_requests_total", "Requests answered, by action and status",
                    {{"action", call.action}, {"status", std::to_string(call.status)}});
  if (call.action == "catalog" && ok) return;
  const auto log = ok ? core::log::info : core::log::warn;
  log("Answered", {{"action", call.action},
                   {"status", call.status},
                   {"instance", call.instance_id},
                   {"binding", call.binding_id},
                   {"request", call.request_id},
                   {"error", call.error}});
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
  auto tls = tls_of(options);
  if (!tls) co_return misconfigured(tls.error());
  auto users = users_of(options);
  if (!users) co_return misconfigured(users.error());
  auto templates = templates_of(options);
  if (!templates) co_return misconfigured(templates.error());
  for (const std::string& problem : templates->problems)
    core::log::error("A template is left out", {{"problem", problem}});
  const std::string key_file =
      options.encryption_key_file.empty() ? *folder + "/encryption.key" : options.encryption_key_file;
  const auto sealer = core::Sealer::from_key_file(key_file);
  if (!sealer) co_return misconfigured(sealer.error());

  async::SystemClock clock;
  async::BlockingPool store_pool(1);
  core::Metrics metrics;
  aws::SessionOptions session_options;
  session_options.region =
      options.region.empty() ? aws::process_environment("AWS_DEFAULT_REGION") : options.region;
  session_options.clock = &clock;
  session_options.transports = aws::socket_transports(executor);
  session_options.observer = [&metrics](const aws::CallRecord& call) {
    const std::string service(aws::signing_name(call.service));
    metrics.increment("aws_sb_aws_calls_total", "Calls of AWS, by service, operation and outcome",
                      {{"service", service}, {"operation", call.operation}, {"outcome", call.outcome}});
    metrics.observe_seconds("aws_sb_aws_call_seconds", "Duration of calls of AWS",
                            {{"service", service}, {"operation", call.operation}}, call.seconds);
  };
  const aws::CredentialSettings settings{.access_key_id = options.access_key_id,
                                         .secret_access_key = options.secret_access_key,
                                         .profile = options.profile};
  auto credentials = aws::make_credentials(settings, executor, store_pool, session_options);
  if (!credentials) co_return misconfigured(credentials.error());
  session_options.credentials = std::move(*credentials);
  aws::Session session(std::move(session_options));
  auto identified = co_await identify(session);
  if (!identified) co_return misconfigured(identified.error());
  core::log::info("Working as", {{"arn", identified->caller.arn},
                                 {"account", identified->caller.account},
                                 {"credentials", identified->source},
                                 {"region", session.region()}});

  const auto ids = broker::Ids::make(identified->caller.account, options.broker_id);
  if (!ids) co_return misconfigured(ids.error());
  auto store = co_await open_store(options, *folder, ids->account(), store_pool, session);
  if (!store) co_return misconfigured(store.error());

  broker::BrokerOptions broker_options{
      .broker_id = options.broker_id,
      .account_id = identified->caller.account,
      .partition = std::string(aws::partition_of(session.region())),
      .overrides = broker::Overrides::from_environment(options.broker_id, whole_environment())};
  if (options.binding_credentials == "shared")
    broker_options.binding_credentials = broker::BindingCredentials::shared;
  broker::CatalogOptions catalog_options;
  if (options.prescribe_overrides)
    catalog_options.hidden_parameters = broker_options.overrides.for_everyone();
  const auto catalog = std::make_shared<const broker::Catalog>(*ids, std::move(*templates), catalog_options);
  const std::size_t classes = catalog->templates().templates.size();
  broker::AwsClouds clouds(session);
  broker::ServiceBroker service(std::move(broker_options), catalog, **store, clouds, *sealer, clock);
  const osb::BasicAuthenticator authenticator(*users);

  net::Router router;
  net::add_health_routes(router, metrics, [classes]() -> std::optional<std::string> {
    if (classes == 0)
      return "the catalog is empty: no template could be read, or --template-filter leaves none";
    return std::nullopt;
  });
  osb::add_broker_routes(
      router, service, users->empty() ? nullptr : &authenticator,
      [&metrics, catalog](const osb::ServedCall& call) { log_call(metrics, *catalog, call); });
  net::ServerOptions server_options{.address = options.address, .port = options.port, .tls = std::move(*tls)};
  auto server = net::Server::listen(executor, std::move(server_options),
                                    [&router](const net::Request& request) { return router.route(request); });
  if (!server) co_return misconfigured(server.error());
  core::log::info("Serving the Open Service Broker API",
                  {{"url", (options.insecure ? "http://" : "https://") + options.address + ":" +
                               std::to_string((*server)->port())},
                   {"classes", classes}});

  async::TaskGroup tasks(executor);
  tasks.spawn("server", (*server)->run());
  tasks.spawn("resume", resume_until_done(service, clock));
  const int signal = co_await async::wait_for_shutdown_signal();
  core::log::info("Draining", {{"signal", signal}});
  (*server)->stop();
  tasks.cancel();
  co_await tasks.join();
  co_return 0;
}
