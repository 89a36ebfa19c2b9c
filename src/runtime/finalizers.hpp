// Adding and removing a finalizer, by a merge patch that carries the resourceVersion it was decided on:
// another writer's change in between is a conflict (kind conflict), never overwritten.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kube/client.hpp"

namespace runtime {

namespace json = boost::json;
using kube::ObjectKey;

// The object as it is after the write (give it to Informer::apply_written), or unchanged where there was
// nothing to do.
[[nodiscard]] async::Task<core::Result<json::object>> add_finalizer(kube::Client& client,
                                                                    kube::Resource resource,
                                                                    json::object object,
                                                                    std::string finalizer);
// The last finalizer of an object that is being deleted makes it go. An object that is gone already is
// success: then the answer is an empty object.
[[nodiscard]] async::Task<core::Result<json::object>> remove_finalizer(kube::Client& client,
                                                                       kube::Resource resource,
                                                                       json::object object,
                                                                       std::string finalizer);

// The patches themselves; nullopt where nothing has to change.
[[nodiscard]] std::optional<json::object> patch_adding_finalizer(const json::object& object,
                                                                 std::string_view finalizer);
[[nodiscard]] std::optional<json::object> patch_removing_finalizer(const json::object& object,
                                                                   std::string_view finalizer);

}  // namespace runtime
