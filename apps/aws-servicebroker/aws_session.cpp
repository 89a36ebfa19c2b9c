#include "aws_session.hpp"

#include <algorithm>

#include "aws/credentials/chain.hpp"
#include "aws/credentials/shared_files.hpp"
#include "core/log.hpp"

using core::fail;

namespace {

core::Result<Region> stated_region(const Options& options) {
  if (!options.region.empty()) return Region{.name = options.region, .source = "--region or AWS_REGION"};
  std::string name = aws::process_environment("AWS_DEFAULT_REGION");
  if (!name.empty()) return Region{.name = std::move(name), .source = "AWS_DEFAULT_REGION"};
  std::string profile = options.profile.empty() ? aws::process_environment("AWS_PROFILE") : options.profile;
  if (profile.empty()) profile = "default";
  const auto files = aws::read_shared_files(aws::process_environment);
  if (!files) return fail(files.error());
  const auto settings = files->profiles.find(profile);
  if (settings != files->profiles.end() && settings->second.contains("region"))
    return Region{.name = settings->second.find("region")->second, .source = "profile " + profile};
  return fail(
      core::ErrorKind::invalid,
      "no AWS region is set: use --region, set AWS_REGION in the environment, or set region in the profile " +
          profile);
}

// What STS has said where nothing can be signed in: AWS's own words, and where the credentials came from.
core::Error not_identified(const core::Error& error, const std::string& source, const std::string& region) {
  std::string advice = "check them";
  if (error.code == "ExpiredToken" || error.code == "ExpiredTokenException") advice = "renew them";
  if (error.kind == core::ErrorKind::unavailable || error.kind == core::ErrorKind::timeout)
    advice = "check the network and the region";
  return error.with_context("AWS was asked in " + region + " who we are, with the credentials from " +
                            source + " (" + advice + ")");
}

}  // namespace

core::Result<Region> region_of(const Options& options) {
  auto region = stated_region(options);
  if (!region) return region;
  const bool is_aws = aws::process_environment("AWS_ENDPOINT_URL").empty();
  if (is_aws && std::ranges::find(aws::known_regions(), region->name) == aws::known_regions().end()) {
    core::log::warn("The broker does not know this region",
                    {{"region", region->name}, {"from", region->source}});
  }
  return region;
}

core::Result<aws::SessionOptions> session_options_of(const Options& options, const Region& region,
                                                     const SessionSurroundings& surroundings) {
  aws::SessionOptions session;
  session.region = region.name;
  session.clock = &surroundings.clock;
  session.transports = aws::socket_transports(surroundings.executor);
  session.observer = [&metrics = surroundings.metrics](const aws::CallRecord& call) {
    const std::string service(aws::signing_name(call.service));
    metrics.increment("aws_sb_aws_calls_total", "Calls to AWS, by service, operation and outcome",
                      {{"service", service}, {"operation", call.operation}, {"outcome", call.outcome}});
    if (call.throttled) {
      metrics.increment("aws_sb_aws_throttled_total", "Calls that AWS throttled",
                        {{"service", service}, {"operation", call.operation}});
    }
    metrics.observe_seconds("aws_sb_aws_call_seconds", "Duration of calls to AWS",
                            {{"service", service}, {"operation", call.operation}}, call.seconds);
  };
  const aws::CredentialSettings settings{.access_key_id = options.access_key_id,
                                         .secret_access_key = options.secret_access_key,
                                         .profile = options.profile};
  auto credentials = aws::make_credentials(settings, surroundings.executor, surroundings.pool, session);
  if (!credentials) return fail(std::move(credentials.error()));
  session.credentials = std::move(*credentials);
  return session;
}

async::Task<core::Result<Identification>> identify(aws::Session& session) {
  auto identity = co_await session.options().credentials->get();
  if (!identity) co_return fail(identity.error().with_context("AWS credentials"));
  aws::Sts sts(session);
  auto caller = co_await sts.get_caller_identity();
  if (!caller) co_return fail(not_identified(caller.error(), identity->source, session.region()));
  co_return Identification{.caller = std::move(*caller), .source = identity->source};
}
