#include "catalog/admission/lookup.hpp"

namespace catalog::admission {

using Objects = core::Result<std::vector<json::object>>;

namespace {

async::Task<Objects> list(kube::Client& client, kube::Resource resource, std::string namespace_,
                          std::string selector) {
  kube::ListOptions options;
  options.label_selector = std::move(selector);
  core::Result<kube::List> found =
      co_await client.list(std::move(resource), std::move(namespace_), std::move(options));
  if (!found) co_return core::fail(found.error());
  co_return std::move(found->items);
}

// https://pkg.go.dev/k8s.io/apimachinery/pkg/fields#EscapeValue
std::string escaped_value(std::string_view value) {
  std::string escaped;
  for (char c : value) {
    if (c == '\\' || c == ',' || c == '=') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace

std::string selector_of(std::string_view field, std::string_view value) {
  return field_label(field) + "=" + field_label_value(value);
}

std::string selector_of_class(const Scope& scope, std::string_view class_name) {
  return selector_of("spec." + std::string(scope.class_fields.ref) + ".name", class_name);
}

async::Task<Objects> KubeLookup::find_by_field(kube::Resource resource, std::string namespace_,
                                               std::string field, std::string value) {
  co_return co_await list(client_, std::move(resource), std::move(namespace_),
                          selector_of("spec." + field, value));
}

async::Task<Objects> KubeLookup::plans_of_class(const Scope& scope, std::string namespace_,
                                                std::string class_name) {
  co_return co_await list(client_, scope.plans, std::move(namespace_), selector_of_class(scope, class_name));
}

async::Task<core::Result<std::optional<json::object>>> KubeLookup::get(kube::Resource resource,
                                                                       kube::ObjectKey key) {
  core::Result<json::object> found = co_await client_.get(std::move(resource), std::move(key));
  if (!found && found.error().kind == core::ErrorKind::not_found) co_return std::optional<json::object>();
  if (!found) co_return core::fail(found.error());
  co_return std::optional<json::object>(std::move(*found));
}

async::Task<core::Result<bool>> KubeLookup::may_read_secret(User user, kube::ObjectKey secret) {
  json::object attributes{
      {"namespace", secret.namespace_}, {"verb", "get"},      {"group", ""}, {"version", "v1"},
      {"resource", "secrets"},          {"name", secret.name}};
  co_return co_await review(std::move(user), std::move(attributes));
}

async::Task<core::Result<bool>> KubeLookup::may(User user, std::string verb, kube::Resource resource,
                                                kube::ObjectKey object) {
  json::object attributes{{"namespace", object.namespace_}, {"verb", verb},
                          {"group", resource.group},        {"version", resource.version},
                          {"resource", resource.plural},    {"name", object.name}};
  co_return co_await review(std::move(user), std::move(attributes));
}

async::Task<Objects> KubeLookup::with_external_id(kube::Resource resource, std::string id) {
  constexpr int bad_request = 400;
  kube::ListOptions options;
  options.field_selector = "spec.externalID=" + escaped_value(id);
  core::Result<kube::List> found = co_await client_.list(resource, "", std::move(options));
  if (!found && found.error().http_status == bad_request) {
    kube::ListOptions all;
    found = co_await client_.list(std::move(resource), "", std::move(all));
  }
  if (!found) co_return core::fail(found.error());
  std::erase_if(found->items, [&](const json::object& object) {
    return core::find_string(object, {"spec", "externalID"}) != id;
  });
  co_return std::move(found->items);
}

async::Task<core::Result<bool>> KubeLookup::review(User user, json::object attributes) {
  json::object spec{{"user", user.username},
                    {"uid", user.uid},
                    {"groups", json::array(user.groups.begin(), user.groups.end())},
                    {"extra", user.extra},
                    {"resourceAttributes", std::move(attributes)}};
  json::object review{{"spec", std::move(spec)}};
  core::Result<json::object> answer =
      co_await client_.create(kube::resources::subject_access_reviews, std::move(review));
  if (!answer) co_return core::fail(answer.error());
  co_return core::find_bool(*answer, {"status", "allowed"}).value_or(false);
}

}  // namespace catalog::admission
