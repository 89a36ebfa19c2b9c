// Deletes objects whose owners are all gone, takes gone owners out of ownerReferences, and does what the
// propagation policies Foreground and Orphan promise. Source:
// https://kubernetes.io/docs/concepts/architecture/garbage-collection/
#pragma once

#include "apiserver/cleanup/cleaner.hpp"

namespace apiserver {

class GarbageCollector final : public Cleaner {
 public:
  using Cleaner::Cleaner;

 private:
  [[nodiscard]] async::Task<core::Result<std::vector<std::string>>> all() override;
  [[nodiscard]] async::Task<core::Result<std::vector<std::string>>> concerned_by(EventPtr event) override;
  [[nodiscard]] async::Task<bool> clean(std::string key) override;

  [[nodiscard]] async::Task<core::Result<std::vector<std::string>>> dependents_of(std::string uid);
  [[nodiscard]] async::Task<bool> clean_dependent(std::string key, Object object);
  [[nodiscard]] async::Task<bool> release_dependents(std::string key, Object owner);
  [[nodiscard]] async::Task<bool> await_dependents(std::string key, Object owner);
  [[nodiscard]] async::Task<bool> drop_finalizer(std::string key, std::string_view finalizer);
  // Takes the owners with these uids out of the object.
  [[nodiscard]] async::Task<bool> drop_owners(std::string key, std::vector<std::string> uids);

  enum class Owner { present, waiting, gone, unknown };  // waiting: for its dependents to go
  [[nodiscard]] async::Task<Owner> look_at_owner(std::string namespace_, json::object reference);
};

}  // namespace apiserver
