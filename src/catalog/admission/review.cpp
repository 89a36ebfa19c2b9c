#include "catalog/admission/review.hpp"

#include "catalog/admission/admission.hpp"
#include "core/hash.hpp"
#include "core/log.hpp"
#include "net/router.hpp"

namespace catalog::admission {

namespace {

// An AdmissionReview holds the object twice, as it is and as it shall be, each as large as etcd takes one;
// escaped, they may be longer.
constexpr core::JsonLimits review_limits{.max_bytes = largest_review, .max_depth = 128};

// A member's name as a step of a JSON pointer (RFC 6901).
std::string escaped(std::string_view name) {
  std::string result;
  for (char c : name) {
    if (c == '~') {
      result += "~0";
    } else if (c == '/') {
      result += "~1";
    } else {
      result += c;
    }
  }
  return result;
}

void add_differences(const std::string& pointer, const json::value& from, const json::value& to,
                     json::array& patch) {
  if (from == to) return;
  if (!from.is_object() || !to.is_object()) {
    patch.push_back(json::object{{"op", "replace"}, {"path", pointer}, {"value", to}});
    return;
  }
  for (const json::key_value_pair& member : from.get_object()) {
    if (to.get_object().contains(member.key())) continue;
    patch.push_back(json::object{{"op", "remove"}, {"path", pointer + "/" + escaped(member.key())}});
  }
  for (const json::key_value_pair& member : to.get_object()) {
    std::string step = pointer + "/" + escaped(member.key());
    if (const json::value* old = from.get_object().if_contains(member.key())) {
      add_differences(step, *old, member.value(), patch);
    } else {
      patch.push_back(json::object{{"op", "add"}, {"path", step}, {"value", member.value()}});
    }
  }
}

json::object object_or_empty(const json::object& request, std::string_view field) {
  const json::object* found = core::find_object(request, {field});
  return found ? *found : json::object();
}

User read_user(const json::object& request) {
  User user;
  user.username = core::find_string(request, {"userInfo", "username"});
  user.uid = core::find_string(request, {"userInfo", "uid"});
  if (const json::array* groups = core::find_array(request, {"userInfo", "groups"})) {
    for (const json::value& group : *groups) {
      if (group.is_string()) user.groups.emplace_back(group.get_string());
    }
  }
  if (const json::object* extra = core::find_object(request, {"userInfo", "extra"})) user.extra = *extra;
  return user;
}

}  // namespace

json::array json_patch_between(const json::value& from, const json::value& to) {
  json::array patch;
  add_differences("", from, to, patch);
  return patch;
}

core::Result<Review> read_review(const json::value& body) {
  const json::object* request = core::find_object(body, {"request"});
  if (core::find_string(body, {"kind"}) != "AdmissionReview" || !request) {
    return core::fail(core::ErrorKind::invalid, "the body must be an AdmissionReview with a request");
  }
  Review review;
  review.uid = core::find_string(*request, {"uid"});
  if (review.uid.empty()) return core::fail(core::ErrorKind::invalid, "request.uid is missing");
  std::string_view operation = core::find_string(*request, {"operation"});
  Request& result = review.request;
  if (operation == "CREATE") {
    result.operation = Operation::create;
  } else if (operation == "UPDATE") {
    result.operation = Operation::update;
  } else {
    result.operation = Operation::remove;
  }
  result.resource = {.group = std::string(core::find_string(*request, {"resource", "group"})),
                     .version = std::string(core::find_string(*request, {"resource", "version"})),
                     .kind = std::string(core::find_string(*request, {"kind", "kind"})),
                     .plural = std::string(core::find_string(*request, {"resource", "resource"})),
                     .namespaced = !core::find_string(*request, {"namespace"}).empty()};
  result.subresource = core::find_string(*request, {"subResource"});
  result.key = {std::string(core::find_string(*request, {"namespace"})),
                std::string(core::find_string(*request, {"name"}))};
  result.object = object_or_empty(*request, "object");
  result.old_object = object_or_empty(*request, "oldObject");
  result.user = read_user(*request);
  result.dry_run = core::find_bool(*request, {"dryRun"}).value_or(false);
  return review;
}

json::object answer_review(const Review& review, WebhookKind kind,
                           const core::Result<json::object>& admitted) {
  json::object response{{"uid", review.uid}, {"allowed", admitted.has_value()}};
  if (!admitted) {
    bool theirs = admitted.error().kind == core::ErrorKind::invalid ||
                  admitted.error().kind == core::ErrorKind::forbidden;
    int code = admitted.error().kind == core::ErrorKind::invalid ? 422 : 403;
    response["status"] = json::object{{"code", theirs ? code : 500}, {"message", admitted.error().message}};
  } else if (kind == WebhookKind::mutating) {
    json::array patch = json_patch_between(review.request.object, *admitted);
    if (!patch.empty()) {
      response["patchType"] = "JSONPatch";
      response["patch"] = core::base64_encode(core::to_text(patch));
    }
  }
  return {
      {"apiVersion", "admission.k8s.io/v1"}, {"kind", "AdmissionReview"}, {"response", std::move(response)}};
}

async::Task<net::Response> handle_review(const net::Request& request, WebhookKind kind, Lookup& lookup) {
  core::Result<json::value> body = core::parse_json(request.body, review_limits);
  core::Result<Review> review = body ? read_review(*body) : core::Result<Review>(core::fail(body.error()));
  if (!review) co_return net::text_response(400, review.error().message + "\n");
  Request to_admit = review->request;
  core::Result<json::object> admitted = co_await admit(std::move(to_admit), lookup);
  if (!admitted && &lookup.fresh() != &lookup) {  // nobody is refused for what has changed in the meantime
    Request once_more = review->request;
    admitted = co_await admit(std::move(once_more), lookup.fresh());
  }
  if (!admitted) {  // the user is told why; the words may quote a secret in the wrong place
    core::log::info("Denied", {{"kind", review->request.resource.kind},
                               {"object", review->request.key.to_string()},
                               {"user", review->request.user.username},
                               {"code", admitted.error().code}});
  }
  co_return net::json_response(200, core::to_text(answer_review(*review, kind, admitted)));
}

}  // namespace catalog::admission
