// spec.catalogRestrictions of a broker: which of its classes and plans become objects. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "catalog/api/views.hpp"
#include "kube/selectors.hpp"

namespace catalog {

class CatalogRestrictions {
 public:
  // Errors: invalid, naming the requirement that cannot be read or the property that does not exist.
  [[nodiscard]] static core::Result<CatalogRestrictions> parse(const Scope& scope,
                                                               std::span<const std::string> classes,
                                                               std::span<const std::string> plans);

  // All requirements hold for the object (as it would be made).
  [[nodiscard]] bool admit_class(const json::object& service_class) const;
  [[nodiscard]] bool admit_plan(const json::object& plan) const;

 private:
  std::vector<kube::LabelSelector> classes_, plans_;
  std::string class_name_property_, class_ref_;
};

}  // namespace catalog
