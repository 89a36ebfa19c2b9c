// Which object may speak to its broker under an external id (policies/ownership.hpp), from what the stores
// know. In memory besides: for which object this process has begun to work, so that of two that were made in
// the same second only one ever gets a call.
//
// Executor: the loop's thread. The answer is the stores' and may be a moment old: what lets go of something
// because of it asks the API server first (confirm_owner).
#pragma once

#include <map>
#include <string>

#include "catalog/controllers/stores.hpp"

namespace catalog {

class ExternalIds {
 public:
  explicit ExternalIds(Stores& stores) : stores_(stores) {}

  // The object that this one has to wait for; null where it is the owner of its spec.externalID itself, or
  // has none.
  [[nodiscard]] Object other_owner(const InstanceView& instance);
  [[nodiscard]] Object other_owner(const BindingView& binding);
  // It is gone, or has let go.
  void forget(const json::object& object);

 private:
  template <class View>
  [[nodiscard]] Object find_other(runtime::Informer& informer, const View& view);

  Stores& stores_;
  std::map<std::string, std::string> claims_;  // kind/id → uid of the object that is worked for
};

// The owner is still there, and holds that id still: nothing is let go of on the store's word alone. Errors:
// conflict where it is not (the store will hear of it), and the API's.
[[nodiscard]] async::Task<core::Result<>> confirm_owner(kube::Client& client, runtime::Informer& informer,
                                                        Object owner, std::string external_id);

}  // namespace catalog
