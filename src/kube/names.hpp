// What names, labels and annotations may look like. Each check says what is wrong, or nothing.
// Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kube {

using Complaint = std::optional<std::string>;  // "must be no more than 63 characters"

[[nodiscard]] Complaint check_dns_label(std::string_view name);      // RFC 1123 label: namespaces
[[nodiscard]] Complaint check_dns_subdomain(std::string_view name);  // RFC 1123 subdomain: most objects
[[nodiscard]] Complaint check_path_segment(
    std::string_view name);  // what may stand in a URL: no ".", "..", '/', '%'
[[nodiscard]] Complaint check_label_key(std::string_view key);  // [prefix/]name; annotation keys too
[[nodiscard]] Complaint check_label_value(std::string_view value);
[[nodiscard]] Complaint check_secret_key(std::string_view key);  // keys of Secrets and ConfigMaps

// prefix + 5 random characters that spell no words, cut so that the whole has at most 63.
[[nodiscard]] std::string generate_name(std::string_view prefix);

}  // namespace kube
