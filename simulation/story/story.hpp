// What a seed tells: who does what when, and how badly the network behaves. A value, so that it can be
// printed, cut down, and told again.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "simulation/kernel/random.hpp"

namespace simulation {

using std::chrono::milliseconds;

enum class ActKind {
  // users
  create_instance,
  edit_parameters,
  edit_plan,
  apply_instance,    // server-side apply of the whole manifest
  replace_instance,  // PUT of the manifest, without what others have filled in
  touch_instance,    // spec.updateRequests
  delete_instance,
  create_binding,
  replace_binding,
  delete_binding,
  rotate_binding,
  delete_secret,
  strip_finalizers,
  pause,
  resume,
  move_instance,   // to another namespace or cluster: the same external id
  claim_instance,  // of another namespace or cluster, by its external id, without being allowed to
  save_objects,
  restore_objects,
  // operators
  relist_broker,
  readdress_broker,  // its URL changes, and the old one leads nowhere any more
  install_template,
  break_template,
  mend_templates,
  save_cluster,
  restore_cluster,
  save_records,
  restore_records,
  // accidents
  kill_process,
  lose_power,
  pause_process,
  jump_clock,
  fill_disk,
  cut_network,
  throttle_aws,
  fail_aws,
  fail_stacks,
  change_stack,
  delete_stack,
};
inline constexpr int act_kinds = static_cast<int>(ActKind::delete_stack) + 1;

// `who`, `what` and `how` are drawn large; whoever performs the act takes them modulo what there is.
struct Act {
  milliseconds at;  // after the set-up
  ActKind kind;
  std::uint32_t who = 0, what = 0, how = 0;
};

// Chances of each message, while the story lasts.
struct Noise {
  std::uint64_t seed = 0;
  double refused = 0, lost = 0, answer_lost = 0, doubled = 0, failed_before = 0, failed_after = 0,
         garbled = 0, foreign = 0, late = 0, client_dies = 0, server_dies = 0, stream_breaks = 0,
         stream_late = 0;
};

struct NoiseKind {
  const char* name;
  double Noise::* chance;
};
inline constexpr NoiseKind noise_kinds[] = {
    {"refused", &Noise::refused},
    {"lost", &Noise::lost},
    {"answer-lost", &Noise::answer_lost},
    {"doubled", &Noise::doubled},
    {"failed-before", &Noise::failed_before},
    {"failed-after", &Noise::failed_after},
    {"garbled", &Noise::garbled},
    {"foreign", &Noise::foreign},
    {"late", &Noise::late},
    {"client-dies", &Noise::client_dies},
    {"server-dies", &Noise::server_dies},
    {"stream-breaks", &Noise::stream_breaks},
    {"stream-late", &Noise::stream_late},
};

struct Story {
  std::uint64_t seed = 0;
  int clusters = 1, managers = 1, brokers = 1;
  bool dynamodb = false;
  Noise noise;
  std::vector<Act> acts;  // by time
  milliseconds length{};
};

[[nodiscard]] Story draw_story(std::uint64_t seed);
[[nodiscard]] const char* name_of(ActKind kind);

// As files in simulation/stories have it: a line for each act.
[[nodiscard]] std::string to_text(const Story& story);
// Error: invalid, naming the line.
[[nodiscard]] core::Result<Story> parse_story(const std::string& text);

}  // namespace simulation
