#include "runtime/events.hpp"

#include "loop.hpp"
#include "runtime/event_correlator.hpp"

namespace runtime {
namespace {

constexpr const char* events = "/api/v1/events";

class EventsTest : public Loop {
 protected:
  EventsTest() {
    regarding_ = {
        {"apiVersion", "servicecatalog.k8s.io/v1beta1"},
        {"kind", "ServiceInstance"},
        {"metadata", {{"namespace", "demo"}, {"name", "a"}, {"uid", "u-1"}, {"resourceVersion", "5"}}}};
  }

  json::object written(std::size_t index = 0) const {
    std::size_t at = 0;
    for (const net::Request& request : api_.requests()) {
      if (request.method == "POST" && at++ == index)
        return core::parse_json(request.body).value().as_object();
    }
    return {};
  }
  void record(std::string_view reason, std::string_view message) {
    recorder_.record(regarding_, EventType::normal, reason, message);
    settle();
  }

  json::object regarding_;
  EventRecorder recorder_{io_.get_executor(), client_, clock_, {.component = "catalog"}};
};

TEST_F(EventsTest, say_what_happened_to_which_object) {
  start(recorder_.run());
  recorder_.record(regarding_, EventType::warning, "ProvisionCallFailed", "no such bucket");
  settle();
  const json::object event = written();
  EXPECT_EQ(core::find_string(event, {"type"}), "Warning");
  EXPECT_EQ(core::find_string(event, {"reason"}), "ProvisionCallFailed");
  EXPECT_EQ(core::find_string(event, {"message"}), "no such bucket");
  EXPECT_EQ(core::find_string(event, {"source", "component"}), "catalog");
  EXPECT_EQ(core::find_string(event, {"firstTimestamp"}), "2026-01-31T10:00:00Z");
  EXPECT_EQ(core::find_int(event, {"count"}), 1);
  EXPECT_EQ(core::find_string(event, {"metadata", "namespace"}), "demo");
  EXPECT_TRUE(core::find_string(event, {"metadata", "name"}).starts_with("a."));
  EXPECT_EQ(
      core::to_text(*core::find(event, {"involvedObject"})),
      R"({"apiVersion":"servicecatalog.k8s.io/v1beta1","kind":"ServiceInstance","name":"a","uid":"u-1","resourceVersion":"5","namespace":"demo"})");
}

TEST_F(EventsTest, of_cluster_scoped_objects_are_kept_in_the_default_namespace) {
  start(recorder_.run());
  core::erase(regarding_, {"metadata", "namespace"});
  record("FetchedCatalog", "27 classes");
  EXPECT_EQ(core::find_string(written(), {"metadata", "namespace"}), "default");
  EXPECT_EQ(core::find(written(), {"involvedObject", "namespace"}), nullptr);
}

TEST_F(EventsTest, that_repeat_raise_a_count) {
  start(recorder_.run());
  record("Provisioning", "step");
  clock_.advance(10s);
  record("Provisioning", "step");
  record("Provisioning", "step");
  ASSERT_EQ(api_.count(events), 1U);
  const json::object* event =
      api_.find(events, "demo", std::string(core::find_string(written(), {"metadata", "name"})));
  ASSERT_NE(event, nullptr);
  EXPECT_EQ(core::find_int(*event, {"count"}), 3);
  EXPECT_EQ(core::find_string(*event, {"firstTimestamp"}), "2026-01-31T10:00:00Z");
  EXPECT_EQ(core::find_string(*event, {"lastTimestamp"}), "2026-01-31T10:00:10Z");
  record("Provisioning", "another step");
  EXPECT_EQ(api_.count(events), 2U);
}

TEST_F(EventsTest, that_have_expired_on_the_server_are_created_anew) {
  start(recorder_.run());
  record("Provisioning", "step");
  api_.erase(events, "demo", std::string(core::find_string(written(), {"metadata", "name"})));
  record("Provisioning", "step");
  EXPECT_EQ(api_.count(events), 1U);
  EXPECT_EQ(core::find_int(written(1), {"count"}), 2);
}

TEST_F(EventsTest, have_messages_of_1024_bytes_at_most_cut_between_characters) {
  start(recorder_.run());
  std::string message(1020, 'x');
  for (int i = 0; i < 10; ++i) message += "ü";
  record("Reason", message);
  EXPECT_EQ(core::find_string(written(), {"message"}), std::string(1020, 'x') + "...");
}

TEST_F(EventsTest, are_written_when_the_server_is_back) {
  api_.fail_next({.kind = core::ErrorKind::unavailable, .message = "connection refused"}, 2);
  start(recorder_.run());
  record("Reason", "message");
  EXPECT_EQ(api_.count(events), 0U);
  pass(1s);
  pass(1s);
  EXPECT_EQ(api_.count(events), 1U);
}

TEST_F(EventsTest, that_the_server_refuses_do_not_stop_the_others) {
  api_.answer_next(
      403, R"({"kind":"Status","reason":"Forbidden","code":403,"message":"namespace is terminating"})");
  start(recorder_.run());
  record("First", "message");
  record("Second", "message");
  EXPECT_EQ(api_.count(events), 1U);
  record("First", "message");
  EXPECT_EQ(core::find_int(written(2), {"count"}), 1) << "the refused one is forgotten";
}

TEST_F(EventsTest, are_dropped_when_the_queue_is_full_and_recording_never_waits) {
  EventRecorder small(io_.get_executor(), client_, clock_, {.component = "catalog", .queue_capacity = 2});
  for (int i = 0; i < 5; ++i) small.record(regarding_, EventType::normal, "Reason", std::to_string(i));
  EXPECT_EQ(small.dropped(), 3U);
  start(small.run());
  EXPECT_EQ(api_.count(events), 2U);
  tasks_.cancel();
  settle();
}

json::object event(std::string reason, std::string message, std::string object_name = "a") {
  return {{"metadata", {{"name", object_name + ".1"}}},
          {"involvedObject", {{"kind", "ServiceInstance"}, {"name", object_name}}},
          {"type", "Normal"},
          {"reason", reason},
          {"message", message},
          {"count", 1}};
}

const core::SystemTime noon = std::chrono::sys_days(std::chrono::year(2026) / 1 / 31) + 12h;

TEST(EventCorrelator, combines_many_different_messages_of_the_same_reason) {
  EventCorrelator correlator(100);
  for (int i = 0; i < 10; ++i) {
    const auto write = correlator.correlate(event("Reason", "message " + std::to_string(i)), noon);
    EXPECT_EQ(core::find_string(write->event, {"message"}), "message " + std::to_string(i));
    EXPECT_TRUE(write->patch.empty());
  }
  const auto first = correlator.correlate(event("Reason", "message 10"), noon);
  EXPECT_EQ(core::find_string(first->event, {"message"}), "(combined from similar events): message 10");
  EXPECT_TRUE(first->patch.empty());
  const auto second = correlator.correlate(event("Reason", "message 11"), noon);
  EXPECT_EQ(core::find_int(second->patch, {"count"}), 2);
  EXPECT_EQ(core::find_string(second->patch, {"message"}), "(combined from similar events): message 11");
  // Ten quiet minutes later a message stands for itself again.
  const auto later = correlator.correlate(event("Reason", "message 12"), noon + 11min);
  EXPECT_EQ(core::find_string(later->event, {"message"}), "message 12");
}

TEST(EventCorrelator, lets_an_object_have_25_events_in_a_burst_and_then_one_in_five_minutes) {
  EventCorrelator correlator(100);
  for (int i = 0; i < 25; ++i) EXPECT_TRUE(correlator.correlate(event("Reason", "message"), noon)) << i;
  EXPECT_FALSE(correlator.correlate(event("Reason", "message"), noon));
  EXPECT_TRUE(correlator.correlate(event("Reason", "message", "b"), noon))
      << "another object has a budget of its own";
  EXPECT_FALSE(correlator.correlate(event("Reason", "message"), noon + 299s));
  EXPECT_TRUE(correlator.correlate(event("Reason", "message"), noon + 300s));
  EXPECT_FALSE(correlator.correlate(event("Reason", "message"), noon + 300s));
}

TEST(BoundedMap, forgets_what_was_used_least_recently) {
  BoundedMap<int> map(2);
  map["a"] = 1;
  map["b"] = 2;
  EXPECT_EQ(map["a"], 1);
  map["c"] = 3;
  EXPECT_EQ(map.size(), 2U);
  EXPECT_EQ(map["a"], 1);
  EXPECT_EQ(map["b"], 0);
}

}  // namespace
}  // namespace runtime
