// A webhook's own certificate: made once for all replicas, renewed, and trusted by who calls.
#include "catalog/admission/self_managed_tls.hpp"

#include <list>

#include <gtest/gtest.h>

#include "core/hash.hpp"
#include "tests/unit/runtime/loop.hpp"

namespace catalog::admission {
namespace {

using std::chrono::days;
using namespace std::chrono_literals;

constexpr const char* secrets = "/api/v1/secrets";
constexpr const char* mutating = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
constexpr const char* validating = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
const std::vector<std::string> names{"webhook.catalog.svc"};

core::SystemTime in(days time) {
  return core::now() + time;
}

ServingCertificate made() {
  return *renewed(std::nullopt, names, core::now());
}

TEST(ServingCertificate, survives_being_kept_in_a_secret) {
  const ServingCertificate certificate = made();
  const auto read = from_data({{"data", to_data(certificate)}});
  ASSERT_TRUE(read);
  EXPECT_EQ(to_data(*read), to_data(certificate));
  EXPECT_FALSE(from_data({}));
  json::object broken = to_data(certificate);
  broken["tls.key"] = "bm9uZQ==";
  EXPECT_FALSE(from_data({{"data", broken}}));
}

TEST(ServingCertificate, is_kept_until_its_end_is_near) {
  const ServingCertificate certificate = made();
  for (const days time : {days(0), serving_lifetime - serving_renewal - days(1)})
    EXPECT_EQ(renewed(certificate, names, in(time))->tls.certificate_pem, certificate.tls.certificate_pem);

  const auto next = renewed(certificate, names, in(serving_lifetime - serving_renewal + days(1)));
  EXPECT_NE(next->tls.certificate_pem, certificate.tls.certificate_pem);
  EXPECT_EQ(next->ca_bundle, certificate.ca_bundle) << "callers need not learn to trust another CA";
}

TEST(ServingCertificate, gets_the_names_that_it_lacks) {
  const auto next = renewed(made(), {"webhook.catalog.svc", "webhook.elsewhere.svc"}, core::now());
  const auto facts = net::inspect(next->tls);
  EXPECT_EQ(std::ranges::count(facts->names, "webhook.elsewhere.svc"), 1);
}

TEST(ServingCertificate, of_a_new_ca_leaves_the_old_one_trusted) {
  const ServingCertificate certificate = made();
  const auto next = renewed(certificate, names, in(ca_lifetime - ca_renewal + days(1)));
  EXPECT_TRUE(next->ca_bundle.ends_with(certificate.ca_bundle));
  EXPECT_GT(next->ca_bundle.size(), certificate.ca_bundle.size());
  const auto third = renewed(*next, names, in(2 * ca_lifetime));
  EXPECT_EQ(third->ca_bundle.find(certificate.ca_bundle), std::string::npos) << "but not the one before that";
}

class SelfManagedTlsTest : public runtime::Loop {
 protected:
  struct Replica {
    explicit Replica(SelfManagedTlsTest& test)
        : own(test.io_.get_executor(), test.client_, test.clock_,
              {.secret = {.namespace_ = "catalog", .name = "tls"},
               .configuration = "catalog",
               .dns_names = names}) {}
    async::Task<> work() {
      served.push_back((co_await own.first()).certificate_pem);
      co_await own.run([this](const net::ServerTls& tls) -> core::Result<> {
        served.push_back(tls.certificate_pem);
        return {};
      });
    }
    SelfManagedTls own;
    std::vector<std::string> served;
  };

  const Replica& start_replica() {
    Replica& replica = replicas_.emplace_back(*this);
    start(replica.work());
    return replica;
  }
  void install(const char* collection, std::string_view ca_bundle = {}) {
    json::object client{{"url", "https://webhook.catalog.svc/"}};
    if (!ca_bundle.empty()) client["caBundle"] = ca_bundle;
    const json::object webhook{{"name", "one"}, {"clientConfig", std::move(client)}};
    api_.put(collection,
             {{"metadata", json::object{{"name", "catalog"}}}, {"webhooks", json::array{webhook, webhook}}});
    settle();
  }
  std::string trusted(const char* collection, std::size_t webhook = 0) const {
    const json::object& configuration = *api_.find(collection, "", "catalog");
    return std::string(core::find_string(configuration.at("webhooks").at(webhook).as_object(),
                                         {"clientConfig", "caBundle"}));
  }
  std::string kept(const char* name) const {
    return std::string(core::find_string(*api_.find(secrets, "catalog", "tls"), {"data", name}));
  }

 private:
  std::list<Replica> replicas_;  // until their tasks have ended
};

TEST_F(SelfManagedTlsTest, is_the_same_for_every_replica) {
  const Replica& one = start_replica();
  const Replica& other = start_replica();
  ASSERT_EQ(one.served.size(), 1U);
  EXPECT_EQ(one.served, other.served);
  EXPECT_EQ(core::base64_decode(kept("tls.crt")).value(), one.served.front());
}

TEST_F(SelfManagedTlsTest, waits_for_an_api_server_that_cannot_be_reached) {
  api_.fail_next({.kind = core::ErrorKind::unavailable, .message = "connection refused", .code = {}}, 2);
  const Replica& one = start_replica();
  EXPECT_TRUE(one.served.empty());
  pass(5s);
  pass(5s);
  EXPECT_EQ(one.served.size(), 1U);
}

TEST_F(SelfManagedTlsTest, is_trusted_by_configurations_whenever_they_come_and_whoever_changes_them) {
  install(mutating, "c29tZW9uZSBlbHNlJ3M=");
  start_replica();
  EXPECT_EQ(trusted(mutating), kept("ca.crt"));
  EXPECT_EQ(trusted(mutating, 1), kept("ca.crt"));
  install(validating);
  EXPECT_EQ(trusted(validating), kept("ca.crt"));
  install(mutating);
  EXPECT_EQ(trusted(mutating), kept("ca.crt"));
}

TEST_F(SelfManagedTlsTest, follows_what_another_replica_wrote) {
  install(mutating);
  const Replica& one = start_replica();
  ServingCertificate next = made();
  json::object secret = *api_.find(secrets, "catalog", "tls");
  secret["data"] = to_data(next);
  api_.put(secrets, secret);
  settle();
  EXPECT_EQ(one.served.back(), next.tls.certificate_pem);
  EXPECT_EQ(trusted(mutating), kept("ca.crt"));
}

TEST_F(SelfManagedTlsTest, is_made_anew_where_its_secret_was_deleted_or_spoilt) {
  install(mutating);
  const Replica& one = start_replica();
  api_.erase(secrets, "catalog", "tls");
  settle();
  EXPECT_EQ(one.served.size(), 2U);
  json::object secret = *api_.find(secrets, "catalog", "tls");
  secret["data"] = json::object{{"tls.crt", "none"}};
  api_.put(secrets, secret);
  settle();
  EXPECT_EQ(one.served.size(), 3U);
  EXPECT_EQ(trusted(mutating), kept("ca.crt"));
}

}  // namespace
}  // namespace catalog::admission
