// The catalog's controllers with everything around them in memory: a Kubernetes API, a broker that does as it
// is told, and a clock that only moves when nothing else can.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>

#include "async/task_group.hpp"
#include "catalog/controllers/controllers.hpp"
#include "fault_points.hpp"
#include "objects.hpp"
#include "testing/fake_kube_api.hpp"
#include "testing/manual_clock.hpp"

namespace catalog {

// A broker at the other end of a transport. Answers a call with what was planned for it, in order; the last
// plan stays. Without a plan it does at once what it is asked. It keeps what it made: also where its answer
// was an error that leaves that open, so that what is still there in the end is an orphan.
class ScriptedBroker {
 public:
  struct Answer {
    int status = 200;
    std::string body = "{}";
    net::Headers headers;
    std::optional<core::Error> error;  // instead of an answer
    bool hangs = false;                // no answer before the caller's time is over
  };

  // call: catalog, provision, update, deprovision, last_operation, bind, unbind, fetch_binding
  void plan(const std::string& call, std::vector<Answer> answers) {
    plans_[call] = {answers.begin(), answers.end()};
  }
  [[nodiscard]] std::size_t calls(std::string_view call) const;
  [[nodiscard]] const net::Request& last(std::string_view call) const;
  // All calls but those of the catalog, in order: "provision last_operation".
  [[nodiscard]] std::string story() const;
  // The instances and bindings that are there: "instance-id", "instance-id/binding-id".
  [[nodiscard]] const std::set<std::string>& things() const { return things_; }
  [[nodiscard]] std::unique_ptr<net::Transport> transport(async::Clock& clock);

 private:
  friend class ScriptedTransport;
  [[nodiscard]] Answer next(const net::Request& request);
  void keep_books(const net::Request& request, const Answer& answer);
  [[nodiscard]] static std::string call_of(const net::Request& request);

  std::map<std::string, std::deque<Answer>> plans_;
  std::vector<std::pair<std::string, net::Request>> seen_;
  std::set<std::string> things_;
};

class World {
 public:
  // A week of retries, the controllers' own default, is ten thousand of them.
  static constexpr std::chrono::hours retry_duration{6};
  explicit World(ControllerOptions options = {.reconciliation_retry_duration = retry_duration});
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // --- collections ---
  static constexpr const char* catalog_path = "/apis/servicecatalog.k8s.io/v1beta1/";
  [[nodiscard]] static std::string of(const kube::Resource& resource);

  // --- what users do ---
  void create_broker(std::string_view patch = "{}");
  void create_instance(std::string_view patch = "{}");
  void create_binding(std::string_view patch = "{}");
  void edit(const kube::Resource& resource, const std::string& name,
            std::string_view patch);                                     // raises generation
  void remove(const kube::Resource& resource, const std::string& name);  // as kubectl delete does

  // --- what they see; nullptr where it is gone ---
  [[nodiscard]] const json::object* instance_now() const;
  [[nodiscard]] const json::object* binding_now() const;
  [[nodiscard]] const json::object* broker_now() const;
  [[nodiscard]] const json::object* secret_now(const std::string& name = "s3-binding") const;
  [[nodiscard]] std::string reason(const json::object* object, std::string_view type = "Ready") const;
  [[nodiscard]] std::string message(const json::object* object, std::string_view type = "Ready") const;
  [[nodiscard]] std::size_t writes(
      std::string_view resource) const;  // API requests that change something, events left out
  [[nodiscard]] bool has_event(std::string_view reason) const;

  // Lets everything run, time included, until it holds; false where it does not within that much (virtual)
  // time.
  template <class Condition>
  [[nodiscard]] bool until(Condition holds, std::chrono::milliseconds within = std::chrono::seconds(10)) {
    const async::Clock::TimePoint end = clock.now() + within;
    while (true) {
      settle();
      if (holds()) return true;
      if (clock.now() >= end) return false;
      const async::Clock::TimePoint next = std::min({clock.next_due(), watches_end_, watches_tell(), end});
      clock.advance(std::max(std::chrono::ceil<std::chrono::milliseconds>(next - clock.now()),
                             std::chrono::milliseconds(1)));
      if (clock.now() >= watches_end_) end_watches();
      if (clock.now() >= watches_tell()) tell_held_events();
    }
  }
  void let_pass(std::chrono::milliseconds time) {
    (void)until([] { return false; }, time);
  }
  void restart();  // the controllers are killed and started again
  // From now on watches tell nothing before it is so old: what the controllers know lags behind the API.
  void tell_late(std::chrono::milliseconds delay);

  boost::asio::io_context io;
  fakes::FakeKubeApi api;
  fakes::ManualClock clock;
  core::Metrics metrics;
  FaultPoints faults;  // a crash is followed by a restart
  ScriptedBroker broker;
  ScriptedBroker other_broker;  // at https://other.example.com

 private:
  void settle();
  void end_watches();                                    // as a server does when their time is over
  [[nodiscard]] async::Clock::TimePoint watches_tell();  // what they hold back
  void tell_held_events();
  void start();
  void stop();

  async::Clock::TimePoint watches_end_;
  std::chrono::milliseconds lag_{0};
  std::optional<async::Clock::TimePoint> watches_tell_;
  ControllerOptions options_;
  std::unique_ptr<net::Transport> transport_;
  kube::Client client_;
  std::unique_ptr<Controllers> controllers_;
  std::unique_ptr<async::TaskGroup> tasks_;
};

}  // namespace catalog
