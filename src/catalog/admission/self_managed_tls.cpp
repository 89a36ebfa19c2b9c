#include "catalog/admission/self_managed_tls.hpp"

#include "async/task_group.hpp"
#include "async/wait.hpp"
#include "core/hash.hpp"
#include "core/log.hpp"

namespace catalog::admission {

namespace {

constexpr std::chrono::hours look_interval{12};  // at the ends of certificates; changes are watched
constexpr std::chrono::seconds retry_interval{5};

kube::Resource webhook_configurations(std::string kind, std::string plural) {
  return {.group = "admissionregistration.k8s.io",
          .version = "v1",
          .kind = std::move(kind),
          .plural = std::move(plural),
          .namespaced = false};
}

// Of one object, which is all that the program may see.
runtime::InformerOptions only(const kube::ObjectKey& key) {
  runtime::InformerOptions options;
  options.namespace_ = key.namespace_;
  options.field_selector = "metadata.name=" + key.name;
  return options;
}

bool set_ca_bundle(json::object& configuration, const std::string& ca_bundle) {
  bool changed = false;
  json::value* webhooks = configuration.if_contains("webhooks");
  if (webhooks == nullptr || !webhooks->is_array()) return false;
  for (json::value& webhook : webhooks->get_array()) {
    json::value* client = webhook.is_object() ? webhook.get_object().if_contains("clientConfig") : nullptr;
    if (client == nullptr || !client->is_object() || core::find_string(*client, {"caBundle"}) == ca_bundle)
      continue;
    client->get_object()["caBundle"] = ca_bundle;
    changed = true;
  }
  return changed;
}

}  // namespace

SelfManagedTls::SelfManagedTls(boost::asio::any_io_executor executor, kube::Client& client,
                               async::Clock& clock, SelfManagedTlsOptions options)
    : executor_(executor),
      client_(client),
      clock_(clock),
      options_(std::move(options)),
      secrets_(executor, client, clock, kube::resources::secrets, only(options_.secret)),
      mutating_(executor, client, clock,
                webhook_configurations("MutatingWebhookConfiguration", "mutatingwebhookconfigurations"),
                only({.namespace_ = {}, .name = options_.configuration})),
      validating_(executor, client, clock,
                  webhook_configurations("ValidatingWebhookConfiguration", "validatingwebhookconfigurations"),
                  only({.namespace_ = {}, .name = options_.configuration})),
      changed_(executor) {
  for (runtime::Informer* informer : {&secrets_, &mutating_, &validating_})
    informer->store().on_change([this](const runtime::Change&) { changed_.notify(); });
}

async::Task<net::ServerTls> SelfManagedTls::first() {
  while (true) {
    core::Result<ServingCertificate> agreed = co_await agree();
    if (agreed) {
      served_ = agreed->tls.certificate_pem;
      co_return std::move(agreed->tls);
    }
    core::log::warn("The webhook has no certificate yet", {{"error", agreed.error().message}});
    co_await clock_.sleep_for(retry_interval);
  }
}

async::Task<> SelfManagedTls::run(Serve serve) {
  async::TaskGroup tasks(executor_);
  for (runtime::Informer* informer : {&secrets_, &mutating_, &validating_})
    tasks.spawn("watch", informer->run());
  tasks.spawn("look after", look_after(serve));
  co_await tasks.join();
}

async::Task<> SelfManagedTls::look_after(const Serve& serve) {
  while (true) {
    core::Result<> done = co_await look_again(serve);
    if (!done) {
      core::log::warn("The webhook's certificate cannot be checked; trying again",
                      {{"error", done.error().message}});
    }
    const auto interval = done ? std::chrono::seconds(look_interval) : retry_interval;
    co_await async::wait_until(clock_, changed_, clock_.now() + interval);
  }
}

// Callers trust a CA before what it issued is served.
async::Task<core::Result<>> SelfManagedTls::look_again(const Serve& serve) {
  core::Result<ServingCertificate> agreed = co_await agree();
  if (!agreed) co_return core::fail(std::move(agreed.error()));
  const std::string ca_bundle = core::base64_encode(agreed->ca_bundle);
  for (runtime::Informer* configurations : {&mutating_, &validating_}) {
    core::Result<> put = co_await put_ca_into(*configurations, ca_bundle);
    if (!put) co_return put;
  }
  if (agreed->tls.certificate_pem == served_) co_return core::Result<>();
  core::Result<> serving = serve(agreed->tls);
  if (serving) {
    served_ = agreed->tls.certificate_pem;
    core::log::info("The webhook's certificate was renewed");
  }
  co_return serving;
}

// What the Secret holds, after it was brought up to date. Where another replica was quicker, what that wrote.
async::Task<core::Result<ServingCertificate>> SelfManagedTls::agree() {
  core::Result<json::object> secret = co_await client_.get(kube::resources::secrets, options_.secret);
  const bool exists = secret.has_value();
  if (!exists && secret.error().kind != core::ErrorKind::not_found)
    co_return core::fail(std::move(secret.error()));
  std::optional<ServingCertificate> current = exists ? from_data(*secret) : std::nullopt;
  core::Result<ServingCertificate> next =
      renewed(std::move(current), options_.dns_names, clock_.system_now());
  if (!next) co_return next;
  json::object data = to_data(*next);
  if (exists && secret->contains("data") && secret->at("data") == data) co_return next;
  core::Result<json::object> written;
  if (exists) {
    (*secret)["data"] = std::move(data);
    written = co_await client_.replace(kube::resources::secrets, std::move(*secret));
  } else {
    json::object created{
        {"metadata", json::object{{"namespace", options_.secret.namespace_}, {"name", options_.secret.name}}},
        {"type", "kubernetes.io/tls"},
        {"data", std::move(data)}};
    written = co_await client_.create(kube::resources::secrets, std::move(created));
  }
  if (written) co_return next;
  const core::ErrorKind kind = written.error().kind;
  if (kind == core::ErrorKind::conflict || kind == core::ErrorKind::already_exists)
    co_return co_await agree();
  co_return core::fail(std::move(written.error()));
}

async::Task<core::Result<>> SelfManagedTls::put_ca_into(runtime::Informer& configurations,
                                                        const std::string& ca_bundle) {
  const runtime::Object stored =
      configurations.store().get({.namespace_ = {}, .name = options_.configuration});
  if (!stored) co_return core::Result<>();  // installed later, or not yet listed: it will be announced
  json::object wanted = *stored;
  if (!set_ca_bundle(wanted, ca_bundle)) co_return core::Result<>();
  core::Result<json::object> written = co_await client_.replace(configurations.resource(), std::move(wanted));
  if (!written) {
    // Changed meanwhile: the watch brings what it is now.
    if (written.error().kind == core::ErrorKind::conflict) co_return core::Result<>();
    co_return core::fail(written.error().with_context(configurations.resource().kind));
  }
  configurations.apply_written(std::move(*written));
  core::log::info("The webhook's CA was written to its configuration",
                  {{"kind", configurations.resource().kind}, {"name", options_.configuration}});
  co_return core::Result<>();
}

}  // namespace catalog::admission
