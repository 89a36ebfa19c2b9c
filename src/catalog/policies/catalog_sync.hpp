// From a broker's catalog to class and plan objects, and what has to be written to get there. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "catalog/api/views.hpp"
#include "core/error.hpp"
#include "osb/types.hpp"

namespace catalog {

struct CatalogObjects {
  std::vector<json::object> classes, plans;
};

// The objects that the catalog asks for, owned by the broker, after its restrictions. A class without plans
// left is left out. Error: invalid (restrictions that cannot be read).
[[nodiscard]] core::Result<CatalogObjects> objects_of_catalog(const Scope& scope, const BrokerView& broker,
                                                              const osb::Catalog& catalog);

// The object's name: the external id where Kubernetes takes it as a name, else a stable one made of it.
[[nodiscard]] std::string object_name(std::string_view external_id);

struct CatalogChange {
  enum class Kind {
    create,        // object
    update,        // patch (merge) for the object of that name
    mark_removed,  // status.removedFromBrokerCatalog: true
    unmark,        // … false: it has come back
    remove,        // taken back by the broker and used by nobody
  } kind;
  std::string name;
  json::object content;  // of create: the object; of update: the patch
};

// existing: the broker's own objects of that kind. in_use: names that instances refer to. The order is that
// of the catalog.
[[nodiscard]] std::vector<CatalogChange> changes(std::span<const json::object> wanted,
                                                 std::span<const json::object* const> existing,
                                                 std::span<const std::string> in_use);

// Of existing: what the broker took back before and nobody uses any more.
[[nodiscard]] std::vector<CatalogChange> leftovers(std::span<const json::object* const> existing,
                                                   std::span<const std::string> in_use);

// Made by the catalog, not by a user: only these are taken away.
[[nodiscard]] bool is_managed(const json::object& object);

}  // namespace catalog
