#include "catalog/admission/facts.hpp"
#include "catalog/policies/restrictions.hpp"
#include "core/hash.hpp"
#include "net/url.hpp"

namespace catalog::admission {

namespace {

void set_defaults(Request& request) {
  json::object& spec = spec_of(request.object);
  if (core::find_string(spec, {"relistBehavior"}).empty()) spec["relistBehavior"] = "Duration";
  std::int64_t old_requests = core::find_int(request.old_object, {"spec", "relistRequests"}).value_or(0);
  if (core::find_int(spec, {"relistRequests"}).value_or(0) == 0) spec["relistRequests"] = old_requests;
  if (request.operation == Operation::create) add_finalizer(request.object);
}

core::Result<> check_connection(const BrokerView& broker) {
  if (broker.url().empty())
    return invalid("spec.url", "is required: the broker's address, such as https://broker.example.com");
  core::Result<net::Url> url = net::Url::parse(broker.url());
  if (!url) return invalid("spec.url", url.error().message);
  if (!url->query.empty()) return invalid("spec.url", "must have no query: paths are appended to it");
  if (broker.insecure_skip_tls_verify() && !broker.ca_bundle().empty()) {
    return invalid("spec.insecureSkipTLSVerify", "cannot be used together with caBundle: remove one of them");
  }
  core::Result<std::string> ca = core::base64_decode(broker.ca_bundle());
  if (!ca || (!ca->empty() && !ca->contains("-----BEGIN CERTIFICATE-----"))) {
    return invalid("spec.caBundle", "must be PEM certificates, base64-encoded");
  }
  return {};
}

core::Result<> check_relisting(const BrokerView& broker) {
  if (core::find(broker.spec(), {"relistDuration"}) && !broker.relist_duration()) {
    return invalid("spec.relistDuration", "must be a duration greater than zero, such as 15m0s");
  }
  if (core::find_int(broker.spec(), {"relistRequests"}).value_or(0) < 0) {
    return invalid("spec.relistRequests", "must not be negative");
  }
  return {};
}

core::Result<> check_relist_requests(const Request& request) {
  std::int64_t before = core::find_int(request.old_object, {"spec", "relistRequests"}).value_or(0);
  std::int64_t after = core::find_int(request.object, {"spec", "relistRequests"}).value_or(0);
  if (after < before)
    return invalid("spec.relistRequests", "must not decrease; it is " + std::to_string(before));
  return {};
}

core::Result<> check_auth(const BrokerView& broker, const User& user, const BrokerFacts& facts) {
  const json::object* info = core::find_object(broker.spec(), {"authInfo"});
  if (!info || info->empty()) return {};
  if (info->contains("basic") && info->contains("bearer"))
    return invalid("spec.authInfo", "set basic or bearer");
  std::optional<AuthReference> auth = broker.auth();
  if (!auth || auth->secret.name.empty()) {
    return invalid("spec.authInfo", "secretRef.name is required: the Secret with the credentials");
  }
  if (auth->secret.namespace_.empty()) return invalid("spec.authInfo", "secretRef.namespace is required");
  if (auto checked = check_secret_name("spec.authInfo.secretRef.name", auth->secret.name); !checked)
    return checked;
  if (facts.may_read_auth_secret == false) {
    return forbidden("spec.authInfo: user \"" + user.username + "\" may not get Secret \"" +
                     auth->secret.to_string() + "\": use a Secret that you may read, or ask for permission");
  }
  return {};
}

}  // namespace

Admitted admit_broker(Request request, const Scope& scope, const BrokerFacts& facts) {
  set_defaults(request);
  BrokerView broker(request.object);
  if (core::Result<> checked = check_connection(broker); !checked) return core::fail(checked.error());
  if (core::Result<> checked = check_relisting(broker); !checked) return core::fail(checked.error());
  if (core::Result<> checked = check_relist_requests(request); !checked) return core::fail(checked.error());
  if (core::Result<> checked = check_auth(broker, request.user, facts); !checked)
    return core::fail(checked.error());
  auto restrictions =
      CatalogRestrictions::parse(scope, broker.class_restrictions(), broker.plan_restrictions());
  if (!restrictions) return core::fail(core::ErrorKind::invalid, restrictions.error().message, "Invalid");
  return std::move(request.object);
}

}  // namespace catalog::admission
