// A simulated process: a loop of its own, a program on it, a clock that may be wrong, and an end that can
// come between any two of its steps.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "async/clock.hpp"
#include "async/task.hpp"
#include "simulation/kernel/timeline.hpp"

namespace simulation {

class Process;

// What a process runs. Its members outlive its tasks. It is destroyed without a word where the process is
// killed.
class Program {
 public:
  virtual ~Program() = default;
  // The process ends by itself where this returns.
  [[nodiscard]] virtual async::Task<> run() = 0;
};
// Called at each start of the process.
using MakeProgram = std::function<std::unique_ptr<Program>(Process&)>;

// Time as one process sees it. Its wall clock may be off; its monotonic clock is right.
class ProcessClock final : public async::Clock {
 public:
  explicit ProcessClock(Timeline& timeline) : timeline_(timeline) {}
  [[nodiscard]] TimePoint now() const override { return timeline_.now(); }
  [[nodiscard]] core::SystemTime system_now() const override { return timeline_.system_now() + skew_; }
  [[nodiscard]] async::Task<> rest_until(TimePoint when) override;
  void set_skew(milliseconds skew) { skew_ = skew; }

 private:
  Timeline& timeline_;
  milliseconds skew_{0};
};

class Process {
 public:
  Process(std::string name, Timeline& timeline, MakeProgram make);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] ProcessClock& clock() { return clock_; }
  [[nodiscard]] boost::asio::any_io_executor executor() { return loop_->get_executor(); }

  void start();  // a new life
  // Nothing of it goes on, as after kill -9. Not from within one of its own steps: there doom() has it killed
  // as soon as the step returns.
  void kill();
  void doom();
  [[nodiscard]] bool is_doomed() const { return is_doomed_; }
  [[nodiscard]] bool is_running() const { return program_ != nullptr; }
  [[nodiscard]] bool has_ended() const {
    return has_ended_;
  }  // its program has returned, and nobody has noticed
  // As SIGSTOP: it takes no step, and time goes on.
  void pause(bool paused) { is_paused_ = paused; }
  [[nodiscard]] bool is_paused() const { return is_paused_; }
  // Which life: what was sent in an earlier one must not arrive in a later one.
  [[nodiscard]] std::uint64_t life() const { return life_; }

  // As many steps as there are, also those that they make ready.
  static constexpr std::size_t whole_turn = 10'000;
  // Takes up to `most` steps; returns how many there were.
  std::size_t run_ready(std::size_t most);

 private:
  // Its services can be shut down before they are destroyed, so that the tasks end before what they use.
  class Loop : public boost::asio::io_context {
   public:
    Loop() : io_context(1) {}
    using execution_context::shutdown;
  };

  std::string name_;
  ProcessClock clock_;
  MakeProgram make_;
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<Program> program_;
  bool is_doomed_ = false;
  bool is_paused_ = false;
  bool has_ended_ = false;
  std::uint64_t life_ = 0;
};

// The process whose step is being taken; null between steps.
[[nodiscard]] Process* current_process();

}  // namespace simulation
