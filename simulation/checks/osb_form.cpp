#include "simulation/checks/osb_form.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/hash.hpp"
#include "core/time.hpp"

namespace simulation::osb_check {

namespace {

bool is_minor_version(std::string_view text) {
  if (!text.starts_with("2.") || text.size() < 3) return false;
  return std::ranges::all_of(text.substr(2), [](unsigned char c) { return std::isdigit(c) != 0; });
}

// Unreserved characters, escapes, and what a path and a query are made of.
bool is_encoded(std::string_view target) {
  for (std::size_t i = 0; i < target.size(); ++i) {
    const auto c = static_cast<unsigned char>(target[i]);
    if (c == '%') {
      const bool is_escape = i + 2 < target.size() &&
                             std::isxdigit(static_cast<unsigned char>(target[i + 1])) &&
                             std::isxdigit(static_cast<unsigned char>(target[i + 2]));
      if (!is_escape) return false;
    } else if (std::isalnum(c) == 0 &&
               std::string_view("-._~/?&=").find(target[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

std::string identity_problem(std::string_view header, const Asked& asked) {
  const std::size_t space = header.find(' ');
  if (space == std::string_view::npos || space == 0) return "the originating identity names no platform";
  const auto decoded = core::base64_decode(header.substr(space + 1));
  const auto value = decoded ? core::parse_json(*decoded) : core::fail(core::ErrorKind::invalid, "");
  if (!value || !value->is_object()) return "the originating identity is no JSON object in base64";
  const std::string platform(header.substr(0, space));
  if (platform == "kubernetes") {
    for (const std::string_view member : {"username", "uid", "groups", "extra"}) {
      if (!value->get_object().contains(member))
        return "the originating identity has no " + std::string(member);
    }
  }
  const std::string in_context = asked.context("platform");
  if (!in_context.empty() && in_context != platform)
    return "the originating identity is of the platform " + platform + ", the context of " + in_context;
  return {};
}

// Members of the context, by profile.md.
void check_context(const Asked& asked, const std::function<void(int, std::string)>& wrong) {
  if (asked.context("platform").empty()) return wrong(76, "the context has no platform");
  if (asked.context("platform") != "kubernetes") return;
  for (const std::string_view member : {"namespace", "clusterid"}) {
    if (asked.context(member).empty()) wrong(78, "the context has no " + std::string(member));
  }
  if (asked.verb != Verb::bind && asked.context("instance_name").empty())
    wrong(78, "the context has no instance_name");
}

constexpr std::array codes{"AsyncRequired", "ConcurrencyError", "RequiresApp", "MaintenanceInfoConflict"};

bool is_secret_name(std::string_view name) {
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower.find("secret") != std::string::npos || lower.find("password") != std::string::npos ||
         lower.find("token") != std::string::npos;
}

void collect_secrets(const json::value& value, bool is_secret, std::set<std::string>& into) {
  constexpr std::size_t shortest = 12;  // shorter ones are found by accident
  if (const auto* text = value.if_string(); text != nullptr && is_secret && text->size() >= shortest)
    into.emplace(*text);
  if (const auto* object = value.if_object()) {
    for (const json::key_value_pair& each : *object)
      collect_secrets(each.value(), is_secret || is_secret_name(each.key()), into);
  }
  if (const auto* array = value.if_array()) {
    for (const json::value& each : *array) collect_secrets(each, is_secret, into);
  }
}

}  // namespace

void RequestForm::check(milliseconds time, const Call& call, Findings& findings) {
  const Asked& asked = call.asked;
  const auto wrong = [&](int duty, const std::string& what) {
    findings.add(time, call, Party::platform, duty, what);
  };
  const net::Headers& headers = call.request.headers;
  if (asked.verb == Verb::unknown) return wrong(10, "the API has no such request");
  if (!is_minor_version(headers.get("X-Broker-API-Version")))
    wrong(1, "X-Broker-API-Version is not MAJOR.MINOR");
  const auto identity = headers.find("X-Broker-API-Originating-Identity");
  const bool must_say_who =
      asked.verb == Verb::provision || asked.verb == Verb::update || asked.verb == Verb::bind;
  if (identity) {
    if (const std::string problem = identity_problem(*identity, asked); !problem.empty()) wrong(3, problem);
  } else if (must_say_who) {
    wrong(3, "a request that a user has caused has no originating identity");
  }
  const std::string request_identity(headers.get("X-Broker-API-Request-Identity"));
  if (request_identity.empty()) {
    wrong(5, "X-Broker-API-Request-Identity is missing");
  } else if (!identities_.insert(request_identity).second) {
    wrong(5, "the request identity was another request's");
  }
  if (!call.request.body.empty() && headers.get("Content-Type") != "application/json")
    wrong(7, "the body is not said to be application/json");
  if (!is_encoded(call.request.target)) wrong(8, "the target holds characters that are not encoded");

  const bool is_rotation = !asked.text("predecessor_binding_id").empty();
  const auto need = [&](int duty, std::string_view member) {
    if (asked.text(member).empty()) wrong(duty, "the body has no " + std::string(member));
  };
  if (!call.request.body.empty() && !asked.body) return wrong(7, "the body is no JSON object");
  switch (asked.verb) {
    case Verb::provision:
      for (const std::string_view member : {"service_id", "plan_id", "organization_guid", "space_guid"})
        need(40, member);
      check_context(asked, wrong);
      break;
    case Verb::update:
      need(48, "service_id");
      if (asked.members().contains("context")) check_context(asked, wrong);
      break;
    case Verb::bind:
      if (!is_rotation) {
        need(54, "service_id");
        need(54, "plan_id");
      }
      check_context(asked, wrong);
      break;
    case Verb::deprovision:
    case Verb::unbind:
      if (asked.service_id.empty() || asked.plan_id.empty())
        wrong(67, "service_id or plan_id is missing in the query");
      break;
    case Verb::instance_operation:
    case Verb::binding_operation:
      if (asked.service_id.empty() || asked.plan_id.empty())
        wrong(32, "service_id or plan_id is missing in the query");
      if (asked.has_operation && asked.operation.empty()) wrong(32, "the operation is empty");
      break;
    default:
      break;
  }
  if (asked.instance.empty() && asked.verb != Verb::catalog) wrong(43, "the instance's id is empty");
}

bool is_allowed_status(const Asked& asked, int status) {
  // What any request may be refused with, and what says nothing about it.
  if (status >= 500 || status == 400 || status == 401 || status == 403 || status == 408 || status == 412 ||
      status == 413 || status == 429)
    return true;
  switch (asked.verb) {
    case Verb::catalog:
      return status == 200 || status == 304;
    case Verb::provision:
    case Verb::bind:
      return status == 200 || status == 201 || status == 202 || status == 409 || status == 422;
    case Verb::update:  // 409: an instance of another namespace
      return status == 200 || status == 202 || status == 409 || status == 422;
    case Verb::deprovision:
    case Verb::unbind:
      return status == 200 || status == 202 || status == 409 || status == 410 || status == 422;
    case Verb::instance_operation:
    case Verb::binding_operation:
      return status == 200 || status == 404 || status == 410;
    case Verb::fetch_instance:
      return status == 200 || status == 404 || status == 422;
    case Verb::fetch_binding:
      return status == 200 || status == 404 || status == 422;
    case Verb::unknown:
      return status >= 400;
  }
  return true;
}

void AnswerForm::check(milliseconds time, const Call& call, const Told& told, Findings& findings) {
  const auto wrong = [&](int duty, const std::string& what) {
    findings.add(time, call, Party::broker, duty, told.what() + ": " + what);
  };
  const net::Headers& asked_with = call.request.headers;
  const std::string_view identity = asked_with.get("X-Broker-API-Request-Identity");
  if (!identity.empty() && told.headers.get("X-Broker-API-Request-Identity") != identity)
    wrong(5, "the request's identity is not repeated");
  if (!told.is_empty && !told.headers.get("Content-Type").starts_with("application/json"))
    wrong(7, "the body is not said to be application/json");
  if (!is_allowed_status(call.asked, told.status)) wrong(10, "the endpoint has no such status");
  const bool is_plain = told.headers.get("Content-Encoding").empty();
  if (!told.is_empty && is_plain && !told.body) wrong(11, "the body is no JSON object");
  if (told.status >= 400) {
    check_error(time, call, told, findings);
  } else {
    check_success(time, call, told, findings);
  }
  const bool may_fail_usable =
      call.asked.verb == Verb::update || call.asked.verb == Verb::deprovision ||
      (call.asked.verb == Verb::instance_operation && told.text("state") == "failed");
  const bool is_failure = told.status >= 400 || call.asked.verb == Verb::instance_operation;
  for (const std::string_view member : {"instance_usable", "update_repeatable"}) {
    const bool of_update = member == "instance_usable" || call.asked.verb != Verb::deprovision;
    if (told.members().contains(member) && !(may_fail_usable && is_failure && of_update))
      wrong(12, std::string(member) + " is not for this answer");
  }
  if (told.body) check_secrets(time, call, told, core::to_text(*told.body), findings);
}

void AnswerForm::check_error(milliseconds time, const Call& call, const Told& told,
                             Findings& findings) const {
  const auto wrong = [&](int duty, const std::string& what) {
    findings.add(time, call, Party::broker, duty, told.what() + ": " + what);
  };
  for (const std::string_view member : {"error", "description"}) {
    const json::value* value = told.members().if_contains(member);
    if (value != nullptr && (!value->is_string() || value->get_string().empty()))
      wrong(11, std::string(member) + " is no text, or is empty");
  }
  const std::string code = told.text("error");
  const bool is_word = std::ranges::all_of(code, [](unsigned char c) { return std::isalnum(c) != 0; });
  if (!is_word) wrong(11, "error is no single word");
  if (std::ranges::find(codes, code) != codes.end() && told.status != 422)
    wrong(13, "the error " + code + " goes with 422");
  if (told.status == 422 && call.asked.changes() && told.text("description").empty())
    wrong(50, "what cannot be done is not described");
}

void AnswerForm::check_success(milliseconds time, const Call& call, const Told& told,
                               Findings& findings) const {
  const Asked& asked = call.asked;
  const auto wrong = [&](int duty, const std::string& what) {
    findings.add(time, call, Party::broker, duty, told.what() + ": " + what);
  };
  if (told.status == 202 && !asked.accepts_incomplete)
    wrong(27, "the platform did not say that it accepts incomplete answers");
  const json::value* operation = told.members().if_contains("operation");
  constexpr std::size_t longest = 10'000;
  if (operation != nullptr && !operation->is_null()) {
    if (!operation->is_string() || operation->get_string().size() > longest)
      wrong(29, "operation is no text of at most 10,000 characters");
    if (asked.verb == Verb::update && operation->is_string() && operation->get_string().empty())
      wrong(29, "operation is empty");
  }
  const json::value* dashboard = told.members().if_contains("dashboard_url");
  if (dashboard != nullptr && !dashboard->is_string() && !dashboard->is_null())
    wrong(44, "dashboard_url is neither a text nor null");
  if (asked.is_poll()) {
    const std::string state = told.text("state");
    if (state != "in progress" && state != "succeeded" && state != "failed")
      wrong(33, "state is none of those that are specified");
    const json::value* description = told.members().if_contains("description");
    if (description != nullptr && (!description->is_string() || description->get_string().empty()))
      wrong(33, "description is no text, or is empty");
  }
  const bool may_have_credentials =
      asked.verb == Verb::fetch_binding || (asked.verb == Verb::bind && told.status != 202);
  const json::value* credentials = told.members().if_contains("credentials");
  if (credentials != nullptr && !may_have_credentials)
    wrong(asked.verb == Verb::bind ? 55 : 56, "credentials are not for this answer");
  if (may_have_credentials && (credentials == nullptr || !credentials->is_object()))
    wrong(56, "there are no credentials");
  const auto renew = core::find_string(told.members(), {"metadata", "renew_before"});
  const auto expires = core::find_string(told.members(), {"metadata", "expires_at"});
  for (const std::string_view date : {renew, expires}) {
    if (!date.empty() && !core::parse_rfc3339(date)) wrong(60, "a date of the metadata cannot be read");
  }
  if (!renew.empty() && !expires.empty() && core::parse_rfc3339(renew) > core::parse_rfc3339(expires))
    wrong(60, "renew_before is after expires_at");
}

void AnswerForm::check_secrets(milliseconds time, const Call& call, const Told& told, const std::string& text,
                               Findings& findings) {
  const bool gives = call.asked.verb == Verb::bind || call.asked.verb == Verb::fetch_binding;
  if (gives && told.status < 300) {
    if (const json::value* credentials = told.members().if_contains("credentials"))
      collect_secrets(*credentials, false, secrets_);
    return;
  }
  for (const std::string& secret : secrets_) {
    if (text.find(secret) == std::string::npos) continue;
    findings.add(time, call, Party::broker, 61, told.what() + ": the answer holds a credential");
    return;
  }
}

}  // namespace simulation::osb_check
