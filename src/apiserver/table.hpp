// Objects in the form that a client asked for. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "apiserver/kind.hpp"
#include "apiserver/negotiation.hpp"
#include "apiserver/watch_hub.hpp"
#include "core/time.hpp"

namespace apiserver {

// What a Table's rows carry beside their cells (query parameter includeObject).
enum class IncludedObject { none, metadata, object };

struct Presentation {
  Form form;
  IncludedObject included = IncludedObject::metadata;
  core::SystemTime now;
};

// One object as JSON text. first: a Table names its columns (in a watch only the first does).
[[nodiscard]] std::string present(const Kind& kind, const json::object& object,
                                  const Presentation& presentation, bool first = true);
// A list; metadata is the list's.
[[nodiscard]] std::string present_list(const Kind& kind, const std::vector<Object>& objects,
                                       const json::object& metadata, const Presentation& presentation);
// A Table without rows: the form of a bookmark.
[[nodiscard]] std::string present_bookmark(const Kind& kind, const json::object& metadata,
                                           const Presentation& presentation);

}  // namespace apiserver
