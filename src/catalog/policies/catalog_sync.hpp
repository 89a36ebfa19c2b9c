// From a broker's catalog to class and plan objects, and what has to be written to get there. Pure.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "catalog/api/views.hpp"
#include "catalog/policies/object_names.hpp"
#include "core/error.hpp"
#include "osb/types.hpp"

namespace catalog {

struct CatalogObjects {
  std::vector<json::object> classes, plans;
};

// The objects that the catalog asks for, owned by the broker, after its restrictions. A class without plans
// left is left out. Error: invalid (restrictions that cannot be read).
[[nodiscard]] core::Result<CatalogObjects> objects_of_catalog(const Scope& scope, const BrokerView& broker,
                                                              osb::Catalog catalog, ObjectNames& class_names,
                                                              ObjectNames& plan_names);

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

// Whether instances refer to the class or plan of that name.
using IsUsed = std::function<bool(const std::string& name)>;

// existing: the broker's own objects of that kind. The order is that of the catalog.
[[nodiscard]] std::vector<CatalogChange> changes(std::vector<json::object> wanted,
                                                 std::span<const json::object* const> existing,
                                                 const IsUsed& is_used);

// Of existing: what the broker took back before and nobody uses any more.
[[nodiscard]] std::vector<CatalogChange> leftovers(std::span<const json::object* const> existing,
                                                   const IsUsed& is_used);

// Made by the catalog, not by a user: only these are taken away.
[[nodiscard]] bool is_managed(const json::object& object);

}  // namespace catalog
