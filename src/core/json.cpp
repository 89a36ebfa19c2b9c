#include "core/json.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace core {

namespace {

// boost::json writes 1e99999 and NaN, which no JSON parser takes.
std::string scalar_text(const json::value& value) {
  if (value.is_double() && !std::isfinite(value.get_double())) return "null";
  return json::serialize(value);
}

bool has_only_finite_numbers(const json::value& value) {
  if (const auto* object = value.if_object())
    return std::ranges::all_of(*object,
                               [](const auto& entry) { return has_only_finite_numbers(entry.value()); });
  if (const auto* array = value.if_array()) return std::ranges::all_of(*array, has_only_finite_numbers);
  return !value.is_double() || std::isfinite(value.get_double());
}

void make_finite(json::value& value) {
  if (auto* object = value.if_object()) {
    for (auto& entry : *object) make_finite(entry.value());
  } else if (auto* array = value.if_array()) {
    for (json::value& element : *array) make_finite(element);
  } else if (value.is_double() && !std::isfinite(value.get_double())) {
    value = nullptr;
  }
}

template <class Container>
const json::value* find_in(const Container& start, Path path) {
  const json::object* object = nullptr;
  const json::value* value = nullptr;
  if constexpr (std::is_same_v<Container, json::object>) {
    object = &start;
  } else {
    value = &start;
    object = start.if_object();
  }
  for (const std::string_view key : path) {
    if (object == nullptr) return nullptr;
    value = object->if_contains(key);
    if (value == nullptr) return nullptr;
    object = value->if_object();
  }
  return value;
}

template <class Container>
const json::object* object_in(const Container& start, Path path) {
  if constexpr (std::is_same_v<Container, json::object>) {
    if (path.size() == 0) return &start;
  }
  const json::value* value = find_in(start, path);
  return value != nullptr ? value->if_object() : nullptr;
}

template <class Container>
const json::array* array_in(const Container& start, Path path) {
  const json::value* value = find_in(start, path);
  return value != nullptr ? value->if_array() : nullptr;
}

template <class Container>
std::string_view string_in(const Container& start, Path path) {
  const json::value* value = find_in(start, path);
  const json::string* text = value != nullptr ? value->if_string() : nullptr;
  return text != nullptr ? std::string_view(*text) : std::string_view();
}

template <class Container>
std::optional<std::int64_t> int_in(const Container& start, Path path) {
  const json::value* value = find_in(start, path);
  if (value == nullptr) return std::nullopt;
  if (const auto* number = value->if_int64()) return *number;
  if (const auto* number = value->if_uint64(); number != nullptr && *number <= INT64_MAX) {
    return static_cast<std::int64_t>(*number);
  }
  return std::nullopt;
}

template <class Container>
std::optional<bool> bool_in(const Container& start, Path path) {
  const json::value* value = find_in(start, path);
  const bool* flag = value != nullptr ? value->if_bool() : nullptr;
  return flag != nullptr ? std::optional(*flag) : std::nullopt;
}

void write_canonical(std::string& out, const json::value& value) {
  if (const auto* object = value.if_object()) {
    std::vector<const json::key_value_pair*> entries;
    entries.reserve(object->size());
    for (const auto& entry : *object) entries.push_back(&entry);
    std::ranges::sort(entries, {}, [](const auto* entry) { return std::string_view(entry->key()); });
    out += '{';
    for (const auto* entry : entries) {
      if (out.back() != '{') out += ',';
      out += json::serialize(json::string(entry->key()));
      out += ':';
      write_canonical(out, entry->value());
    }
    out += '}';
  } else if (const auto* array = value.if_array()) {
    out += '[';
    bool first = true;
    for (const auto& element : *array) {
      if (!first) out += ',';
      first = false;
      write_canonical(out, element);
    }
    out += ']';
  } else {
    out += scalar_text(value);
  }
}

void write_pretty(std::string& out, const json::value& value, std::size_t indent) {
  const std::string inner(indent + 2, ' ');
  const std::string outer(indent, ' ');
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    out += "{\n";
    std::size_t left = object->size();
    for (const auto& entry : *object) {
      out += inner + json::serialize(json::string(entry.key())) + ": ";
      write_pretty(out, entry.value(), indent + 2);
      out += --left > 0 ? ",\n" : "\n";
    }
    out += outer + "}";
  } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
    out += "[\n";
    std::size_t left = array->size();
    for (const auto& element : *array) {
      out += inner;
      write_pretty(out, element, indent + 2);
      out += --left > 0 ? ",\n" : "\n";
    }
    out += outer + "]";
  } else {
    out += scalar_text(value);
  }
}

}  // namespace

std::string to_text(const json::value& value) {
  if (has_only_finite_numbers(value)) return json::serialize(value);
  json::value finite = value;
  make_finite(finite);
  return json::serialize(finite);
}

std::string to_canonical_text(const json::value& value) {
  std::string out;
  write_canonical(out, value);
  return out;
}

std::string to_pretty_text(const json::value& value) {
  std::string out;
  write_pretty(out, value, 0);
  return out;
}

const json::value* find(const json::value& value, Path path) {
  return find_in(value, path);
}
const json::object* find_object(const json::value& value, Path path) {
  return object_in(value, path);
}
const json::array* find_array(const json::value& value, Path path) {
  return array_in(value, path);
}
std::string_view find_string(const json::value& value, Path path) {
  return string_in(value, path);
}
std::optional<std::int64_t> find_int(const json::value& value, Path path) {
  return int_in(value, path);
}
std::optional<bool> find_bool(const json::value& value, Path path) {
  return bool_in(value, path);
}
const json::value* find(const json::object& object, Path path) {
  return find_in(object, path);
}
const json::object* find_object(const json::object& object, Path path) {
  return object_in(object, path);
}
const json::array* find_array(const json::object& object, Path path) {
  return array_in(object, path);
}
std::string_view find_string(const json::object& object, Path path) {
  return string_in(object, path);
}
std::optional<std::int64_t> find_int(const json::object& object, Path path) {
  return int_in(object, path);
}
std::optional<bool> find_bool(const json::object& object, Path path) {
  return bool_in(object, path);
}

void set(json::object& object, Path path, json::value value) {
  json::object* current = &object;
  std::size_t left = path.size();
  for (const std::string_view key : path) {
    if (--left == 0) {
      (*current)[key] = std::move(value);
      return;
    }
    json::value& next = (*current)[key];
    if (!next.is_object()) next.emplace_object();
    current = &next.get_object();
  }
}

bool erase(json::object& object, Path path) {
  json::object* current = &object;
  std::size_t left = path.size();
  for (const std::string_view key : path) {
    if (--left == 0) return current->erase(key) > 0;
    json::value* next = current->if_contains(key);
    if (next == nullptr || !next->is_object()) return false;
    current = &next->get_object();
  }
  return false;
}

}  // namespace core
