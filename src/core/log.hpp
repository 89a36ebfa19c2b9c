// One log line per event, as text for people or JSON for machines, on standard error.
//   core::log::info("Provisioned", {{"instance", id}, {"seconds", 3}});
// Values of secrets never come here: pass names, ids and counts.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace core::log {

enum class Level { debug, info, warn, error };
enum class Format { text, json };

struct Field {
  std::string_view name;
  std::variant<std::string, std::int64_t, double, bool> value;

  Field(std::string_view field_name, std::string_view text) : name(field_name), value(std::string(text)) {}
  Field(std::string_view field_name, const std::string& text) : name(field_name), value(text) {}
  Field(std::string_view field_name, const char* text) : name(field_name), value(std::string(text)) {}
  Field(std::string_view field_name, bool flag) : name(field_name), value(flag) {}
  Field(std::string_view field_name, double number) : name(field_name), value(number) {}
  template <class Integer>
    requires std::is_integral_v<Integer>
  Field(std::string_view field_name, Integer number)
      : name(field_name), value(static_cast<std::int64_t>(number)) {}
};
using Fields = std::initializer_list<Field>;

// Called once, before the first line. Without it: text, info.
void configure(Format format, Level level);
// The same from flags: "text" | "json"; "debug" | "info" | "warn" | "error".
void configure(std::string_view format, std::string_view level);
[[nodiscard]] bool enabled(Level level);
// Where lines go instead of standard error, as text without the time; empty: standard error again. For a
// simulation, which has a time of its own.
using Sink = std::function<void(Level level, const std::string& line)>;
void use_sink(Sink sink);

void debug(std::string_view message, Fields fields = {});
void info(std::string_view message, Fields fields = {});
void warn(std::string_view message, Fields fields = {});
void error(std::string_view message, Fields fields = {});

}  // namespace core::log
