#include "net/negotiation.hpp"

#include <algorithm>
#include <cctype>

#include <boost/algorithm/string/predicate.hpp>

namespace net {

namespace {

using boost::algorithm::iequals;

std::string_view trim(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// Several lines of one name are one list (RFC 9110, 5.3).
std::string whole_list(const Headers& headers, std::string_view name) {
  std::string list;
  for (const auto& [key, value] : headers) {
    if (!iequals(key, name)) continue;
    if (!list.empty()) list += ',';
    list += value;
  }
  return list;
}

// A qvalue in thousandths; what is none counts as 0.
int thousandths(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return 0;
  if (text.size() > 1 && text[1] != '.') return 0;
  int value = (text[0] - '0') * 1000;
  int unit = 100;
  for (const char digit : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (std::isdigit(static_cast<unsigned char>(digit)) == 0) return 0;
    value += (digit - '0') * unit;
    unit /= 10;
  }
  return std::min(value, 1000);
}

int weight_of(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view parameter = trim(parameters.substr(0, parameters.find(';')));
    parameters.remove_prefix(std::min(parameters.find(';'), parameters.size() - 1) + 1);
    if (iequals(parameter.substr(0, 2), "q=")) return thousandths(parameter.substr(2));
  }
  return 1000;
}

}  // namespace

bool prefers_gzip(const Headers& request) {
  const std::string list = whole_list(request, "Accept-Encoding");
  std::optional<int> gzip;
  std::optional<int> identity;
  int others = 0;
  std::string_view rest = list;
  while (!rest.empty()) {
    const std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(item.size() + 1, rest.size()));
    const std::string_view coding = trim(item.substr(0, item.find(';')));
    const int weight = weight_of(item.substr(std::min(item.find(';'), item.size())));
    if (iequals(coding, "gzip") || iequals(coding, "x-gzip")) gzip = weight;
    if (iequals(coding, "identity")) identity = weight;
    if (coding == "*") others = weight;
  }
  const int weight = gzip.value_or(others);
  return weight > 0 && weight >= identity.value_or(others);
}

bool has_already(const Headers& request, std::string_view etag) {
  constexpr std::string_view weak = "W/";
  if (etag.starts_with(weak)) etag.remove_prefix(weak.size());
  const std::string list = whole_list(request, "If-None-Match");
  if (trim(list) == "*") return true;
  std::string_view rest = list;
  while (true) {
    while (!rest.empty() && (rest.front() == ',' || trim(rest.substr(0, 1)).empty())) rest.remove_prefix(1);
    if (rest.starts_with(weak)) rest.remove_prefix(weak.size());
    if (!rest.starts_with('"')) return false;
    const std::size_t end = rest.find('"', 1);  // a tag may have commas
    if (end == std::string_view::npos) return false;
    if (rest.substr(0, end + 1) == etag) return true;
    rest.remove_prefix(end + 1);
  }
}

}  // namespace net
