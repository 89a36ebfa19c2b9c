#include "apiserver/column.hpp"

#include "core/text.hpp"

namespace apiserver {

namespace {

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : core::to_text(value);
}

json::value age_of(std::string_view time_text, core::SystemTime now) {
  const auto time = core::parse_rfc3339(time_text);
  if (!time) return "<invalid>";
  return json::value(human_duration(now - *time));
}

std::size_t size_of(const json::value& value) {
  if (const json::object* object = value.if_object()) return object->size();
  if (const json::array* list = value.if_array()) return list->size();
  return 0;
}

json::value reference_of(const json::value& value) {
  std::string text = core::to_lower(core::find_string(value, {"kind"}));
  return json::value(text.append("/").append(core::find_string(value, {"name"})));
}

json::value plain_cell(const std::vector<const json::value*>& found, const std::string& type,
                       core::SystemTime now) {
  if (found.empty() || found.front()->is_null()) return nullptr;
  const json::value& value = *found.front();
  if (type == "date") return value.is_string() ? age_of(value.get_string(), now) : json::value("<invalid>");
  if (type == "integer")
    return value.is_int64() || value.is_uint64() ? value
           : value.is_double()                   ? json::value(static_cast<std::int64_t>(value.get_double()))
                                                 : json::value(nullptr);
  if (type == "number") return value.is_number() ? value : json::value(nullptr);
  if (type == "boolean") return value.is_bool() ? value : json::value(nullptr);
  std::string text;
  for (const json::value* part : found) text += (text.empty() ? "" : " ") + text_of(*part);
  return json::value(text);
}

// "count(.data, .binaryData)" → the function's name and its arguments.
std::string split_call(std::string_view text, std::vector<std::string_view>& arguments) {
  const std::size_t open = text.find('(');
  if (text.starts_with('.') || text.starts_with('[') || open == std::string_view::npos ||
      !text.ends_with(')')) {
    arguments.push_back(text);
    return {};
  }
  std::string_view inside = text.substr(open + 1, text.size() - open - 2);
  while (!inside.empty()) {
    const std::size_t comma = std::min(inside.find(", "), inside.size());
    arguments.push_back(inside.substr(0, comma));
    inside.remove_prefix(std::min(comma + 2, inside.size()));
  }
  return std::string(text.substr(0, open));
}

}  // namespace

std::string human_duration(std::chrono::milliseconds duration) {
  using namespace std::chrono;
  const auto whole = duration_cast<seconds>(duration).count();
  if (whole < -1) return "<invalid>";
  if (whole < 0) return "0s";
  const auto two = [](std::int64_t first, char first_unit, std::int64_t second, char second_unit) {
    std::string text = std::to_string(first) + first_unit;
    return second == 0 ? text : text + std::to_string(second) + second_unit;
  };
  const std::int64_t minutes_total = whole / 60;
  const std::int64_t hours_total = minutes_total / 60;
  const std::int64_t days_total = hours_total / 24;
  const std::int64_t years = days_total / 365;
  if (whole < 120) return std::to_string(whole) + "s";
  if (minutes_total < 10) return two(minutes_total, 'm', whole % 60, 's');
  if (minutes_total < 180) return std::to_string(minutes_total) + "m";
  if (hours_total < 8) return two(hours_total, 'h', minutes_total % 60, 'm');
  if (hours_total < 48) return std::to_string(hours_total) + "h";
  if (days_total < 8) return two(days_total, 'd', hours_total % 24, 'h');
  if (days_total < 365 * 2) return std::to_string(days_total) + "d";
  if (days_total < 365 * 8) return two(years, 'y', days_total % 365, 'd');
  return std::to_string(years) + "y";
}

core::Result<Column> column_of(const json::object& entry) {
  Column column{.name = std::string(core::find_string(entry, {"name"})),
                .type = std::string(core::find_string(entry, {"type"})),
                .format = std::string(core::find_string(entry, {"format"})),
                .description = std::string(core::find_string(entry, {"description"})),
                .priority = core::find_int(entry, {"priority"}).value_or(0),
                .function = {},
                .paths = {}};
  std::vector<std::string_view> arguments;
  column.function = split_call(core::find_string(entry, {"jsonPath"}), arguments);
  for (const std::string_view argument : arguments) {
    auto path = kube::JsonPath::parse(argument);
    if (!path) return core::fail(path.error().with_context("column " + column.name));
    column.paths.push_back(std::move(*path));
  }
  if (column.description.empty())
    column.description = "Custom resource definition column (in JSONPath format): ";
  return column;
}

json::value Column::cell(const json::object& object, core::SystemTime now) const {
  if (function.empty()) return plain_cell(paths.front().find(object), type, now);
  std::size_t count = 0;
  std::string joined;
  for (const kube::JsonPath& path : paths) {
    for (const json::value* value : path.find(object)) {
      const bool is_there = !value->is_null() && !(value->is_string() && value->get_string().empty());
      if (function == "count") count += size_of(*value);
      if (!is_there) continue;
      if (function == "age") return age_of(text_of(*value), now);
      if (function == "reference") return reference_of(*value);
      if (function == "first" || function == "text") return json::value(text_of(*value));
      if (function == "join") joined += (joined.empty() ? "" : ", ") + text_of(*value);
    }
  }
  if (function == "count") return count;
  if (function == "age") return "<unknown>";
  return json::value(joined);
}

}  // namespace apiserver
