#include "catalog/policies/rotation.hpp"

#include <algorithm>

#include "catalog/api/annotations.hpp"

namespace catalog::rotation {

namespace {

json::object& rotation_of(json::object& status) {
  json::value& rotation = status["rotation"];
  if (!rotation.is_object()) rotation = json::object();
  return rotation.as_object();
}

std::optional<core::SystemTime> time_at(const json::object& object, std::string_view field) {
  return core::parse_rfc3339(core::find_string(object, {field}));
}

OtherId read(const json::object& entry, std::string_view time_field) {
  return {.id = std::string(core::find_string(entry, {"bindingID"})),
          .operation = std::string(core::find_string(entry, {"lastOperation"})),
          .is_asynchronous = core::find_bool(entry, {"asyncOpInProgress"}).value_or(false),
          .time = time_at(entry, time_field)};
}

// A tenth of the time that is left is kept in hand.
core::SystemTime well_before(core::SystemTime end, core::SystemTime now) {
  return end > now ? end - (end - now) / 10 : end;
}

void retire(json::object& status, std::string_view id, core::SystemTime unbind_time) {
  json::value& previous = rotation_of(status)["previous"];
  if (!previous.is_array()) previous = json::array();
  previous.as_array().push_back(
      json::object{{"bindingID", id}, {"unbindTime", core::to_rfc3339_micros(unbind_time)}});
}

json::object* find_previous(json::object& status, std::string_view id) {
  json::value* previous = rotation_of(status).if_contains("previous");
  if (!previous || !previous->is_array()) return nullptr;
  for (json::value& entry : previous->as_array()) {
    if (core::find_string(entry, {"bindingID"}) == id) return entry.if_object();
  }
  return nullptr;
}

}  // namespace

std::optional<OtherId> next_id(const BindingView& binding) {
  const json::object* next = core::find_object(binding.rotation(), {"next"});
  if (!next) return std::nullopt;
  return read(*next, "operationStartTime");
}

std::vector<std::string> ids(const BindingView& binding) {
  std::vector<std::string> found;
  auto add = [&](std::string_view id) {
    if (!id.empty()) found.emplace_back(id);
  };
  add(core::find_string(binding.rotation(), {"bindingID"}));
  add(core::find_string(binding.rotation(), {"next", "bindingID"}));
  if (const json::array* previous = core::find_array(binding.rotation(), {"previous"})) {
    for (const json::value& entry : *previous) add(core::find_string(entry, {"bindingID"}));
  }
  return found;
}

std::optional<OtherId> first_to_revoke(const BindingView& binding) {
  const json::array* previous = core::find_array(binding.rotation(), {"previous"});
  std::optional<OtherId> first;
  if (!previous) return first;
  for (const json::value& entry : *previous) {
    if (!entry.is_object()) continue;
    OtherId other = read(entry.get_object(), "unbindTime");
    auto retry = core::parse_rfc3339(core::find_string(entry, {"retry", "nextTime"}));
    if (retry && other.time < retry) other.time = retry;
    if (!first || other.time < first->time) first = std::move(other);
  }
  return first;
}

std::string all_ids(const BindingView& binding) {
  std::string ids(binding.binding_id());
  if (auto next = next_id(binding)) ids += ", " + next->id;
  if (const json::array* previous = core::find_array(binding.rotation(), {"previous"})) {
    for (const json::value& entry : *previous)
      ids.append(", ").append(core::find_string(entry, {"bindingID"}));
  }
  return ids;
}

bool is_polled(const BindingView& binding) {
  std::optional<OtherId> next = next_id(binding);
  std::optional<OtherId> old = first_to_revoke(binding);
  return (next && next->is_asynchronous) || (old && old->is_asynchronous);
}

std::optional<core::SystemTime> due(const BindingView& binding) {
  std::string_view asked = annotation(binding.object(), annotations::rotate);
  if (!asked.empty() && asked != core::find_string(binding.rotation(), {"request"}))
    return core::SystemTime::min();
  std::optional<core::SystemTime> when = time_at(binding.rotation(), "renewTime");
  std::optional<std::chrono::milliseconds> interval = binding.rotation_interval();
  if (!interval) return when;
  std::optional<core::SystemTime> since = time_at(binding.rotation(), "rotatedTime");
  if (!since)
    since = core::parse_rfc3339(core::find_string(binding.object(), {"metadata", "creationTimestamp"}));
  if (!since) return when;
  core::SystemTime by_interval = *since + std::max(*interval, shortest_interval);
  return when ? std::min(*when, by_interval) : by_interval;
}

bool has_expired(const BindingView& binding, core::SystemTime now) {
  std::optional<core::SystemTime> expiration = time_at(binding.rotation(), "expirationTime");
  return expiration && *expiration <= now;
}

void made(json::object& status, std::string_view request, const json::value& metadata, core::SystemTime now) {
  auto expiration = core::parse_rfc3339(core::find_string(metadata, {"expires_at"}));
  auto renewal = core::parse_rfc3339(core::find_string(metadata, {"renew_before"}));
  if (!renewal) renewal = expiration;
  bool known = status.contains("rotation");
  if (!known && request.empty() && !renewal) return;
  json::object& rotation = rotation_of(status);
  for (std::string_view field : {"request", "expirationTime", "renewTime"}) rotation.erase(field);
  if (!request.empty()) rotation["request"] = request;
  if (expiration) rotation["expirationTime"] = core::to_rfc3339(*expiration);
  if (renewal) rotation["renewTime"] = core::to_rfc3339(well_before(*renewal, now));
}

void started(json::object& status, std::string_view id, core::SystemTime now) {
  rotation_of(status)["next"] =
      json::object{{"bindingID", id}, {"operationStartTime", core::to_rfc3339(now)}};
}

void next_is_asynchronous(json::object& status, std::string_view operation_key) {
  if (json::value* next = rotation_of(status).if_contains("next"); next && next->is_object())
    operation_is_asynchronous(next->as_object(), operation_key);
}

void switched(json::object& status, std::string_view old_id, std::string_view new_id,
              std::chrono::milliseconds overlap, core::SystemTime now) {
  revoked(status, new_id);  // what is in the Secret is not to be revoked, whatever was written meanwhile
  json::object& rotation = rotation_of(status);
  rotation["bindingID"] = new_id;
  rotation["rotatedTime"] = core::to_rfc3339(now);
  rotation.erase("next");
  clear_retry(rotation);
  retire(status, old_id, now + overlap);
}

void failed(json::object& status, std::string_view error, const Verdict& verdict,
            std::optional<std::chrono::seconds> retry_after, core::SystemTime now) {
  json::object& rotation = rotation_of(status);
  std::string id(core::find_string(rotation, {"next", "bindingID"}));
  if (verdict.mitigate_orphan && !id.empty()) retire(status, id, now);
  if (verdict.mitigate_orphan || !verdict.retry) rotation.erase("next");
  schedule_retry(rotation, error, retry_after, now);
}

void settled(json::object& status) {
  if (status.contains("rotation")) clear_retry(rotation_of(status));
}

void given_up(json::object& status, core::SystemTime now) {
  if (!status.contains("rotation")) return;
  std::string id(core::find_string(rotation_of(status), {"next", "bindingID"}));
  if (id.empty()) return;
  rotation_of(status).erase("next");
  retire(status, id, now);
}

void revocation_is_asynchronous(json::object& status, std::string_view id, std::string_view operation_key) {
  if (json::object* old = find_previous(status, id)) operation_is_asynchronous(*old, operation_key);
}

void revocation_failed(json::object& status, std::string_view id, std::string_view error,
                       std::optional<std::chrono::seconds> retry_after, core::SystemTime now) {
  json::object* old = find_previous(status, id);
  if (!old) return;
  clear_asynchronous(*old);
  schedule_retry(*old, error, retry_after, now);
}

void revoked(json::object& status, std::string_view id) {
  json::object& rotation = rotation_of(status);
  json::value* previous = rotation.if_contains("previous");
  if (!previous || !previous->is_array()) return;
  json::array& list = previous->as_array();
  auto is_it = [&](const json::value& entry) { return core::find_string(entry, {"bindingID"}) == id; };
  if (auto entry = std::ranges::find_if(list, is_it); entry != list.end()) list.erase(entry);
  if (list.empty()) rotation.erase("previous");
}

}  // namespace catalog::rotation
