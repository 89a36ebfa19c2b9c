// Everything of one seed: time, chance, disk, network, processes, and what happened.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "simulation/kernel/disk.hpp"
#include "simulation/kernel/network.hpp"
#include "simulation/kernel/process.hpp"
#include "simulation/kernel/random.hpp"
#include "simulation/kernel/timeline.hpp"
#include "simulation/kernel/trace.hpp"

namespace simulation {

class Simulator {
 public:
  // The seed decides from here on what core/random.hpp gives to the whole process.
  // `folder`: of the real file system, exists; a process's files are below <folder>/<its name>/.
  Simulator(std::uint64_t seed, std::string folder, Trace& trace);
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  Process& add(const std::string& name, MakeProgram make);
  [[nodiscard]] Process& process(const std::string& name) { return *processes_.at(name); }
  [[nodiscard]] std::string folder_of(const std::string& process) const {
    return folder_ + "/" + process + "/";
  }
  // Nothing of it goes on: what its disk has stays, what it had in memory does not.
  void kill(Process& process);

  // Takes steps and lets time pass, until nothing is to be done before that time.
  void run_until(Instant end);
  void run_for(milliseconds duration) { run_until(timeline.now() + duration); }

  // After a process has ended, been killed, or killed itself. Between two steps.
  std::function<void(Process&)> on_end;
  // After each step of time, when nothing is ready.
  std::function<void()> on_rest;

  Timeline timeline;
  Random random;
  Disk disk;
  Network network{timeline};
  Trace& trace;
  std::uint64_t steps = 0;

 private:
  [[nodiscard]] bool run_ready();
  void bury();

  std::string folder_;
  Random schedule_;
  Random bytes_;
  std::map<std::string, std::unique_ptr<Process>> processes_;
};

}  // namespace simulation
