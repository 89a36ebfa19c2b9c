// Where an instance comes from that another namespace had (the annotation adopt-from). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/json.hpp"

namespace catalog {

namespace json = boost::json;

struct Origin {
  std::string cluster_id;  // "" for this cluster
  std::string namespace_;
};
// From `<namespace>` or `<cluster id>/<namespace>`. Error: invalid.
[[nodiscard]] core::Result<Origin> parse_origin(std::string_view annotation);

// context.adopted_from of a provision request, by which our broker hands an instance over: it compares this
// with whose the instance is. nullopt where the instance does not ask for it.
[[nodiscard]] std::optional<json::object> adopted_from(const json::object& instance,
                                                       std::string_view own_cluster_id);

}  // namespace catalog
