// The resources of a template for the values of its parameters.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "broker/replacement/value_resolver.hpp"

namespace broker {

struct ResolvedResource {
  std::string id;
  std::string type;               // "" where there is none
  boost::json::value exists;      // as ValueResolver::condition()
  boost::json::value properties;  // resolved; null where there are none
  std::string replace_policy;     // UpdateReplacePolicy
  std::string deletion_policy;
};

class ResolvedStack {
 public:
  // `document`: without loops; it outlives this, as `parameters` does.
  ResolvedStack(const boost::json::object& document, const Values& parameters);

  // In the template's order.
  [[nodiscard]] const std::vector<ResolvedResource>& resources() const { return resources_; }
  [[nodiscard]] const ResolvedResource* find(std::string_view id) const;
  [[nodiscard]] bool is_exhausted() const { return resolver_.is_exhausted(); }

  // The parameters that a resource's condition, or a property, is made of: through conditions, maps and other
  // resources. `path`: {"FifoQueue"}; empty for all of the resource.
  [[nodiscard]] std::set<std::string> parameters_of_condition(std::string_view id) const;
  [[nodiscard]] std::set<std::string> parameters_of_property(std::string_view id,
                                                             const std::vector<std::string>& path) const;

 private:
  const boost::json::object& document_;
  ValueResolver resolver_;
  std::vector<ResolvedResource> resources_;
  std::map<std::string, std::size_t, std::less<>> index_;
};

}  // namespace broker
