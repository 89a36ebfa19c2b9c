// Rotation of a binding's credentials, as status.rotation keeps it: under which id the broker knows those in
// the Secret, which id is being made, and which older ones still work and are to be revoked when.
// spec.externalID never changes; it is the first of these ids. Pure functions on the status object; the
// caller writes it.
//
//   rotation: {bindingID, rotatedTime, expirationTime, renewTime, request,
//              next: {bindingID, operationStartTime, asyncOpInProgress, lastOperation},
//              previous: [{bindingID, unbindTime, asyncOpInProgress, lastOperation, retry}],
//              retry}
//
// `next` is written before the broker is asked for it; so is every id in `previous` before it is revoked:
// what a crash leaves behind is either called again under the same id or revoked.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "catalog/api/views.hpp"
#include "catalog/policies/operation_status.hpp"

namespace catalog::rotation {

// How long the old credentials go on working where spec.rotation.overlap does not say.
inline constexpr std::chrono::milliseconds default_overlap = std::chrono::hours(1);
inline constexpr std::chrono::milliseconds shortest_interval = std::chrono::minutes(1);
inline constexpr std::chrono::milliseconds shortest_overlap = std::chrono::seconds(1);

// An id at the broker that is not, or no longer, that of the Secret.
struct OtherId {
  std::string id;
  std::string operation;  // the broker's own name of what it does with it
  bool is_asynchronous = false;
  std::optional<core::SystemTime> time;  // next: since when; previous: when to unbind, or to try again
};
[[nodiscard]] std::optional<OtherId> next_id(const BindingView& binding);
// The old id to be revoked first; nullopt where there is none.
[[nodiscard]] std::optional<OtherId> first_to_revoke(const BindingView& binding);
// Each id of status.rotation that the broker may know; spec.externalID is not among them unless it was
// rotated.
[[nodiscard]] std::vector<std::string> ids(const BindingView& binding);
// Each id that the broker may know, for people.
[[nodiscard]] std::string all_ids(const BindingView& binding);
[[nodiscard]] bool is_polled(const BindingView& binding);

// When the credentials have to be rotated: by a new value of the annotation at once, by
// spec.rotation.interval, before the broker lets them expire; nullopt for never.
[[nodiscard]] std::optional<core::SystemTime> due(const BindingView& binding);
[[nodiscard]] bool has_expired(const BindingView& binding, core::SystemTime now);

// The request by annotation is carried out, and the broker's metadata of the credentials (expires_at,
// renew_before) are kept.
void made(json::object& status, std::string_view request, const json::value& metadata, core::SystemTime now);
void started(json::object& status, std::string_view id, core::SystemTime now);
void next_is_asynchronous(json::object& status, std::string_view operation_key);
// The Secret holds the credentials of `next`. `old_id` is revoked after the overlap.
void switched(json::object& status, std::string_view old_id, std::string_view new_id,
              std::chrono::milliseconds overlap, core::SystemTime now);
// The rotation is tried again: under a new id where `may_be_orphan`, and the old one is revoked at once.
void failed(json::object& status, std::string_view error, const Verdict& verdict,
            std::optional<std::chrono::seconds> retry_after, core::SystemTime now);
// It is due no more: what it failed with is forgotten.
void settled(json::object& status);
// Nothing is to be made any more: `next` is revoked with the rest.
void given_up(json::object& status, core::SystemTime now);

void revocation_is_asynchronous(json::object& status, std::string_view id, std::string_view operation_key);
void revocation_failed(json::object& status, std::string_view id, std::string_view error,
                       std::optional<std::chrono::seconds> retry_after, core::SystemTime now);
void revoked(json::object& status, std::string_view id);

}  // namespace catalog::rotation
