#include "simulation/kernel/simulator.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "core/log.hpp"
#include "core/random.hpp"

namespace simulation {

Simulator::Simulator(std::uint64_t seed, std::string folder, Trace& to)
    : random(Random(seed).stream("simulator")),
      trace(to),
      folder_(std::move(folder)),
      schedule_(Random(seed).stream("schedule")),
      bytes_(Random(seed).stream("bytes")) {
  core::use_random_source([this](std::span<std::uint8_t> bytes) {
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(bytes_.next() >> 56U);
  });
  core::log::use_sink([this](core::log::Level, const std::string& line) {
    const Process* process = current_process();
    trace.note(timeline.since_start(), process != nullptr ? process->name() : "simulator", line);
  });
}

Simulator::~Simulator() {
  for (auto& [name, process] : processes_) kill(*process);
  core::log::use_sink({});
  core::use_random_source({});
}

Process& Simulator::add(const std::string& name, MakeProgram make) {
  std::filesystem::create_directories(folder_of(name));
  auto& process = processes_[name];
  process = std::make_unique<Process>(name, timeline, std::move(make));
  return *process;
}

void Simulator::kill(Process& process) {
  const std::string its_disk = folder_of(process.name());
  disk.freeze(its_disk, true);
  process.kill();
  disk.freeze(its_disk, false);
}

bool Simulator::run_ready() {
  std::vector<Process*> order;
  for (const auto& [name, process] : processes_) order.push_back(process.get());
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[schedule_.below(i)]);
  bool any = false;
  for (Process* process : order) {
    const std::size_t most = schedule_.chance(0.2) ? schedule_.between(1, 4) : Process::whole_turn;
    const std::size_t taken = process->run_ready(most);
    steps += taken;
    if (taken > 0) any = true;
  }
  return any;
}

// Those that have ended make room for their next life.
void Simulator::bury() {
  for (const auto& [name, process] : processes_) {
    if (!process->is_doomed() && !process->has_ended()) continue;
    trace.note(timeline.since_start(), name, process->is_doomed() ? "is killed" : "ends");
    kill(*process);
    if (on_end) on_end(*process);
  }
}

void Simulator::run_until(Instant end) {
  while (true) {
    bool any = true;
    while (any) {
      any = run_ready();
      bury();
    }
    if (on_rest) on_rest();
    const auto due = timeline.next_due();
    if (!due || *due > end) break;
    timeline.advance();
    bury();
  }
  timeline.pass_to(end);
}

}  // namespace simulation
