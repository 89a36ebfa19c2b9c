#include "core/log.hpp"

#include <cstdio>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "core/time.hpp"

namespace core::log {

namespace {

Format chosen_format = Format::text;

Sink& chosen_sink() {
  static Sink sink;
  return sink;
}

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made = std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
  }
  return "info";
}

boost::json::value to_json(const Field& field) {
  return std::visit([](const auto& value) { return boost::json::value(value); }, field.value);
}

// Quotes what would end or fake a field or a line: spaces, quotes, control characters.
std::string as_text(const boost::json::value& value) {
  const auto* text = value.if_string();
  if (text == nullptr) return boost::json::serialize(value);
  const bool plain =
      !text->empty() && std::string_view(*text).find_first_of(" \"\\=\t\r\n") == std::string_view::npos;
  std::string quoted = boost::json::serialize(*text);
  if (plain && quoted.size() == text->size() + 2) return std::string(*text);
  return quoted;
}

// A message comes from us, but may carry the words of another side: control characters must not break the
// line.
std::string one_line(std::string_view message) {
  std::string line(message);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return line;
}

void add_fields(std::string& line, Fields fields) {
  for (const Field& field : fields) line += fmt::format("  {}={}", field.name, as_text(to_json(field)));
}

void write(Level level, std::string_view message, Fields fields) {
  if (!enabled(level)) return;
  if (const Sink& sink = chosen_sink()) {
    std::string line = fmt::format("{:<5} {}", name_of(level), one_line(message));
    add_fields(line, fields);
    sink(level, line);
    return;
  }
  if (chosen_format == Format::json) {
    boost::json::object line{
        {"ts", to_rfc3339_micros(now())}, {"level", name_of(level)}, {"msg", std::string_view(message)}};
    for (const Field& field : fields) line[field.name] = to_json(field);
    logger().log(to_spdlog(level), "{}", boost::json::serialize(line));
    return;
  }
  std::string line = fmt::format("{} {:<5} {}", to_rfc3339_micros(now()), name_of(level), one_line(message));
  add_fields(line, fields);
  logger().log(to_spdlog(level), "{}", line);
}

}  // namespace

void configure(Format format, Level level) {
  chosen_format = format;
  logger().set_level(to_spdlog(level));
}

void configure(std::string_view format, std::string_view level) {
  Level least = Level::info;
  for (const Level each : {Level::debug, Level::warn, Level::error}) {
    if (name_of(each) == level) least = each;
  }
  configure(format == "json" ? Format::json : Format::text, least);
}

void use_sink(Sink sink) {
  chosen_sink() = std::move(sink);
}

bool enabled(Level level) {
  return logger().should_log(to_spdlog(level));
}

void debug(std::string_view message, Fields fields) {
  write(Level::debug, message, fields);
}
void info(std::string_view message, Fields fields) {
  write(Level::info, message, fields);
}
void warn(std::string_view message, Fields fields) {
  write(Level::warn, message, fields);
}
void error(std::string_view message, Fields fields) {
  write(Level::error, message, fields);
}

}  // namespace core::log
