#include "aws/errors.hpp"

#include <algorithm>
#include <array>

#include <pugixml.hpp>

#include "core/json.hpp"

namespace aws {

namespace {

using core::ErrorKind;

struct CodeKind {
  std::string_view code;
  ErrorKind kind;
};

// Codes of the services that we call (their API references, "Common Errors" and each operation's own).
constexpr std::array codes{
    CodeKind{"Throttling", ErrorKind::throttled},
    CodeKind{"ThrottlingException", ErrorKind::throttled},
    CodeKind{"ThrottledException", ErrorKind::throttled},
    CodeKind{"RequestThrottled", ErrorKind::throttled},
    CodeKind{"RequestThrottledException", ErrorKind::throttled},
    CodeKind{"RequestLimitExceeded", ErrorKind::throttled},
    CodeKind{"TooManyRequestsException", ErrorKind::throttled},
    CodeKind{"ProvisionedThroughputExceededException", ErrorKind::throttled},
    CodeKind{"BandwidthLimitExceeded", ErrorKind::throttled},
    CodeKind{"SlowDown", ErrorKind::throttled},
    CodeKind{"PriorRequestNotComplete", ErrorKind::throttled},
    CodeKind{"EC2ThrottledException", ErrorKind::throttled},
    CodeKind{"LimitExceededException", ErrorKind::unprocessable},
    CodeKind{"LimitExceeded", ErrorKind::unprocessable},
    CodeKind{"AlreadyExistsException", ErrorKind::already_exists},
    CodeKind{"EntityAlreadyExists", ErrorKind::already_exists},
    CodeKind{"ParameterAlreadyExists", ErrorKind::already_exists},
    CodeKind{"ResourceInUseException", ErrorKind::conflict},
    CodeKind{"ConditionalCheckFailedException", ErrorKind::conflict},
    CodeKind{"TransactionConflictException", ErrorKind::conflict},
    CodeKind{"DeleteConflict", ErrorKind::conflict},
    CodeKind{"OperationInProgressException", ErrorKind::conflict},
    CodeKind{"TokenAlreadyExistsException", ErrorKind::conflict},
    CodeKind{"NoSuchEntity", ErrorKind::not_found},
    CodeKind{"NoSuchBucket", ErrorKind::not_found},
    CodeKind{"NoSuchKey", ErrorKind::not_found},
    CodeKind{"NotFound", ErrorKind::not_found},
    CodeKind{"ParameterNotFound", ErrorKind::not_found},
    CodeKind{"ResourceNotFoundException", ErrorKind::not_found},
    CodeKind{"StackNotFoundException", ErrorKind::not_found},
    CodeKind{"AccessDenied", ErrorKind::forbidden},
    CodeKind{"AccessDeniedException", ErrorKind::forbidden},
    CodeKind{"UnauthorizedOperation", ErrorKind::forbidden},
    CodeKind{"ExpiredToken", ErrorKind::unauthenticated},
    CodeKind{"ExpiredTokenException", ErrorKind::unauthenticated},
    CodeKind{"InvalidClientTokenId", ErrorKind::unauthenticated},
    CodeKind{"UnrecognizedClientException", ErrorKind::unauthenticated},
    CodeKind{"SignatureDoesNotMatch", ErrorKind::unauthenticated},
    CodeKind{"InvalidSignatureException", ErrorKind::unauthenticated},
    CodeKind{"InvalidAccessKeyId", ErrorKind::unauthenticated},
    CodeKind{"MissingAuthenticationToken", ErrorKind::unauthenticated},
    CodeKind{"RequestExpired", ErrorKind::unauthenticated},
    CodeKind{"ServiceUnavailable", ErrorKind::unavailable},
    CodeKind{"InternalFailure", ErrorKind::unavailable},
    CodeKind{"InternalError", ErrorKind::unavailable},
    CodeKind{"RequestTimeout", ErrorKind::unavailable},
    // IAM, of requests that came together: "Wait a few minutes and submit your request again."
    CodeKind{"ConcurrentModification", ErrorKind::unavailable},
    CodeKind{"ConcurrentModificationException", ErrorKind::unavailable},
    CodeKind{"EntityTemporarilyUnmodifiable", ErrorKind::unavailable},
};

ErrorKind kind_of(std::string_view code, std::string_view message, int http_status) {
  // CloudFormation has no code of its own for a stack that is not there.
  if (code == "ValidationError" && message.find("does not exist") != std::string_view::npos)
    return ErrorKind::not_found;
  const auto* found = std::ranges::find(codes, code, &CodeKind::code);
  if (found != codes.end()) return found->kind;
  return core::kind_of_status(http_status);
}

core::Error not_of_aws(int http_status) {
  core::Error error = make_error("", "", http_status);
  error.message = "the answer with status " + std::to_string(http_status) +
                  " is not AWS's: look at what is between, such as a proxy";
  error.kind = ErrorKind::unavailable;
  return error;
}

core::Error from_xml(const net::Reply& reply) {
  pugi::xml_document document;
  if (document.load_buffer(reply.body.data(), reply.body.size(), pugi::parse_minimal | pugi::parse_escapes)) {
    const pugi::xml_node error = document.find_node([](const pugi::xml_node& node) {
      return std::string_view(node.name()) == "Error" && node.child("Code");
    });
    if (error) return make_error(error.child_value("Code"), error.child_value("Message"), reply.status);
  }
  return not_of_aws(reply.status);
}

}  // namespace

core::Error make_error(std::string_view code, std::string_view message, int http_status) {
  if (const auto hash = code.rfind('#'); hash != std::string_view::npos) code.remove_prefix(hash + 1);
  code = code.substr(0, code.find(':'));
  core::Error error;
  error.code = code;
  error.http_status = http_status;
  error.kind = kind_of(code, message, http_status);
  error.message =
      message.empty() ? "AWS answered with status " + std::to_string(http_status) : std::string(message);
  if (!code.empty() && error.message.find(code) == std::string::npos) {
    error.message = std::string(code) + ": " + error.message;
  }
  return error;
}

core::Error error_of(const net::Reply& reply, std::string_view method) {
  if (method == "HEAD") return make_error(reply.status == 404 ? "NotFound" : "", "", reply.status);
  const std::size_t start = reply.body.find_first_not_of(" \t\r\n");
  if (start != std::string::npos && reply.body[start] == '<') return from_xml(reply);
  std::string code(reply.headers.get("x-amzn-ErrorType"));
  std::string message;
  if (const auto body = core::parse_json(reply.body)) {
    if (code.empty()) code = core::find_string(*body, {"__type"});
    if (code.empty()) code = core::find_string(*body, {"code"});
    message = core::find_string(*body, {"message"});
    if (message.empty()) message = core::find_string(*body, {"Message"});
  }
  if (code.empty()) return not_of_aws(reply.status);
  return make_error(code, message, reply.status);
}

}  // namespace aws
