#include "runtime/event_correlator.hpp"

#include <algorithm>

namespace runtime {
namespace {

// No part of an identity holds this.
constexpr char separator = '\n';

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text.append(part).push_back(separator);
  return text;
}

}  // namespace

std::optional<EventCorrelator::Write> EventCorrelator::correlate(json::object event, core::SystemTime now) {
  const std::string object = joined({core::find_string(event, {"involvedObject", "kind"}),
                                     core::find_string(event, {"involvedObject", "namespace"}),
                                     core::find_string(event, {"involvedObject", "name"}),
                                     core::find_string(event, {"involvedObject", "uid"})});
  const std::string kind_of_event =
      object + joined({core::find_string(event, {"type"}), core::find_string(event, {"reason"})});
  const std::string message(core::find_string(event, {"message"}));
  Write write{.event = std::move(event), .patch = {}, .identity = kind_of_event + message};

  Similar& similar = similar_[kind_of_event];
  if (now - similar.last > similar_interval) similar.messages.clear();
  similar.last = now;
  similar.messages.insert(message);
  if (similar.messages.size() > max_similar) {
    // One stays out, so that the set does not grow: the next new message makes it too large again.
    similar.messages.erase(similar.messages.begin());
    write.event["message"] = "(combined from similar events): " + message;
    write.identity = kind_of_event;
  }
  if (is_one_too_many(object, now)) return std::nullopt;

  Seen& seen = seen_[write.identity];
  if (++seen.count == 1) {
    seen.name = core::find_string(write.event, {"metadata", "name"});
    seen.first_timestamp = core::find_string(write.event, {"firstTimestamp"});
    return write;
  }
  core::set(write.event, {"metadata", "name"}, json::value(seen.name));
  write.event["firstTimestamp"] = seen.first_timestamp;
  write.event["count"] = seen.count;
  write.patch = {{"count", seen.count},
                 {"lastTimestamp", core::find_string(write.event, {"lastTimestamp"})},
                 {"message", core::find_string(write.event, {"message"})}};
  return write;
}

bool EventCorrelator::is_one_too_many(const std::string& object_identity, core::SystemTime now) {
  Budget& budget = budgets_[object_identity];
  if (!budget.started) budget = {.started = true, .tokens = burst, .at = now};
  const double refilled =
      std::chrono::duration<double>(now - budget.at) / std::chrono::duration<double>(refill_interval);
  budget.tokens = std::min(burst, budget.tokens + std::max(0.0, refilled));
  budget.at = now;
  if (budget.tokens < 1) return true;
  budget.tokens -= 1;
  return false;
}

}  // namespace runtime
