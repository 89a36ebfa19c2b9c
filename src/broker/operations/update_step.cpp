#include "broker/operations/update_step.hpp"

namespace broker {

UpdateStep next_update_step(const PendingUpdate& update, const std::optional<aws::Stack>& stack) {
  if (!stack || stack->status.starts_with("DELETE_")) return UpdateStep::lost;
  if (stack->status.ends_with("_IN_PROGRESS")) return UpdateStep::wait;
  if (!update.accepted) {
    if (stack->status != "UPDATE_ROLLBACK_FAILED") return UpdateStep::send;
    return update.rollback_continued ? UpdateStep::stuck : UpdateStep::continue_rollback;
  }
  // An answer from before UpdateStack (another replica's, or kept for a moment) tells nothing of this update.
  if (stack->last_updated == update.last_updated) return UpdateStep::wait;
  if (stack->status == "UPDATE_COMPLETE") return UpdateStep::commit;
  return stack->status == "UPDATE_ROLLBACK_COMPLETE" ? UpdateStep::undone : UpdateStep::stuck;
}

}  // namespace broker
