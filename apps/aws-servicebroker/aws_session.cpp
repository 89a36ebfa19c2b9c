#include "aws_session.hpp"

#include "aws/credentials/chain.hpp"

using core::fail;

core::Result<aws::SessionOptions> session_options_of(const Options& options,
                                                     const SessionSurroundings& surroundings) {
  aws::SessionOptions session;
  session.region = options.region.empty() ? aws::process_environment("AWS_DEFAULT_REGION") : options.region;
  session.clock = &surroundings.clock;
  session.transports = aws::socket_transports(surroundings.executor);
  session.observer = [&metrics = surroundings.metrics](const aws::CallRecord& call) {
    const std::string service(aws::signing_name(call.service));
    metrics.increment("aws_sb_aws_calls_total", "Calls of AWS, by service, operation and outcome",
                      {{"service", service}, {"operation", call.operation}, {"outcome", call.outcome}});
    metrics.observe_seconds("aws_sb_aws_call_seconds", "Duration of calls of AWS",
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
  if (!caller)
    co_return fail(
        caller.error().with_context("asking AWS who we are, with credentials from " + identity->source));
  co_return Identification{.caller = std::move(*caller), .source = identity->source};
}
