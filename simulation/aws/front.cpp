#include "simulation/aws/front.hpp"

#include <algorithm>
#include <charconv>

#include "aws/signing.hpp"
#include "core/time.hpp"
#include "simulation/aws/requests.hpp"

namespace simulation {

namespace json = boost::json;

namespace {

bool speaks_query(std::string_view service) {
  return service == "cloudformation" || service == "iam" || service == "sts";
}
bool speaks_json(std::string_view service) {
  return service == "dynamodb" || service == "ssm" || service == "secretsmanager" || service == "kms";
}

// AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders=…, Signature=…
struct Scope {
  std::string key_id, date, region, service;
};
std::optional<Scope> scope_of(const net::Request& request) {
  std::string_view header = request.headers.get("Authorization");
  constexpr std::string_view before = "AWS4-HMAC-SHA256 Credential=";
  if (!header.starts_with(before)) return std::nullopt;
  header.remove_prefix(before.size());
  header = header.substr(0, header.find(','));
  std::vector<std::string> parts;
  while (!header.empty()) {
    const std::string_view part = header.substr(0, header.find('/'));
    parts.emplace_back(part);
    header.remove_prefix(std::min(part.size() + 1, header.size()));
  }
  if (parts.size() != 5 || parts[4] != "aws4_request") return std::nullopt;
  return Scope{.key_id = parts[0], .date = parts[1], .region = parts[2], .service = parts[3]};
}

// 20260131T100000Z
std::optional<core::SystemTime> parse_basic(std::string_view text) {
  if (text.size() != 16) return std::nullopt;
  const std::string t(text);
  return core::parse_rfc3339(t.substr(0, 4) + "-" + t.substr(4, 2) + "-" + t.substr(6, 2) + "T" +
                             t.substr(9, 2) + ":" + t.substr(11, 2) + ":" + t.substr(13, 2) + "Z");
}

std::string s3_action(const net::Request& request) {
  const S3Address address = s3_address(request.headers.get("Host"), request.path());
  const bool has_key = !address.key.empty();
  if (request.method == "GET")
    return has_key ? "GetObject" : request.query().contains("list-type=2") ? "ListObjectsV2" : "";
  if (request.method == "HEAD") return has_key ? "" : "HeadBucket";
  if (request.method == "PUT") return has_key ? "PutObject" : "";
  return request.method == "DELETE" && has_key ? "DeleteObject" : "";
}

std::string target_of(const Call& call) {
  if (call.service == "cloudformation") return call.form.get("StackName");
  if (call.service == "iam") {
    std::string text = call.form.has("UserName") ? call.form.get("UserName") : call.form.get("RoleName");
    for (const char* name : {"PolicyName", "PolicyArn", "AccessKeyId"})
      if (call.form.has(name)) text += " " + call.form.get(name);
    return text;
  }
  if (call.service == "dynamodb") {
    std::string text(core::find_string(call.input, {"TableName"}));
    for (const char* name : {"id", "userid"})
      for (const char* of : {"Key", "Item"})
        if (const auto value = core::find_string(call.input, {of, name, "S"}); !value.empty())
          text += " " + std::string(value);
    return text;
  }
  if (call.service == "ssm") return std::string(core::find_string(call.input, {"Name"}));
  if (call.service == "secretsmanager") return std::string(core::find_string(call.input, {"SecretId"}));
  return call.request == nullptr ? std::string()
                                 : std::string(call.request->headers.get("Host")) + call.request->target;
}

bool fits(std::string_view host, std::string_view service, std::string_view region) {
  host = host.substr(0, host.find(':'));
  if (!host.ends_with(".amazonaws.com")) return true;  // another endpoint was configured
  if (service == "iam") return host == "iam.amazonaws.com";
  const std::string own = std::string(service) + "." + std::string(region) + ".amazonaws.com";
  return host == own || (service == "s3" && host.ends_with("." + own));
}

}  // namespace

Answer<Caller> Front::authenticate(const net::Request& request, std::string_view service) {
  const auto scope = scope_of(request);
  const bool is_query = speaks_query(service), is_s3 = service == "s3";
  if (!scope) {
    if (service == "sts") return Caller{};  // AssumeRoleWithWebIdentity has no signature
    return refuse(is_s3      ? "AccessDenied"
                  : is_query ? "MissingAuthenticationToken"
                             : "MissingAuthenticationTokenException",
                  "Missing Authentication Token", 403);
  }
  const auto time = parse_basic(request.headers.get("X-Amz-Date"));
  const auto tolerated = is_s3 ? std::chrono::minutes(15) : std::chrono::minutes(5);
  if (!time || std::chrono::abs(*time - world_.now()) > tolerated)
    return refuse(is_s3      ? "RequestTimeTooSkewed"
                  : is_query ? "SignatureDoesNotMatch"
                             : "InvalidSignatureException",
                  is_s3 ? "The difference between the request time and the current time is too large."
                        : "Signature expired: " + std::string(request.headers.get("X-Amz-Date")) +
                              " is now earlier than " + core::to_aws_basic(world_.now() - tolerated),
                  403);
  const auto credential = services_.tokens.find(scope->key_id);
  const int status = speaks_json(service) ? 400 : 403;
  if (!credential || request.headers.get("X-Amz-Security-Token") != credential->session_token)
    return refuse(is_s3      ? "InvalidAccessKeyId"
                  : is_query ? "InvalidClientTokenId"
                             : "UnrecognizedClientException",
                  "The security token included in the request is invalid.", status);
  if (credential->expires && *credential->expires <= world_.now())
    return refuse(speaks_json(service) || service == "lambda" ? "ExpiredTokenException" : "ExpiredToken",
                  "The security token included in the request is expired", status);
  const std::size_t number = verified_[{scope->key_id, scope->service}]++;
  if (number % std::max<std::size_t>(world_.settings.signatures_verified, 1) == 0) {
    net::Request again = request;
    again.headers.erase("Authorization");
    const aws::Identity identity{.access_key_id = scope->key_id,
                                 .secret_access_key = credential->secret,
                                 .session_token = credential->session_token};
    aws::sign(again, identity, {.region = scope->region, .service = scope->service, .time = *time});
    if (again.headers.get("Authorization") != request.headers.get("Authorization")) {
      violation("the signature of " + scope->key_id + " for " + std::string(service) + " is wrong");
      return refuse(is_query || is_s3 ? "SignatureDoesNotMatch" : "InvalidSignatureException",
                    "The request signature we calculated does not match the signature you provided.", 403);
    }
  }
  return credential->caller;
}

Answer<Call> Front::read(const net::Request& request) {
  const auto scope = scope_of(request);
  const std::string_view host = request.headers.get("Host");
  std::string service = scope ? scope->service : std::string(host.substr(0, host.find('.')));
  Call call{.service = std::move(service), .request = &request};
  const std::string region = call.service == "iam" ? "us-east-1" : world_.settings.region;
  if (scope && (scope->region != region || !fits(host, call.service, region) ||
                request.headers.get("X-Amz-Date").substr(0, 8) != scope->date)) {
    violation("a request to " + std::string(host) + " is signed for " + scope->service + " in " +
              scope->region);
    return refuse("SignatureDoesNotMatch", "Credential should be scoped to a valid region.", 403);
  }
  auto caller = authenticate(request, call.service);
  if (!caller) return std::unexpected(caller.error());
  call.caller = std::move(*caller);
  if (speaks_query(call.service)) {
    call.form = Form::parse(request.body);
    call.action = call.form.get("Action");
  } else if (speaks_json(call.service)) {
    const std::string_view target = request.headers.get("X-Amz-Target");
    call.action = target.substr(std::min(target.rfind('.') + 1, target.size()));
    constexpr core::JsonLimits limits{.max_bytes = 16 * 1024 * 1024, .max_depth = 64};
    auto input = core::parse_json(request.body, limits);
    if (!input || !input->is_object()) {
      violation(call.service + " " + call.action + ": the body is no JSON object");
      return refuse("SerializationException", "Could not parse the body");
    }
    call.input = std::move(input->get_object());
  } else if (call.service == "s3") {
    call.action = s3_action(request);
  } else if (call.service == "lambda") {
    call.action = "Invoke";
  }
  if (const std::string problem = problem_of(call); !problem.empty()) {
    violation(call.service + " " + call.action + ": " + problem);
    return refuse("ValidationError", problem);
  }
  return call;
}

Answer<> Front::dispatch(const Call& call) {
  services_.stacks.settle();
  if (call.service == "cloudformation") return services_.stacks.handle(call);
  if (call.service == "iam") return services_.iam.handle(call);
  if (call.service == "dynamodb") return services_.tables.handle(call);
  if (call.service == "ssm") return services_.ssm.handle(call);
  if (call.service == "secretsmanager") return services_.secrets.handle(call);
  if (call.service == "s3") return services_.buckets.handle(call);
  if (call.service == "lambda") return services_.functions.handle(call);
  if (call.service == "sts") return services_.tokens.handle(call);
  if (call.service == "kms") return services_.kms.handle(call);
  return refuse("UnknownOperationException", "there is no service " + call.service);
}

Answer<> Front::perform(const Call& call) {
  ++world_.journal.calls[call.service + ":" + call.action];
  const auto fault = world_.next_fault(call);
  Answer<> outcome = Reply{};
  if (!fault || fault->is_late) outcome = dispatch(call);
  const bool was_done = (!fault || fault->is_late) && outcome;
  if (fault) outcome = refuse(fault->code, fault->message, fault->status);
  if (is_mutating(call.service, call.action)) {
    world_.journal.entries.push_back({.time = world_.now(),
                                      .caller = call.caller.key_id,
                                      .service = call.service,
                                      .action = call.action,
                                      .target = target_of(call),
                                      .token = call.form.get("ClientRequestToken"),
                                      .outcome = outcome ? "ok" : outcome.error().code,
                                      .was_done = was_done});
  }
  return outcome;
}

net::Response Front::success(const Call& call, Reply reply) {
  net::Response response{.status = reply.status, .headers = std::move(reply.headers), .body = {}};
  if (speaks_query(call.service)) {
    response.headers.set("Content-Type", "text/xml");
    const std::string name = call.action;
    std::string body = "<" + name + "Response>";
    body += "<" + name + "Result>" + reply.body + "</" + name + "Result>";
    body += "<ResponseMetadata><RequestId>" + world_.request_id() + "</RequestId></ResponseMetadata></" +
            name + "Response>";
    response.body = std::move(body);
  } else {
    if (speaks_json(call.service)) response.headers.set("Content-Type", "application/x-amz-json-1.1");
    response.body = std::move(reply.body);
  }
  return response;
}

net::Response Front::failure(const std::string& service, const Failure& failure) {
  net::Response response{.status = failure.status, .headers = {}, .body = {}};
  std::string body;
  if (speaks_query(service)) {
    body = "<ErrorResponse><Error>";
    add_element(body, "Type", failure.status < 500 ? "Sender" : "Receiver");
    add_element(body, "Code", failure.code);
    add_element(body, "Message", failure.message);
    body += "</Error><RequestId>" + world_.request_id() + "</RequestId></ErrorResponse>";
    response.headers.set("Content-Type", "text/xml");
  } else if (service == "s3") {
    body = "<Error>";
    add_element(body, "Code", failure.code);
    add_element(body, "Message", failure.message);
    body += "</Error>";
    response.headers.set("Content-Type", "application/xml");
  } else if (service == "lambda") {
    response.headers.set("X-Amzn-ErrorType", failure.code);
    body = core::to_text(json::object{{"Type", "User"}, {"Message", failure.message}});
  } else {
    const std::string prefix = service == "dynamodb" ? "com.amazonaws.dynamodb.v20120810#" : "";
    body = core::to_text(json::object{{"__type", prefix + failure.code}, {"message", failure.message}});
    response.headers.set("Content-Type", "application/x-amz-json-1.1");
  }
  response.body = std::move(body);
  return response;
}

net::Response Front::answer(const net::Request& request) {
  std::string service;
  if (const auto scope = scope_of(request)) {
    service = scope->service;
  } else {
    const std::string_view host = request.headers.get("Host");
    service = host.substr(0, host.find('.'));
  }
  net::Response response;
  if (const auto call = read(request); !call) {
    response = failure(service, call.error());
  } else if (auto reply = perform(*call); !reply) {
    response = failure(service, reply.error());
  } else {
    response = success(*call, std::move(*reply));
  }
  if (request.method == "HEAD") response.body = std::string();
  response.headers.set("Date", core::to_rfc1123(world_.now()));
  response.headers.set("x-amzn-RequestId", world_.request_id());
  return response;
}

}  // namespace simulation
