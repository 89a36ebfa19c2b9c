// CloudFormation's API (docs.aws.amazon.com/AWSCloudFormation/latest/APIReference).
#pragma once

#include <map>
#include <memory>
#include <string>

#include "simulation/aws/cloudformation/engine.hpp"
#include "simulation/aws/cloudformation/parameters.hpp"

namespace simulation {

class StackService {
 public:
  StackService(World& world, Services services)
      : world_(world), services_(services), provisioner_(world, services), engine_(world, provisioner_) {}

  [[nodiscard]] Answer<> handle(const Call& call);
  void settle() { engine_.settle(); }

  [[nodiscard]] StackEngine& engine() { return engine_; }
  [[nodiscard]] const StackEngine& engine() const { return engine_; }
  [[nodiscard]] Provisioner& provisioner() { return provisioner_; }

  // By change sets, which this model has no API for: REVIEW_IN_PROGRESS, and an import of nothing.
  Stack& begin_review(const std::string& name);
  bool import(const std::string& name_or_id, bool succeeds, bool rollback_succeeds = true);

 private:
  [[nodiscard]] Answer<> create(const Call& call);
  [[nodiscard]] Answer<> update(const Call& call);
  [[nodiscard]] Answer<> cancel(const Call& call);
  [[nodiscard]] Answer<> continue_rollback(const Call& call);
  [[nodiscard]] Answer<> remove(const Call& call);
  [[nodiscard]] Answer<> protect(const Call& call);
  [[nodiscard]] Answer<> describe(const Call& call);
  [[nodiscard]] Answer<> list(const Call& call);
  [[nodiscard]] Answer<> events(const Call& call);
  [[nodiscard]] Answer<> operation_events(const Call& call);
  [[nodiscard]] Answer<> resources(const Call& call);
  [[nodiscard]] Answer<> get_template(const Call& call);
  [[nodiscard]] Answer<> validate(const Call& call);

  [[nodiscard]] Answer<StackState> state_of(const Call& call, const StackState* before);
  [[nodiscard]] Answer<std::shared_ptr<const Template>> template_of(const Form& form,
                                                                    const StackState* before);
  [[nodiscard]] Answer<bool> changes(Stack& stack, const StackState& state);
  // Also of deleted stacks, by their ids, for 90 days.
  [[nodiscard]] Answer<Stack*> known(const std::string& name_or_id);
  // What a call sees that may be late. nullptr: nothing yet.
  [[nodiscard]] const StackView* view_of(const Stack& stack, milliseconds staleness);

  World& world_;
  Services services_;
  Provisioner provisioner_;
  StackEngine engine_;
  std::map<std::string, std::shared_ptr<const Template>> read_;  // by body: reading takes long
};

// "CreateStack by AKIA… (token …)", as the journal names causes.
[[nodiscard]] std::string name_of(const Call& call);

}  // namespace simulation
