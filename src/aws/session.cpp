#include "aws/session.hpp"

#include "aws/errors.hpp"
#include "aws/signing.hpp"
#include "core/random.hpp"
#include "net/client.hpp"

namespace aws {

namespace {

// RFC 1123 dates of the Date header.
std::optional<core::SystemTime> parse_http_date(std::string_view text) {
  std::tm parts{};
  const std::string copy(text);
  if (strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) == nullptr) return std::nullopt;
  return core::SystemTime(std::chrono::seconds(timegm(&parts)));
}

bool is_about_time(const core::Error& error) {
  return error.code == "RequestTimeTooSkewed" || error.code == "InvalidSignatureException" ||
         error.code == "SignatureDoesNotMatch" || error.code == "RequestExpired" ||
         error.code == "RequestInTheFuture";
}

}  // namespace

TransportFactory socket_transports(boost::asio::any_io_executor executor) {
  return [executor](const Endpoint& endpoint) -> core::Result<std::unique_ptr<net::Transport>> {
    auto client = net::Client::create(executor, endpoint.url);
    if (!client) return core::fail(std::move(client.error()));
    return std::unique_ptr<net::Transport>(std::move(*client));
  };
}

Session::Session(SessionOptions options) : options_(std::move(options)) {}

core::Result<Endpoint> Session::endpoint(Service service) const {
  return resolve_endpoint(service, options_.region, options_.environment);
}

core::Result<net::Transport*> Session::transport(Service, const Endpoint& endpoint) {
  std::unique_ptr<net::Transport>& transport =
      transports_[endpoint.url.scheme + "://" + endpoint.url.authority()];
  if (!transport) {
    auto made = options_.transports(endpoint);
    if (!made) return core::fail(std::move(made.error()));
    transport = std::move(*made);
  }
  return transport.get();
}

async::Task<core::Result<net::Reply>> Session::attempt(Service service, net::Request request,
                                                       std::chrono::milliseconds timeout) {
  auto identity = co_await options_.credentials->get();
  if (!identity) co_return core::fail(identity.error().with_context("AWS credentials"));
  auto resolved = endpoint(service);
  if (!resolved) co_return core::fail(std::move(resolved.error()));
  // S3 names the bucket in the host; connections to different buckets are not shared.
  if (const auto host = request.headers.find("Host")) resolved->url.host = std::string(*host);
  request.headers.set("Host", resolved->url.authority());
  auto found = transport(service, *resolved);
  if (!found) co_return core::fail(std::move(found.error()));
  const SigningScope scope{.region = resolved->signing_region,
                           .service = std::string(signing_name(service)),
                           .time = options_.clock->system_now() + clock_skew_};
  sign(request, *identity, scope);
  const net::CallOptions call_options{.timeout = timeout};
  const std::string method = request.method;
  auto reply = co_await (*found)->send(std::move(request), call_options);
  if (!reply) co_return core::fail(std::move(reply.error()));
  if (reply->status < 300) co_return reply;
  core::Error error = error_of(*reply, method);
  learn_clock_skew(*reply, error);
  co_return core::fail(std::move(error));
}

void Session::learn_clock_skew(const net::Reply& reply, const core::Error& error) {
  if (!is_about_time(error)) return;
  const auto theirs = parse_http_date(reply.headers.get("Date"));
  if (theirs) clock_skew_ = *theirs - options_.clock->system_now();
}

async::Task<core::Result<net::Reply>> Session::call(Service service, std::string operation,
                                                    net::Request request, Repetition repetition,
                                                    std::optional<std::chrono::milliseconds> timeout) {
  for (int number = 1;; ++number) {
    const auto skew_before = clock_skew_;
    const auto start = options_.clock->now();
    net::Request copy = request;
    auto reply = co_await attempt(service, std::move(copy), timeout.value_or(options_.timeout));
    if (options_.observer) {
      const std::chrono::duration<double> elapsed = options_.clock->now() - start;
      std::string outcome = "ok";
      if (!reply)
        outcome = reply.error().code.empty() ? std::string(core::to_string(reply.error().kind))
                                             : reply.error().code;
      options_.observer({.service = service,
                         .operation = operation,
                         .outcome = outcome,
                         .throttled = !reply && reply.error().kind == core::ErrorKind::throttled,
                         .seconds = elapsed.count()});
    }
    if (reply) {
      budget_.give_back_after_success();
      co_return reply;
    }
    // A wrong clock is corrected once, at once; anything else waits.
    constexpr std::chrono::minutes tolerated_skew{4};
    if (std::chrono::abs(clock_skew_ - skew_before) > tolerated_skew && number == 1) continue;
    const auto delay = next_retry(options_.retries, number, reply.error(), core::random_share(), repetition);
    if (!delay || !budget_.take(reply.error().kind == core::ErrorKind::timeout)) co_return reply;
    co_await options_.clock->sleep_for(*delay);
  }
}

}  // namespace aws
