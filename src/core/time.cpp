#include "core/time.hpp"

#include <array>
#include <cctype>
#include <charconv>
#include <cstdio>

namespace core {

namespace {

using namespace std::chrono;

constexpr std::array<const char*, 7> weekday_names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Parts {
  int year, month, day, hour, minute, second, millisecond;
  unsigned weekday;
};

Parts parts_of(SystemTime time) {
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return {.year = static_cast<int>(date.year()),
          .month = static_cast<int>(static_cast<unsigned>(date.month())),
          .day = static_cast<int>(static_cast<unsigned>(date.day())),
          .hour = static_cast<int>(clock.hours().count()),
          .minute = static_cast<int>(clock.minutes().count()),
          .second = static_cast<int>(clock.seconds().count()),
          .millisecond = static_cast<int>(clock.subseconds().count()),
          .weekday = weekday(day).c_encoding()};
}

template <class... Arguments>
std::string format(const char* pattern, Arguments... arguments) {
  std::array<char, 64> buffer{};
  const int length = std::snprintf(buffer.data(), buffer.size(), pattern, arguments...);
  return {buffer.data(), static_cast<std::size_t>(length)};
}

// Reads exactly `count` digits at the front.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || std::tolower(static_cast<unsigned char>(text.front())) != expected) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

SystemTime now() {
  return time_point_cast<milliseconds>(system_clock::now());
}

std::string to_rfc3339(SystemTime time) {
  const Parts p = parts_of(time);
  return format("%04d-%02d-%02dT%02d:%02d:%02dZ", p.year, p.month, p.day, p.hour, p.minute, p.second);
}

std::string to_rfc3339_micros(SystemTime time) {
  const Parts p = parts_of(time);
  return format("%04d-%02d-%02dT%02d:%02d:%02d.%03d000Z", p.year, p.month, p.day, p.hour, p.minute, p.second,
                p.millisecond);
}

std::string to_rfc1123(SystemTime time) {
  const Parts p = parts_of(time);
  return format("%s, %02d %s %04d %02d:%02d:%02d GMT", weekday_names.at(p.weekday), p.day,
                month_names.at(static_cast<std::size_t>(p.month - 1)), p.year, p.hour, p.minute, p.second);
}

std::string to_aws_basic(SystemTime time) {
  const Parts p = parts_of(time);
  return format("%04d%02d%02dT%02d%02d%02dZ", p.year, p.month, p.day, p.hour, p.minute, p.second);
}

std::optional<SystemTime> parse_rfc3339(std::string_view text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day || !take(text, 't')) return std::nullopt;
  const auto hour = take_digits(text, 2);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || !take(text, ':')) return std::nullopt;
  const auto second = take_digits(text, 2);
  if (!second) return std::nullopt;
  const year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                            std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;

  int millisecond = 0;
  if (take(text, '.')) {
    int scale = 100;
    bool any = false;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
      millisecond += (text.front() - '0') * scale;
      scale /= 10;
      any = true;
      text.remove_prefix(1);
    }
    if (!any) return std::nullopt;
  }

  minutes offset{0};
  if (!take(text, 'z')) {
    if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
    const int sign = text.front() == '+' ? 1 : -1;
    text.remove_prefix(1);
    const auto offset_hours = take_digits(text, 2);
    if (!offset_hours || !take(text, ':')) return std::nullopt;
    const auto offset_minutes = take_digits(text, 2);
    if (!offset_minutes || *offset_hours > 23 || *offset_minutes > 59) return std::nullopt;
    offset = minutes(sign * (*offset_hours * 60 + *offset_minutes));
  }
  if (!text.empty()) return std::nullopt;
  return sys_days(date) + hours(*hour) + minutes(*minute) + seconds(*second) + milliseconds(millisecond) -
         offset;
}

Result<milliseconds> parse_duration(std::string_view text) {
  const auto wrong = [text] {
    return fail(ErrorKind::invalid,
                "\"" + std::string(text) + "\" is not a duration: write it as 15m, 1h30m, 10s or 250ms");
  };
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) rest.remove_prefix(1);
  if (rest == "0") return milliseconds(0);
  if (rest.empty()) return wrong();
  double total = 0;
  while (!rest.empty()) {
    double number = 0;
    const auto [end, status] =
        std::from_chars(rest.data(), rest.data() + rest.size(), number, std::chars_format::fixed);
    if (status != std::errc() || number < 0) return wrong();
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const std::size_t unit_length = rest.find_first_of("0123456789.");
    const std::string_view unit = rest.substr(0, unit_length);
    rest.remove_prefix(unit.size());
    if (unit == "h")
      total += number * 3'600'000;
    else if (unit == "m")
      total += number * 60'000;
    else if (unit == "s")
      total += number * 1'000;
    else if (unit == "ms")
      total += number;
    else if (unit == "us" || unit == "µs")
      total += number / 1'000;
    else if (unit == "ns")
      total += number / 1'000'000;
    else
      return wrong();
  }
  constexpr double most = 292.0 * 365 * 24 * 3'600'000;  // Go's largest duration
  if (total > most) return wrong();
  return milliseconds(static_cast<std::int64_t>(negative ? -total : total));
}

std::string to_duration_text(milliseconds duration) {
  const std::int64_t total = duration.count() < 0 ? -duration.count() : duration.count();
  const std::string sign = duration.count() < 0 ? "-" : "";
  if (total == 0) return "0s";
  if (total < 1000) return sign + std::to_string(total) + "ms";
  std::string text = sign;
  if (total >= 3'600'000) text += std::to_string(total / 3'600'000) + "h";
  if (total >= 60'000) text += std::to_string(total / 60'000 % 60) + "m";
  text += std::to_string(total / 1000 % 60);
  if (std::string fraction = std::to_string(1000 + total % 1000).substr(1); fraction != "000") {
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += "." + fraction;
  }
  return text + "s";
}

}  // namespace core
