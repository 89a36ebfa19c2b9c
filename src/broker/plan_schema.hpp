// The JSON schemas of a plan's parameters, as the catalog shows them and as requests are checked by them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "broker/catalog.hpp"

namespace broker {

class PlanSchema {
 public:
  // All outlive this.
  PlanSchema(const Template& service, const TemplatePlan& plan, const CatalogOptions& options)
      : service_(service), plan_(plan), options_(options) {}

  [[nodiscard]] boost::json::object create() const;
  // null: nothing can be changed.
  [[nodiscard]] boost::json::value update() const;

  // The plan leaves the parameter to its users.
  [[nodiscard]] bool is_offered(std::string_view name) const;
  // The plan, the template or the broker gives this value by itself.
  [[nodiscard]] bool gives(std::string_view name, std::string_view value) const;
  // Checks values of the template's parameters, wherever they come from. Numbers may be given as texts ("5"),
  // as CloudFormation has them. Error: invalid, naming the parameter.
  [[nodiscard]] core::Result<> check(const std::vector<std::pair<std::string, std::string>>& values) const;

 private:
  [[nodiscard]] const std::string* default_of(const TemplateParameter& parameter) const;
  [[nodiscard]] boost::json::array form() const;

  const Template& service_;
  const TemplatePlan& plan_;
  const CatalogOptions& options_;
};

}  // namespace broker
