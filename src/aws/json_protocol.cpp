#include "aws/json_protocol.hpp"

namespace aws {

async::Task<core::Result<boost::json::object>> call_json(Session& session, Service service,
                                                         std::string json_version, std::string target_prefix,
                                                         std::string operation, boost::json::object input) {
  constexpr core::JsonLimits limits{.max_bytes = 16 * 1024 * 1024, .max_depth = 64};
  net::Request request{.method = "POST", .target = "/"};
  request.headers.set("Content-Type", "application/x-amz-json-" + json_version);
  request.headers.set("X-Amz-Target", target_prefix + "." + operation);
  request.body = core::to_text(input);
  auto reply = co_await session.call(service, operation, std::move(request));
  if (!reply) co_return core::fail(std::move(reply.error()));
  if (reply->body.empty()) co_return boost::json::object();
  auto body = core::parse_json(reply->body, limits);
  if (!body)
    co_return core::fail(core::ErrorKind::protocol,
                         operation + " did not return JSON: " + body.error().message);
  if (!body->is_object())
    co_return core::fail(core::ErrorKind::protocol, operation + " did not return a JSON object");
  co_return std::move(body->get_object());
}

}  // namespace aws
