#include "catalog/policies/resolution.hpp"

#include <algorithm>
#include <numeric>

#include "catalog/api/reasons.hpp"
#include "core/text.hpp"

namespace catalog {

namespace {

constexpr std::size_t longest_shown = 100;  // bytes of a name in a message, and of one that is guessed at

std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < right.size(); ++j) {
      std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string quoted(const Reference& reference) {
  return std::string(reference.field) + " \"" + core::shortened(reference.value, longest_shown) + "\"";
}

std::string suggestion(std::string_view name, std::span<const std::string> names) {
  std::string closest = closest_name(name, names);
  return closest.empty() ? std::string() : " Did you mean \"" + closest + "\"?";
}

std::string comma_separated(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return core::shortened(text, 10 * longest_shown);
}

// What is still offered: what the broker took back is there for those who have it.
std::vector<const json::object*> offered(std::span<const json::object* const> plans) {
  std::vector<const json::object*> result;
  std::ranges::copy_if(plans, std::back_inserter(result),
                       [](const json::object* plan) { return !PlanView(*plan).removed_from_catalog(); });
  return result;
}

}  // namespace

std::string closest_name(std::string_view name, std::span<const std::string> names) {
  std::string best;
  if (name.size() > longest_shown) return best;
  std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const std::string& candidate : names) {
    std::size_t distance = edit_distance(name, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

bool is_named_by(const ReferenceFields& fields, const Reference& reference, const json::object& object) {
  if (reference.field == fields.external_name)
    return core::find_string(object, {"spec", "externalName"}) == reference.value;
  if (reference.field == fields.external_id)
    return core::find_string(object, {"spec", "externalID"}) == reference.value;
  return kube::name_of(object) == reference.value;
}

std::expected<const json::object*, Problem> choose_class(const InstanceView& instance,
                                                         std::span<const json::object* const> matching,
                                                         std::span<const std::string> known_names) {
  const Scope& scope = instance.scope();
  Reference reference = instance.class_reference();
  const std::string& kind = scope.classes.kind;
  if (reference.field.empty()) {
    return std::unexpected(Problem(reasons::references_nonexistent_class,
                                   "The instance names no class: set spec.clusterServiceClassExternalName."));
  }
  if (matching.empty()) {
    return std::unexpected(Problem(reasons::references_nonexistent_class,
                                   "The instance references a " + kind + " that does not exist: " +
                                       quoted(reference) + "." + suggestion(reference.value, known_names)));
  }
  if (matching.size() > 1) {
    return std::unexpected(Problem(reasons::references_nonexistent_class,
                                   "The instance references more than one " + kind + ": " +
                                       quoted(reference) + " is offered by " +
                                       std::to_string(matching.size()) + " brokers. Name the class by spec." +
                                       std::string(scope.class_fields.name) + "."));
  }
  return matching.front();
}

std::expected<const json::object*, Problem> choose_plan(const InstanceView& instance,
                                                        const ClassView& of_class,
                                                        std::span<const json::object* const> plans) {
  const Scope& scope = instance.scope();
  Reference reference = instance.plan_reference();
  std::vector<const json::object*> choice = offered(plans);
  std::vector<std::string> names;
  for (const json::object* plan : choice) names.emplace_back(PlanView(*plan).external_name());
  std::string of = "class \"" + std::string(of_class.external_name()) + "\"";
  if (reference.field.empty()) {
    if (choice.size() == 1) return choice.front();
    return std::unexpected(
        Problem(reasons::references_nonexistent_plan, "The instance names no plan of " + of + ": set spec." +
                                                          std::string(scope.plan_fields.external_name) +
                                                          " to one of " + comma_separated(names) + "."));
  }
  auto found = std::ranges::find_if(
      plans, [&](const json::object* plan) { return is_named_by(scope.plan_fields, reference, *plan); });
  if (found != plans.end()) return *found;
  return std::unexpected(Problem(reasons::references_nonexistent_plan,
                                 "The instance references a " + scope.plans.kind +
                                     " that does not exist: " + quoted(reference) + " of " + of +
                                     ", which has " + (names.empty() ? "no plans" : comma_separated(names)) +
                                     "." + suggestion(reference.value, names)));
}

bool may_change_plan(const InstanceView& instance, const ClassView& of_class,
                     std::span<const json::object* const> plans) {
  auto in_use = std::ranges::find_if(plans, [&](const json::object* plan) {
    return PlanView(*plan).external_id() == instance.plan_id_at_broker();
  });
  return in_use == plans.end() ? of_class.plan_updatable() : PlanView(**in_use).plan_updatable(of_class);
}

std::optional<Problem> refuse_removed(const InstanceView& instance, const ClassView& of_class,
                                      const PlanView& plan) {
  bool same_plan =
      instance.provision_status() == "Provisioned" && instance.plan_id_at_broker() == plan.external_id();
  if (same_plan) return std::nullopt;
  if (plan.removed_from_catalog()) {
    return Problem(reasons::references_deleted_plan,
                   "The plan \"" + std::string(plan.external_name()) +
                       "\" is no longer in its broker's catalog: choose another.");
  }
  if (of_class.removed_from_catalog()) {
    return Problem(reasons::references_deleted_class,
                   "The class \"" + std::string(of_class.external_name()) +
                       "\" is no longer in its broker's catalog: choose another.");
  }
  return std::nullopt;
}

}  // namespace catalog
