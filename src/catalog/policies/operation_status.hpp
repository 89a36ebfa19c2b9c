// What the status of instances and bindings have in common: an operation under way, and the wait before a
// repeated call. Pure functions on the status object; the caller writes it.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "catalog/api/conditions.hpp"
#include "catalog/api/views.hpp"
#include "catalog/policies/failures.hpp"
#include "core/json.hpp"

namespace catalog {

// status.handled: what the status goes by besides the generation, so that it is known what is new.
//   uid             of the object that it was written for
//   externalID      that the broker was told
//   secretVersions  of the Secrets of parametersFrom (of a broker: secretVersion, of its authInfo)
//   updateRequests  of an instance
[[nodiscard]] json::object& handled_of(json::object& status);
void handle(json::object& status, const ObjectView& object);
void handle_secrets(json::object& status, std::string_view versions);  // "": there are none

// The intent, to be written before the broker is called. Failures counted so far stay: a repeated call is no
// fresh start.
void start_operation(json::object& status, std::string_view operation, json::object properties,
                     core::SystemTime now);
// The broker works on it: to be polled. `operation_key` is the broker's own name for it, or "".
void operation_is_asynchronous(json::object& status, std::string_view operation_key);
// What the broker last said of it, as the condition Progressing; it goes with the operation.
void operation_progresses(json::object& status, std::string_view reason, std::string_view description,
                          core::SystemTime now);
// Forgets what was asynchronous; the operation itself goes on (to be repeated).
void clear_asynchronous(json::object& status);
void clear_operation(json::object& status);

// The condition Paused: no call is made.
void pause_operation(json::object& status, bool deleting, core::SystemTime now);

// Counts the failure, keeps what it was and says when to call again; returns the wait.
std::chrono::milliseconds schedule_retry(json::object& status, std::string_view error,
                                         std::optional<std::chrono::seconds> retry_after,
                                         core::SystemTime now);
// Whether a failure was recorded since the operation was announced: the call was answered at least once.
[[nodiscard]] bool has_answer_since_start(const json::object& status);
void clear_retry(json::object& status);

// What `schedule_retry` was last told, or "".
std::string_view last_error(const json::object& status);
// For the user who waits for the next try, or looks for the reason why there is none: mitigation's success
// must not hide what it was for.
std::string mitigation_message(const json::object& status);
// The end of an operation with what the broker last said of it, cut to what an event takes; "" adds nothing.
std::string with_description(std::string message, std::string_view description);

// Whether the broker has worked on it for longer than the limit.
[[nodiscard]] bool polled_too_long(const json::object& status, std::chrono::milliseconds limit,
                                   core::SystemTime now);
// Whether it has been failing for longer than the limit.
[[nodiscard]] bool tried_too_long(const json::object& status, std::chrono::milliseconds limit,
                                  core::SystemTime now);

// An event for each condition that came or changed between two versions of a status.
struct ConditionEvent {
  bool warning = false;
  std::string reason;
  std::string message;
};
// Conditions that only announce a call that follows at once (…RequestInFlight) are left out.
[[nodiscard]] std::vector<ConditionEvent> events_between(const json::object& before,
                                                         const json::object& after);

}  // namespace catalog
