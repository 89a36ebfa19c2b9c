// A bind's request as the record that it would make, and what comes next for it. Pure.
#pragma once

#include <optional>

#include "broker/records.hpp"
#include "core/time.hpp"
#include "osb/types.hpp"

namespace broker {

// `known`: the record under the request's id; `predecessor`: the one that the request names, where it names
// one. A rotation that gives no parameters has its predecessor's. Errors: invalid (a service or plan that is
// not the instance's, other parameters than RoleName and Scope).
[[nodiscard]] core::Result<BindingRecord> wanted_binding(const osb::BindRequest& request,
                                                         const InstanceRecord& instance,
                                                         const std::optional<BindingRecord>& known,
                                                         const std::optional<BindingRecord>& predecessor);

// Whether a binding of the instance can be made in the place of that one. Error: invalid.
[[nodiscard]] core::Result<> check_predecessor(const std::optional<BindingRecord>& predecessor,
                                               const osb::BindRequest& request, core::SystemTime now);

enum class BindStep {
  record,  // there is none: write the intent
  make,    // take up what an earlier request did not finish
  show,    // it is ready
};
// The same binding, of which a withdrawal or an unbind that was answered at once has not removed everything.
[[nodiscard]] bool is_half_removed(const std::optional<BindingRecord>& known, const BindingRecord& wanted);
// Errors: conflict (there is another binding under the id, or it has expired), unprocessable with
// ConcurrencyError (it is being deleted).
[[nodiscard]] core::Result<BindStep> next_bind_step(const std::optional<BindingRecord>& known,
                                                    const BindingRecord& wanted, core::SystemTime now);

}  // namespace broker
