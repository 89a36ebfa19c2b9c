#include "net/http.hpp"

#include <algorithm>
#include <cctype>

#include "core/hash.hpp"
#include "core/text.hpp"

namespace net {

namespace {

// In a query '+' stands for a space (application/x-www-form-urlencoded). A broken escape is kept as it is
// written.
std::string decode_query_text(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');
  auto decoded = core::percent_decode(spaced);
  return decoded ? std::move(*decoded) : spaced;
}

}  // namespace

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& [key, value] : entries_) {
    if (core::equal_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

std::string_view Headers::get(std::string_view name) const {
  return find(name).value_or(std::string_view());
}

void Headers::set(std::string_view name, std::string value) {
  erase(name);
  entries_.emplace_back(name, std::move(value));
}

void Headers::erase(std::string_view name) {
  std::erase_if(entries_, [name](const auto& entry) { return core::equal_ignoring_case(entry.first, name); });
}

std::string_view Request::path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string_view Request::query() const {
  const std::size_t mark = target.find('?');
  return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

Query Query::parse(std::string_view encoded) {
  Query query;
  while (!encoded.empty()) {
    const std::string_view pair = encoded.substr(0, encoded.find('&'));
    encoded.remove_prefix(std::min(pair.size() + 1, encoded.size()));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    query.entries_.emplace_back(decode_query_text(pair.substr(0, equals)), decode_query_text(value));
  }
  return query;
}

std::optional<std::string_view> Query::find(std::string_view name) const {
  for (const auto& [key, value] : entries_) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::string_view Query::get(std::string_view name) const {
  return find(name).value_or(std::string_view());
}

bool Query::flag(std::string_view name) const {
  const auto value = find(name);
  return value && (*value == "true" || *value == "1" || value->empty());
}

}  // namespace net
