// Templates → the Open Service Broker catalog (broker.md, "The catalog").
#pragma once

#include <memory>
#include <set>
#include <string>
#include <unordered_map>

#include "broker/ids.hpp"
#include "broker/template_set.hpp"
#include "osb/broker.hpp"

namespace broker {

struct CatalogOptions {
  // Parameters that an environment override gives to everyone (all_all_all): with prescribeOverrides they
  // vanish from the schemas.
  std::set<std::string, std::less<>> hidden_parameters;
  bool bindings_have_users = true;  // of their own, where the template makes a user: they can be rotated
};

// A class and plan as a request names them.
struct Selection {
  std::shared_ptr<const Template> service;
  const TemplatePlan* plan = nullptr;
  std::shared_ptr<const CatalogOptions> options;
};

// Immutable; a changed template makes a new one.
class Catalog {
 public:
  Catalog(const Ids& ids, TemplateSet templates, CatalogOptions options);

  [[nodiscard]] const std::shared_ptr<const osb::CatalogDocument>& document() const { return document_; }
  [[nodiscard]] const TemplateSet& templates() const { return templates_; }
  [[nodiscard]] const CatalogOptions& options() const { return *options_; }
  // Errors: invalid, naming the id that is not of this catalog.
  [[nodiscard]] core::Result<Selection> find(std::string_view service_id, std::string_view plan_id) const;
  // The same in a template that need not be the catalog's own any more.
  [[nodiscard]] core::Result<Selection> select(std::shared_ptr<const Template> service,
                                               std::string_view plan_id) const;
  [[nodiscard]] std::shared_ptr<const Template> find_service(std::string_view service_id) const;

 private:
  // Ids are looked up by every request, and computing them is a SHA-1 each.
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  template <class T>
  using ById = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;
  struct Service {
    std::shared_ptr<const Template> service;
    ById<const TemplatePlan*> plans;
  };
  [[nodiscard]] const Service* find_entry(std::string_view service_id) const;

  Ids ids_;
  TemplateSet templates_;
  std::shared_ptr<const CatalogOptions> options_;
  ById<Service> services_;
  std::shared_ptr<const osb::CatalogDocument> document_;
};

}  // namespace broker
