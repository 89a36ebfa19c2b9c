#include "doctor.hpp"

#include <algorithm>
#include <filesystem>
#include <unistd.h>

#include <boost/asio/this_coro.hpp>

#include "authentication.hpp"
#include "aws/kms.hpp"
#include "aws_session.hpp"
#include "broker/ids.hpp"
#include "broker/store/dynamodb_store.hpp"
#include "broker/target_roles.hpp"
#include "checked_policies.hpp"
#include "core/seal.hpp"
#include "core/time.hpp"
#include "data_folder.hpp"
#include "encryption_key.hpp"
#include "needed_actions.hpp"
#include "open_store.hpp"
#include "settings.hpp"
#include "template_source.hpp"
#include "tls_files.hpp"

namespace {

using core::fail;

core::Result<std::string> check_tls(const Options& options) {
  const auto tls = tls_of(options);
  if (!tls) return fail(tls.error());
  if (!*tls) return "plain HTTP: passwords and credentials are not encrypted";
  const auto facts = net::inspect(**tls);
  if (!facts) return fail(facts.error());
  std::string names;
  for (const std::string& name : facts->names) names += (names.empty() ? "" : ", ") + name;
  std::string validity =
      "the certificate of " + names + " is valid until " + core::to_rfc3339(facts->expires);
  if (facts->expires < core::now())
    return fail(core::ErrorKind::invalid, validity + ": it has expired, renew it");
  return validity;
}

// Asks with a token that nobody has: what matters is that the API server answers.
async::Task<core::Result<std::string>> check_authentication(const Options& options, async::Clock& clock) {
  async::ReloadedFiles unused;
  const auto authentication =
      authentication_of(options, co_await boost::asio::this_coro::executor, clock, unused);
  if (!authentication) co_return fail(authentication.error());
  if (authentication->empty()) co_return "none: anyone who can reach the broker may use it";
  net::Request request;
  request.headers.set("Authorization", "Bearer of-nobody");
  const auto answer = co_await authentication->authenticate(request);
  if (!answer && answer.error().kind != core::ErrorKind::unauthenticated) co_return fail(answer.error());
  co_return "what is taken: " + authentication->description();
}

struct OfferedTemplates {
  std::string source;
  broker::TemplateSet set;
};

async::Task<core::Result<OfferedTemplates>> offered_templates(const Options& options,
                                                              async::BlockingPool& pool,
                                                              const aws::SessionOptions& session) {
  const auto source = template_source_of(options, pool, session);
  auto read = co_await source->refresh();
  if (!read) co_return fail(std::move(read.error()));
  co_return OfferedTemplates{.source = source->name(), .set = read->value_or(broker::TemplateSet())};
}

core::Result<std::string> check_templates(const core::Result<OfferedTemplates>& read) {
  if (!read) return fail(read.error());
  std::string problems;
  for (const std::string& problem : read->set.problems) problems += (problems.empty() ? "" : "; ") + problem;
  if (!problems.empty()) return fail(core::ErrorKind::invalid, problems);
  if (read->set.templates.empty())
    return fail(core::ErrorKind::invalid,
                read->source + " has no template that matches --templateFilter and --classes");
  return std::to_string(read->set.templates.size()) + " classes of " + read->source;
}

bool has_long_ones(const core::Result<OfferedTemplates>& read) {
  return read && std::ranges::any_of(read->set.templates, [](const auto& each) {
           return each->body.size() > broker::max_request_bytes;
         });
}

// The file is made at the first start: here it is only looked at whether that can be.
core::Result<std::string> check_folder_of(const std::string& file) {
  std::filesystem::path folder = std::filesystem::absolute(file).parent_path();
  while (!std::filesystem::exists(folder)) folder = folder.parent_path();
  if (::access(folder.c_str(), W_OK) != 0)
    return fail(core::ErrorKind::forbidden, file + ": this user may not write in " + folder.string());
  return file;
}

async::Task<core::Result<std::string>> check_table(const std::string& table, aws::Session& session) {
  const auto found = co_await aws::DynamoDb(session).describe_table(table);
  if (!found) co_return fail(no_such_table(found.error(), table, session.region()));
  if (const auto problem = problem_of(*found))
    co_return fail(core::ErrorKind::invalid, table + " in " + session.region() + " " + *problem);
  co_return table + " in " + session.region();
}

async::Task<core::Result<std::string>> check_key(const Options& options, const std::string& data_folder,
                                                 broker::Store* store, aws::Session& session,
                                                 const std::string& account) {
  const auto key = encryption_key_of(options, data_folder);
  if (!key) co_return fail(key.error());
  if (key->of_kms) {
    const auto made = co_await aws::Kms(session).generate_data_key(key->name, data_key_context(account));
    if (!made) co_return fail(made.error());
    const auto opened =
        co_await aws::Kms(session).decrypt(key->name, made->ciphertext, data_key_context(account));
    if (!opened) co_return fail(opened.error());
    co_return "KMS key " + key->name;
  }
  if (!std::filesystem::exists(key->name)) {
    if (store == nullptr) co_return check_folder_of(key->name);
    co_return fail(
        core::ErrorKind::not_found,
        key->name +
            " does not exist: use the same key for all brokers that share a table, preferably kms:KEY");
  }
  const auto sealer = core::Sealer::from_key_file(key->name);
  if (!sealer) co_return fail(sealer.error());
  if (store != nullptr) {
    const auto settled = co_await store->get_setting("key-fingerprint");
    if (settled && *settled && **settled != sealer->fingerprint())
      co_return fail(core::ErrorKind::invalid,
                     key->name + " is not the key that the records were sealed with");
  }
  co_return key->name;
}

}  // namespace

