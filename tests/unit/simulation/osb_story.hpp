// Conversations with a broker, told request by request, for the tests of their checker.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "core/hash.hpp"
#include "simulation/checks/osb_conversation.hpp"

namespace simulation {

using std::chrono::minutes;
using std::chrono::seconds;

inline const std::string plan_p =
    R"({"id":"p","name":"small","description":"d","maintenance_info":{"version":"1.0.0"}})";
inline const std::string plan_q =
    R"({"id":"q","name":"large","description":"d","maintenance_info":{"version":"1.0.0"}})";

// `flags` and `plans` are members and a list in JSON.
inline std::string catalog_of(const std::string& flags, const std::string& plans) {
  return R"({"services":[{"id":"s","name":"db","description":"d","bindable":true)" +
         (flags.empty() ? "" : "," + flags) + R"(,"plans":[)" + plans + "]}]}";
}
inline const std::string all_flags =
    R"("instances_retrievable":true,"bindings_retrievable":true,"allow_context_updates":true,"plan_updateable":true)";

class Story {
 public:
  OsbConversation check;
  milliseconds now{1000};
  std::string process = "manager-1", broker = "broker-1";

  Story() { kube("PUT", "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/l", 200, "{}"); }

  struct Sent {
    std::uint64_t number = 0;
    net::Request request;
    std::string process, broker;
  };

  // --- the steps of a request
  Sent send(net::Request request) {
    const auto set = [&](const char* name, const std::string& value) {
      if (!request.headers.find(name)) request.headers.set(name, value);
    };
    set("X-Broker-API-Version", "2.17");
    set("X-Broker-API-Request-Identity", fmt::format("request-{}", ++count_));
    set("X-Broker-API-Originating-Identity",
        "kubernetes " + core::base64_encode(R"({"username":"u","uid":"1","groups":[],"extra":{}})"));
    if (!request.body.empty()) set("Content-Type", "application/json");
    Sent sent{.number = ++number_, .request = std::move(request), .process = process, .broker = broker};
    check.sent(now, {.client = sent.process, .server = sent.broker}, sent.number, sent.request);
    return sent;
  }
  void handle(const Sent& sent, int status, const std::string& body = "{}", net::Headers headers = {}) {
    const net::Reply reply = reply_of(sent, status, body, std::move(headers));
    check.handled(now, {.client = sent.process, .server = sent.broker}, sent.number, sent.request, &reply);
  }
  void see(const Sent& sent, int status, const std::string& body = "{}", net::Headers headers = {}) {
    check.seen(now, {.client = sent.process, .server = sent.broker}, sent.number,
               reply_of(sent, status, body, std::move(headers)));
  }
  void see_nothing(const Sent& sent, core::ErrorKind why = core::ErrorKind::timeout) {
    check.seen(now, {.client = sent.process, .server = sent.broker}, sent.number, core::fail(why, ""));
  }
  // All of them, and a second passes.
  void ask(net::Request request, int status, const std::string& body = "{}",
           const net::Headers& headers = {}) {
    const Sent sent = send(std::move(request));
    handle(sent, status, body, headers);
    see(sent, status, body, headers);
    now += seconds(1);
  }
  // A write to the API server, as seen by its client with that status.
  void kube(const std::string& method, const std::string& path, int status, const std::string& body) {
    net::Request request{.method = method, .target = path};
    const Link link{.client = process, .server = api_};
    check.sent(now, link, ++number_, request);
    const net::Reply reply{.status = status, .headers = {}, .body = body};
    check.handled(now, link, number_, request, &reply);
    check.seen(now, link, number_, reply);
  }
  void instance_object(const std::string& metadata = "", const std::string& id = "i") {
    object("serviceinstances", "ServiceInstance", id, metadata, "");
  }
  void binding_object(const std::string& metadata = "", const std::string& status = "",
                      const std::string& id = "b") {
    object("servicebindings", "ServiceBinding", id, metadata, status);
  }
  // A write of the object's status that does not arrive.
  void write_fails(const std::string& id = "i", const std::string& kind = "serviceinstances") {
    kube("PATCH", path_of(kind, id), 500, "{}");
  }
  void is_deleted(const std::string& id = "i") {
    instance_object(R"("deletionTimestamp":"2026-01-01T00:00:00Z")", id);
  }
  void binding_is_deleted() { binding_object(R"("deletionTimestamp":"2026-01-01T00:00:00Z")"); }

