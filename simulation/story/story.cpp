#include "simulation/story/story.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace simulation {

namespace {

struct Kind {
  const char* name;
  int weight;  // how often, beside the others
};

constexpr std::array<Kind, act_kinds> kinds{{
    {"create-instance", 14}, {"edit-parameters", 10},
    {"edit-plan", 6},        {"apply-instance", 5},
    {"replace-instance", 5}, {"touch-instance", 2},
    {"delete-instance", 8},  {"create-binding", 12},
    {"replace-binding", 3},  {"delete-binding", 7},
    {"rotate-binding", 5},   {"delete-secret", 2},
    {"strip-finalizers", 2}, {"pause", 1},
    {"resume", 2},           {"move-instance", 2},
    {"claim-instance", 2},   {"save-objects", 2},
    {"restore-objects", 3},  {"relist-broker", 2},
    {"readdress-broker", 1}, {"install-template", 2},
    {"break-template", 1},   {"mend-templates", 1},
    {"save-cluster", 1},     {"restore-cluster", 1},
    {"save-records", 1},     {"restore-records", 1},
    {"kill-process", 8},     {"lose-power", 3},
    {"pause-process", 3},    {"jump-clock", 2},
    {"fill-disk", 1},        {"cut-network", 3},
    {"throttle-aws", 2},     {"fail-aws", 2},
    {"fail-stacks", 3},      {"change-stack", 1},
    {"delete-stack", 1},
}};

ActKind draw_kind(Random& random, const std::array<int, act_kinds>& weights) {
  int sum = 0;
  for (const int weight : weights) sum += weight;
  auto left = static_cast<int>(random.below(static_cast<std::uint64_t>(sum)));
  for (int kind = 0; kind < act_kinds; ++kind) {
    left -= weights[static_cast<std::size_t>(kind)];
    if (left < 0) return static_cast<ActKind>(kind);
  }
  return ActKind::create_instance;
}

// Each kind of noise is on in some stories only ("swarm testing", Groce et al. 2012): where all are on at
// once, little gets far enough to go wrong in an interesting way.
Noise draw_noise(Random& random) {
  Noise noise;
  noise.seed = random.next();
  if (random.chance(0.25)) return noise;
  for (double* chance :
       {&noise.refused, &noise.lost, &noise.answer_lost, &noise.doubled, &noise.failed_before,
        &noise.failed_after, &noise.garbled, &noise.foreign, &noise.late}) {
    if (random.chance(0.35)) *chance = random.chance(0.5) ? 0.02 : 0.15;
  }
  for (double* chance : {&noise.client_dies, &noise.server_dies}) {
    if (random.chance(0.35)) *chance = random.chance(0.5) ? 0.001 : 0.01;
  }
  for (double* chance : {&noise.stream_breaks, &noise.stream_late}) {
    if (random.chance(0.4)) *chance = 0.3;
  }
  return noise;
}

}  // namespace

Story draw_story(std::uint64_t seed) {
  Random random = Random(seed).stream("story");
  Story story{.seed = seed};
  story.clusters = random.chance(0.15) ? 2 : 1;
  story.managers = random.chance(0.4) ? 2 : 1;
  story.brokers = random.chance(0.3) ? 2 : 1;
  story.dynamodb = random.chance(0.4);
  story.noise = draw_noise(random);
  std::array<int, act_kinds> weights{};
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    const bool is_basic = kind == static_cast<std::size_t>(ActKind::create_instance) ||
                          kind == static_cast<std::size_t>(ActKind::create_binding);
    weights[kind] = is_basic || random.chance(0.5) ? kinds[kind].weight : 0;
  }
  const std::uint64_t count = random.between(4, random.chance(0.2) ? 60 : 20);
  story.length = milliseconds(random.between(60'000, random.chance(0.2) ? 14'400'000 : 1'800'000));
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto at = milliseconds(random.below(static_cast<std::uint64_t>(story.length.count())));
    const ActKind kind = i < 2 ? ActKind::create_instance : draw_kind(random, weights);
    const auto draw = [&random] { return static_cast<std::uint32_t>(random.next() >> 33U); };
    story.acts.push_back(
        {.at = i == 0 ? milliseconds(0) : at, .kind = kind, .who = draw(), .what = draw(), .how = draw()});
  }
  // Much happens shortly after something else has: half of the acts move to another's heels.
  for (std::size_t i = 2; i < story.acts.size(); ++i) {
    if (!random.chance(0.5)) continue;
    story.acts[i].at =
        story.acts[random.below(i)].at + milliseconds(random.below(random.chance(0.5) ? 500 : 20'000));
  }
  std::ranges::sort(story.acts, {}, &Act::at);
  story.length = std::max(story.length, story.acts.back().at + milliseconds(1000));
  return story;
}

const char* name_of(ActKind kind) {
  return kinds.at(static_cast<std::size_t>(kind)).name;
}

}  // namespace simulation
