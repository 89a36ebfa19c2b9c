#include "catalog/policies/adoption.hpp"

#include <algorithm>

#include "catalog/api/annotations.hpp"
#include "kube/names.hpp"

namespace catalog {

namespace {

constexpr std::size_t longest_cluster_id = 253;

bool is_cluster_id(std::string_view text) {
  return !text.empty() && text.size() <= longest_cluster_id &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

core::Result<Origin> parse_origin(std::string_view annotation) {
  std::size_t slash = annotation.rfind('/');
  bool with_cluster = slash != std::string_view::npos;
  std::string_view cluster_id = with_cluster ? annotation.substr(0, slash) : std::string_view();
  std::string_view namespace_ = with_cluster ? annotation.substr(slash + 1) : annotation;
  if ((with_cluster && !is_cluster_id(cluster_id)) || kube::check_dns_label(namespace_)) {
    return core::fail(core::ErrorKind::invalid,
                      "must be the namespace that the instance belonged to, such as shop, or a cluster's id "
                      "and its namespace, such as 3f2c…/shop");
  }
  return Origin{.cluster_id = std::string(cluster_id), .namespace_ = std::string(namespace_)};
}

std::optional<json::object> adopted_from(const json::object& instance, std::string_view own_cluster_id) {
  std::string_view value = annotation(instance, annotations::adopt_from);
  if (value.empty()) return std::nullopt;
  core::Result<Origin> origin = parse_origin(value);
  if (!origin) return std::nullopt;
  std::string_view cluster_id = origin->cluster_id.empty() ? own_cluster_id : origin->cluster_id;
  return json::object{{"namespace", origin->namespace_}, {"clusterid", cluster_id}};
}

}  // namespace catalog
