// Creating, changing and deleting objects: decode → default → complete → admit → validate → write, with what
// has to be asked on the way. Used by HTTP requests and by the parts that clean up.
//
// Executor: the loop's thread. A change is made from the state that was read; where another write came
// between, it is made again from the new state, unless the caller has named a version.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "apiserver/admission.hpp"
#include "apiserver/answer.hpp"
#include "apiserver/decoding.hpp"
#include "apiserver/lifecycle.hpp"
#include "apiserver/registry.hpp"
#include "apiserver/store.hpp"
#include "async/clock.hpp"

namespace apiserver {

// The largest object that a user may make or let grow; as etcd's limit of a request. Status, and what
// controllers and the parts that clean up write, may add to it up to `most_stored_bytes`, so that an object
// that was taken can also be worked on. What makes an object smaller is never refused.
inline constexpr std::size_t most_object_bytes = 1536 * 1024;
inline constexpr std::size_t most_stored_bytes = 3 * 1024 * 1024;

// Who writes and how: what a request's headers and query say.
struct WriteOptions {
  UserInfo user;
  std::string field_manager;
  FieldValidation validation = FieldValidation::warn;
  bool dry_run = false;
  bool applied = false;  // managedFields are up to date already
  bool whole = false;    // the object given is whole: it may take the place of one that cannot be read
  // Told to the user; a change that is made again may tell the same again.
  std::shared_ptr<std::vector<std::string>> warnings = std::make_shared<std::vector<std::string>>();
};

class Writes {
 public:
  Writes(Store& store, Registry& registry, async::Clock& clock)
      : store_(store), registry_(registry), clock_(clock) {}
  void set_admission(Admission* admission) { admission_ = admission; }
  // Told of every CustomResourceDefinition that was written or deleted (then with removed = true).
  using OnDefinition = std::function<void(const json::object& crd, bool removed)>;
  void on_definition(OnDefinition told) { on_definition_ = std::move(told); }

  [[nodiscard]] async::Task<Answer<Object>> create(KindPtr kind, std::string namespace_, json::object object,
                                                   WriteOptions options);

  // The object as it shall be, from what it is. An empty version in it: no matter what it was.
  using Change = std::function<Answer<json::object>(const json::object& current)>;
  [[nodiscard]] async::Task<Answer<Object>> update(KindPtr kind, kube::ObjectKey key, std::string subresource,
                                                   Change change, WriteOptions options);
  // Server-side apply; creates where there is none (then *created becomes true).
  [[nodiscard]] async::Task<Answer<Object>> apply(KindPtr kind, kube::ObjectKey key, std::string subresource,
                                                  json::object configuration, bool force, bool* created,
                                                  WriteOptions options);

  struct Removal {
    Object object;      // the last state
    bool gone = false;  // false: it has finalizers
  };
  [[nodiscard]] async::Task<Answer<Removal>> remove(KindPtr kind, kube::ObjectKey key,
                                                    DeleteOptions delete_options, WriteOptions options);

 private:
  [[nodiscard]] async::Task<Answer<>> check_namespace(const Kind& kind, std::string namespace_,
                                                      std::string name);
  [[nodiscard]] async::Task<Answer<json::object>> admit(const Kind& kind, std::string subresource,
                                                        Operation operation, json::object object,
                                                        const json::object* before,
                                                        const WriteOptions& options);
  [[nodiscard]] async::Task<Answer<Object>> create_named(KindPtr kind, json::object object,
                                                         const WriteOptions& options);
  [[nodiscard]] async::Task<Answer<json::object>> successor(const Kind& kind, std::string subresource,
                                                            const json::object& current, json::object next,
                                                            const WriteOptions& options);
  [[nodiscard]] async::Task<Answer<Object>> replace_lost(KindPtr kind, std::string store_key, Object lost,
                                                         Change change, WriteOptions options);
  [[nodiscard]] async::Task<core::Result<Object>> commit(const Kind& kind, Write write, bool dry_run);
  [[nodiscard]] std::string now() const { return core::to_rfc3339(clock_.system_now()); }

  Store& store_;
  Registry& registry_;
  async::Clock& clock_;
  Admission* admission_ = nullptr;
  OnDefinition on_definition_;
};

}  // namespace apiserver
