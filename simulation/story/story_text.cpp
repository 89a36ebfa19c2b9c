// Stories as text.
#include <sstream>

#include <fmt/format.h>

#include "simulation/story/story.hpp"

namespace simulation {

namespace {

bool read_noise(std::istringstream& line, Noise& noise) {
  std::string name;
  double chance = 0;
  if (!(line >> name >> chance)) return false;
  for (const NoiseKind& each : noise_kinds) {
    if (name != each.name) continue;
    noise.*each.chance = chance;
    return true;
  }
  return false;
}

bool read_act(std::istringstream& line, Story& story) {
  std::int64_t at = 0;
  std::string name;
  Act act{};
  if (!(line >> at >> name >> act.who >> act.what >> act.how)) return false;
  for (int kind = 0; kind < act_kinds; ++kind) {
    if (name != name_of(static_cast<ActKind>(kind))) continue;
    act.at = milliseconds(at);
    act.kind = static_cast<ActKind>(kind);
    story.acts.push_back(act);
    return true;
  }
  return false;
}

bool read_line(const std::string& text, Story& story) {
  std::istringstream line(text);
  std::string word;
  if (!(line >> word) || word.starts_with('#')) return true;
  if (word == "seed") return static_cast<bool>(line >> story.seed);
  if (word == "noise-seed") return static_cast<bool>(line >> story.noise.seed);
  if (word == "clusters") return line >> story.clusters && story.clusters >= 1 && story.clusters <= 3;
  if (word == "managers") return line >> story.managers && story.managers >= 1 && story.managers <= 3;
  if (word == "brokers") return line >> story.brokers && story.brokers >= 1 && story.brokers <= 3;
  if (word == "noise") return read_noise(line, story.noise);
  if (word == "at") return read_act(line, story);
  if (word == "store") {
    std::string store;
    story.dynamodb = line >> store && store == "dynamodb";
    return store == "dynamodb" || store == "sqlite";
  }
  if (word == "length") {
    std::int64_t length = 0;
    if (!(line >> length)) return false;
    story.length = milliseconds(length);
    return true;
  }
  return false;
}

}  // namespace

std::string to_text(const Story& story) {
  std::string text =
      fmt::format("seed {}\nclusters {}\nmanagers {}\nbrokers {}\nstore {}\nlength {}\nnoise-seed {}\n",
                  story.seed, story.clusters, story.managers, story.brokers,
                  story.dynamodb ? "dynamodb" : "sqlite", story.length.count(), story.noise.seed);
  for (const NoiseKind& each : noise_kinds) {
    if (story.noise.*each.chance > 0)
      text += fmt::format("noise {} {}\n", each.name, story.noise.*each.chance);
  }
  for (const Act& act : story.acts)
    text += fmt::format("at {} {} {} {} {}\n", act.at.count(), name_of(act.kind), act.who, act.what, act.how);
  return text;
}

core::Result<Story> parse_story(const std::string& text) {
  Story story;
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (!read_line(line, story))
      return core::fail(core::ErrorKind::invalid, fmt::format("line {} cannot be read: {}", number, line));
  }
  if (story.acts.empty()) return core::fail(core::ErrorKind::invalid, "a story needs acts");
  return story;
}

}  // namespace simulation