async::Task<int> run_doctor(Options options) {
  const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  Findings findings;
  async::SystemClock clock;
  findings.add("TLS", check_tls(options));
  findings.add("authentication", co_await check_authentication(options, clock));

  const auto folder = data_folder_name(options);
  const auto store_name = folder ? store_name_of(options, *folder) : fail(folder.error());
  if (!store_name) findings.failed("store", store_name.error().message);
  const auto region = region_of(options);
  findings.add("region", region ? core::Result<std::string>(region->name + " from " + region->source)
                                : fail(region.error()));
  if (!region || !store_name) co_return 1;

  async::BlockingPool pool(1);
  core::Metrics metrics;
  auto session_options = session_options_of(
      options, *region, {.executor = executor, .clock = clock, .pool = pool, .metrics = metrics});
  if (!session_options) {
    findings.failed("credentials", session_options.error().message);
    co_return 1;
  }
  const auto templates = co_await offered_templates(options, pool, *session_options);
  findings.add("templates", check_templates(templates));
  aws::Session session(std::move(*session_options));
  const auto identified = co_await identify(session);
  if (!identified) {
    findings.failed("credentials", identified.error().message);
    co_return 1;
  }
  findings.ok("credentials", identified->caller.arn + " from " + identified->source);
  const auto ids = broker::Ids::make(identified->caller.account, options.broker_id);
  if (!ids) {
    findings.failed("broker id", ids.error().message);
    co_return 1;
  }
  std::unique_ptr<broker::Store> table;
  if (store_name->is_dynamodb) {
    const auto checked = co_await check_table(store_name->name, session);
    findings.add("DynamoDB table", checked);
    if (checked)
      table = std::make_unique<broker::DynamoDbStore>(session, store_name->name, ids->account().to_string());
  } else {
    findings.add("SQLite file", check_folder_of(store_name->name));
  }
  findings.add("encryption key",
               co_await check_key(options, *folder, table.get(), session, ids->account().to_string()));
  auto needed = needed_actions(options, *store_name, region->name, identified->caller.account);
  std::vector<NeededActions> needed_of_bucket_by_roles;
  if (has_long_ones(templates)) {
    needed.push_back(actions_for_long_templates(options));
    needed_of_bucket_by_roles.push_back(actions_of_role_for_long_templates(options));
  }
  co_await check_permissions(findings, identified->caller.arn, std::move(needed), session);
  const auto broker_options = broker_options_of(options, identified->caller, region->name);
  if (!broker_options) {
    findings.failed("settings", broker_options.error().message);
    co_return 1;
  }
  for (const broker::Placement& role : broker::target_roles(*broker_options)) {
    if (role.access_key_id.empty())
      co_await check_role(findings, role, identified->caller.arn, options, needed_of_bucket_by_roles,
                          session);
  }
  co_await check_keys(findings, *broker_options, options, needed_of_bucket_by_roles, session);
  co_return findings.exit_code();
}
