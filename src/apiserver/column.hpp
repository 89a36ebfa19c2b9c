// A column of `kubectl get`: where its cells come from and how they are written.
#pragma once

#include <string>
#include <vector>

#include "core/time.hpp"
#include "kube/json_path.hpp"

namespace apiserver {

namespace json = boost::json;

struct Column {
  std::string name, type, format, description;
  std::int64_t priority = 0;  // > 0: only with -o wide

  // Of an object. What a CRD's column shows is what its JSON path leads to. Columns of the core kinds may
  // apply a function to paths: count(…) members, age(…) since the first time that is there, first(…) that is
  // there, join(…) by commas, text(…) also when empty, reference(…) as kind/name.
  [[nodiscard]] json::value cell(const json::object& object, core::SystemTime now) const;

  std::string function;  // "" for a plain path
  std::vector<kube::JsonPath> paths;
};

// From an entry of a CRD's additionalPrinterColumns. Error: invalid.
[[nodiscard]] core::Result<Column> column_of(const json::object& entry);

// As kubectl writes ages: 47s, 5m12s, 3h25m, 2d, 1y30d.
[[nodiscard]] std::string human_duration(std::chrono::milliseconds duration);

}  // namespace apiserver