  // --- requests
  static net::Request get_catalog() { return {.method = "GET", .target = "/v2/catalog"}; }
  static net::Request provision(const std::string& plan = "p", const std::string& parameters = "{}",
                                const std::string& namespace_ = "shop", const std::string& service = "s",
                                const std::string& id = "i") {
    return {
        .method = "PUT",
        .target = "/v2/service_instances/" + id + "?accepts_incomplete=true",
        .body = fmt::format(R"({{"service_id":"{}","plan_id":"{}","organization_guid":"o","space_guid":"n",
                "context":{},"parameters":{}}})",
                            service, plan, context(namespace_), parameters)};
  }
  // `members` of the body, in JSON.
  static net::Request update(const std::string& members) {
    return {.method = "PATCH",
            .target = "/v2/service_instances/i?accepts_incomplete=true",
            .body = R"({"service_id":"s",)" + members + "}"};
  }
  static net::Request change_plan(const std::string& to = "q", const std::string& from = "p") {
    return update(fmt::format(R"("plan_id":"{}","context":{},"previous_values":{{"plan_id":"{}"}})", to,
                              context("shop"), from));
  }
  static net::Request deprovision(const std::string& plan = "p", const std::string& service = "s") {
    return {.method = "DELETE",
            .target = fmt::format("/v2/service_instances/i?service_id={}&plan_id={}&accepts_incomplete=true",
                                  service, plan)};
  }
  static net::Request poll(const std::string& operation, const std::string& plan = "p",
                           const std::string& binding = "") {
    return {.method = "GET",
            .target = fmt::format("/v2/service_instances/i{}/last_operation?service_id=s&plan_id={}{}",
                                  binding.empty() ? "" : "/service_bindings/" + binding, plan,
                                  operation.empty() ? "" : "&operation=" + operation)};
  }
  static net::Request fetch() {
    return {.method = "GET", .target = "/v2/service_instances/i?service_id=s&plan_id=p"};
  }
  static net::Request bind(const std::string& members = "", const std::string& id = "b",
                           const std::string& namespace_ = "shop", const std::string& instance = "i") {
    return {
        .method = "PUT",
        .target =
            "/v2/service_instances/" + instance + "/service_bindings/" + id + "?accepts_incomplete=true",
        .body = fmt::format(
            R"({{"service_id":"s","plan_id":"p","context":{{"platform":"kubernetes","namespace":"{}","clusterid":"c"}}{}}})",
            namespace_, members.empty() ? "" : "," + members)};
  }
  static net::Request unbind(const std::string& id = "b") {
    return {.method = "DELETE",
            .target = "/v2/service_instances/i/service_bindings/" + id +
                      "?service_id=s&plan_id=p&accepts_incomplete=true"};
  }
  static net::Request fetch_binding(const std::string& id = "b") {
    return {.method = "GET",
            .target = "/v2/service_instances/i/service_bindings/" + id + "?service_id=s&plan_id=p"};
  }
  static std::string context(const std::string& namespace_) {
    return fmt::format(
        R"({{"platform":"kubernetes","namespace":"{}","clusterid":"c","instance_name":"database"}})",
        namespace_);
  }

  // --- what often comes first
  void offer(const std::string& flags = all_flags, const std::string& plans = plan_p + "," + plan_q) {
    ask(get_catalog(), 200, catalog_of(flags, plans));
  }
  void make() {
    ask(provision(), 202, R"({"operation":"create"})");
    ask(poll("create"), 200, R"({"state":"succeeded"})");
  }
  void make_binding(const std::string& id = "b") {
    ask(bind("", id), 201, R"({"credentials":{"password":"open-sesame-)" + id + R"("}})");
  }

 private:
  static std::string path_of(const std::string& kind, const std::string& id) {
    return "/apis/servicecatalog.k8s.io/v1beta1/namespaces/shop/" + kind + "/" + id + "/status";
  }
  void object(const std::string& kinds, const std::string& kind, const std::string& id,
              const std::string& metadata, const std::string& status) {
    kube(
        "PATCH", path_of(kinds, id), 200,
        fmt::format(
            R"({{"kind":"{}","metadata":{{"name":"{}","namespace":"shop","uid":"u"{}}},"spec":{{"externalID":"{}"}},"status":{{{}}}}})",
            kind, id, metadata.empty() ? "" : "," + metadata, id, status));
  }
  static net::Reply reply_of(const Sent& sent, int status, const std::string& body, net::Headers headers) {
    if (!headers.find("X-Broker-API-Request-Identity"))
      headers.set("X-Broker-API-Request-Identity",
                  std::string(sent.request.headers.get("X-Broker-API-Request-Identity")));
    if (!headers.find("Content-Type")) headers.set("Content-Type", "application/json");
    return {.status = status, .headers = std::move(headers), .body = body};
  }

  std::string api_ = "api";
  std::uint64_t number_ = 0, count_ = 0;
};

// One duty: a conversation that keeps it and one that breaks it.
struct Duty {
  int number;
  const char* name;
  void (*keeps)(Story&);
  void (*breaks)(Story&);
};

inline std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace simulation
