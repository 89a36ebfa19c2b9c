#include "aws/credentials/shared_files.hpp"

#include <algorithm>

#include "core/file.hpp"
#include "core/text.hpp"

namespace aws {

namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// "[profile prod]" → "prod" in the config file; other kinds of section (sso-session, services) give "".
std::string profile_of(std::string_view section, bool is_config) {
  section = trimmed(section);
  constexpr std::string_view prefix = "profile ";
  if (!is_config || section == "default") return std::string(section);
  if (!section.starts_with(prefix)) return {};
  std::string_view name = trimmed(section.substr(prefix.size()));
  if (name.size() > 1 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
  return std::string(name);
}

core::Result<std::map<std::string, ProfileSettings, std::less<>>> read_one(const std::string& path,
                                                                           bool is_config) {
  auto text = core::read_file(path);
  if (!text && text.error().kind == core::ErrorKind::not_found) return {};
  if (!text) return core::fail(std::move(text.error()));
  auto parsed = parse_shared_file(*text, is_config);
  if (!parsed) return core::fail(parsed.error().with_context(path));
  return parsed;
}

std::string path_of(const Environment& environment, const std::string& variable, const std::string& file) {
  std::string path = environment(variable);
  return path.empty() ? environment("HOME") + "/.aws/" + file : path;
}

}  // namespace

core::Result<std::map<std::string, ProfileSettings, std::less<>>> parse_shared_file(std::string_view text,
                                                                                    bool is_config) {
  std::map<std::string, ProfileSettings, std::less<>> profiles;
  ProfileSettings* current = nullptr;
  int number = 0;
  while (!text.empty()) {
    ++number;
    const std::string_view raw = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(raw.size() + 1, text.size()));
    const bool nested = raw.starts_with(' ') || raw.starts_with('\t');
    std::string_view line = trimmed(raw);
    if (line.empty() || line.front() == '#' || line.front() == ';' || nested) continue;
    if (line.front() == '[') {
      const std::size_t end = line.find(']');
      if (end == std::string_view::npos)
        return core::fail(core::ErrorKind::invalid, "line " + std::to_string(number) + ": ']' is missing");
      const std::string name = profile_of(line.substr(1, end - 1), is_config);
      current = name.empty() ? nullptr : &profiles[name];
      continue;
    }
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) {
      return core::fail(core::ErrorKind::invalid,
                        "line " + std::to_string(number) + ": expected \"name = value\"");
    }
    if (current == nullptr) continue;
    std::string key = core::to_lower(trimmed(line.substr(0, equals)));
    std::string_view value = line.substr(equals + 1);
    value = trimmed(value.substr(0, std::min(value.find(" #"), value.find(" ;"))));
    (*current)[std::move(key)] = std::string(value);
  }
  return profiles;
}

core::Result<SharedFiles> read_shared_files(const Environment& environment) {
  SharedFiles files;
  files.config_path = path_of(environment, "AWS_CONFIG_FILE", "config");
  files.credentials_path = path_of(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
  auto config = read_one(files.config_path, true);
  if (!config) return core::fail(std::move(config.error()));
  auto credentials = read_one(files.credentials_path, false);
  if (!credentials) return core::fail(std::move(credentials.error()));
  files.profiles = std::move(*config);
  for (auto& [name, settings] : *credentials) {
    for (auto& [key, value] : settings) files.profiles[name][key] = std::move(value);
  }
  return files;
}

}  // namespace aws
