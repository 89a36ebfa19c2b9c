#include "kube/names.hpp"

#include <algorithm>

#include "core/random.hpp"

namespace kube {
namespace {

constexpr std::size_t max_label = 63;
constexpr std::size_t max_subdomain = 253;

bool is_lower_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
bool is_alphanumeric(char c) {
  return is_lower_alphanumeric(c) || (c >= 'A' && c <= 'Z');
}

std::string no_more_than(std::size_t characters) {
  return "must be no more than " + std::to_string(characters) + " characters";
}

bool is_dns_label(std::string_view name) {
  return !name.empty() && is_lower_alphanumeric(name.front()) && is_lower_alphanumeric(name.back()) &&
         std::ranges::all_of(name, [](char c) { return is_lower_alphanumeric(c) || c == '-'; });
}

// [A-Za-z0-9] with '-', '_' and '.' inside.
bool is_qualified(std::string_view name) {
  return !name.empty() && is_alphanumeric(name.front()) && is_alphanumeric(name.back()) &&
         std::ranges::all_of(name,
                             [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

}  // namespace

Complaint check_dns_label(std::string_view name) {
  if (name.size() > max_label) return no_more_than(max_label);
  if (!is_dns_label(name)) {
    return "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must "
           "start and end "
           "with an alphanumeric character (e.g. 'my-name', or '123-abc')";
  }
  return std::nullopt;
}

Complaint check_dns_subdomain(std::string_view name) {
  if (name.size() > max_subdomain) return no_more_than(max_subdomain);
  std::string complaint =
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and "
      "must start and "
      "end with an alphanumeric character (e.g. 'example.com')";
  for (std::size_t begin = 0;;) {
    const std::size_t dot = name.find('.', begin);
    if (!is_dns_label(name.substr(begin, dot == std::string_view::npos ? dot : dot - begin)))
      return complaint;
    if (dot == std::string_view::npos) return std::nullopt;
    begin = dot + 1;
  }
}

Complaint check_path_segment(std::string_view name) {
  if (name.empty()) return "must not be empty";
  if (name == "." || name == "..") return "must not be '" + std::string(name) + "'";
  for (const char forbidden : {'/', '%'}) {
    if (name.contains(forbidden)) return std::string("must not contain '") + forbidden + "'";
  }
  return std::nullopt;
}

Complaint check_label_key(std::string_view key) {
  if (const std::size_t slash = key.find('/'); slash != std::string_view::npos) {
    const std::string_view prefix = key.substr(0, slash);
    if (prefix.empty()) return "prefix part must be non-empty";
    if (Complaint complaint = check_dns_subdomain(prefix)) return "prefix part " + *complaint;
    key.remove_prefix(slash + 1);
  }
  if (key.empty()) return "name part must be non-empty";
  if (key.size() > max_label) return "name part " + no_more_than(max_label);
  if (!is_qualified(key)) {
    return "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with "
           "an "
           "alphanumeric character (e.g. 'MyName', or 'my.name', or '123-abc')";
  }
  return std::nullopt;
}

Complaint check_label_value(std::string_view value) {
  if (value.size() > max_label) return no_more_than(max_label);
  if (!value.empty() && !is_qualified(value)) {
    return "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
           "and must start "
           "and end with an alphanumeric character (e.g. 'MyValue', or 'my_value', or '12345')";
  }
  return std::nullopt;
}

Complaint check_secret_key(std::string_view key) {
  if (key.size() > max_subdomain) return no_more_than(max_subdomain);
  if (key.empty() || !std::ranges::all_of(key, [](char c) {
        return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
      })) {
    return "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name', or "
           "'KEY_NAME', "
           "or 'key-name')";
  }
  if (key == "." || key.starts_with("..")) return "must not be '.' and must not start with '..'";
  return std::nullopt;
}

std::string generate_name(std::string_view prefix) {
  // No vowels and nothing that looks like one, so that no word comes out.
  constexpr std::string_view alphabet = "bcdfghjklmnpqrstvwxz2456789";
  constexpr std::size_t suffix_size = 5;
  std::string name(prefix.substr(0, max_label - suffix_size));
  while (name.size() < std::min(prefix.size(), max_label - suffix_size) + suffix_size) {
    for (const char byte : core::random_bytes(2 * suffix_size)) {
      const auto value = static_cast<unsigned char>(byte);
      // The last, incomplete round of the alphabet is thrown away: every character is as likely.
      if (value >= 256 - 256 % alphabet.size()) continue;
      if (name.size() < std::min(prefix.size(), max_label - suffix_size) + suffix_size) {
        name.push_back(alphabet[value % alphabet.size()]);
      }
    }
  }
  return name;
}

}  // namespace kube
