// The embedded control plane: a Kubernetes API server over an SQLite log, with the parts of the controller
// manager that its kinds need (garbage collection, namespace clean-up, expiry of events).
//
// Executor: the loop's thread; SQLite runs on one thread of its own. Writes wait until run() runs. run() ends
// when it is cancelled; requests after that are answered 503.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "apiserver/admission.hpp"
#include "async/clock.hpp"
#include "core/metrics.hpp"
#include "net/http.hpp"

namespace apiserver {

struct Token {
  std::string secret;
  UserInfo user;
};

struct ControlPlaneOptions {
  std::string data_dir;  // exists; holds state.db, state.key and tokens.key, all readable by the owner only
  std::vector<std::string> crd_texts;  // YAML, one CustomResourceDefinition each
  std::vector<Token> tokens;
  // Who calls through an InProcessTransport.
  UserInfo in_process_user{
      .username = "system:service-catalog", .uid = {}, .groups = {"system:masters"}, .extra = {}};
  std::chrono::seconds event_ttl = std::chrono::hours(1);
  std::chrono::seconds history = std::chrono::minutes(5);  // how far back watches can start at the least
  std::chrono::seconds bookmark_interval = std::chrono::minutes(1);
  // For SQLite: 1, or 0 for the loop's own (async/blocking_pool.hpp).
  std::size_t store_threads = 1;
};

class ControlPlane {
 public:
  // Errors: invalid (a CRD text: which and what), unavailable (the data folder's files).
  [[nodiscard]] static core::Result<std::unique_ptr<ControlPlane>> open(boost::asio::any_io_executor executor,
                                                                        async::Clock& clock,
                                                                        core::Metrics& metrics,
                                                                        ControlPlaneOptions options);
  ~ControlPlane();

  // Asked about every write from now on; outlives the control plane. (It may itself ask the control plane.)
  void set_admission(Admission& admission);
  // The whole API. It lives as long as the control plane.
  [[nodiscard]] net::Handler handler();
  [[nodiscard]] async::Task<> run();

 private:
  struct State;
  explicit ControlPlane(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace apiserver
