#include "apiserver/cleanup/cleaner.hpp"

#include <utility>

namespace apiserver {

namespace {
constexpr std::chrono::seconds retry_interval(1);
}

async::Task<> Cleaner::run() {
  while (true) {
    const std::shared_ptr<Subscription> changes = store_.subscribe("/", store_.published());
    if (const auto keys = co_await all()) due_.insert(keys->begin(), keys->end());
    while (!changes->ended()) {
      for (const std::string& key : std::exchange(due_, {})) {
        if (!co_await clean(key)) due_.insert(key);
      }
      const std::deque<EventPtr> events = due_.empty()
                                              ? co_await changes->next()
                                              : co_await changes->next(clock_, clock_.now() + retry_interval);
      for (const EventPtr& event : events) {
        // What cannot be read now is found again by all(), after the next start at the latest.
        if (const auto keys = co_await concerned_by(event)) due_.insert(keys->begin(), keys->end());
      }
    }
    co_await clock_.sleep_for(retry_interval);  // fell behind: start over
  }
}

WriteOptions Cleaner::as(std::string_view name) {
  UserInfo user{.username = "system:serviceaccount:kube-system:" + std::string(name),
                .uid = {},
                .groups = {"system:masters", "system:authenticated"},
                .extra = {}};
  return {.user = std::move(user), .field_manager = std::string(name)};
}

std::vector<std::string> Cleaner::keys_of(const Kind& kind, const ListPage& page) {
  std::vector<std::string> keys;
  for (const Object& object : page.items) keys.push_back(kind.key(kube::key_of(*object)));
  for (const Unreadable& one : page.unreadable) keys.push_back(one.key);
  return keys;
}

async::Task<bool> Cleaner::remove(std::string key, std::string propagation, WriteOptions options) {
  const KindPtr kind = registry_.of_key(key);
  if (kind == nullptr) co_return true;
  const core::Result<Store::Found> found = co_await store_.find(key);
  if (!found) co_return false;
  if (found->object == nullptr || kube::is_being_deleted(*found->object)) co_return true;
  DeleteOptions delete_options{.uid = std::string(kube::uid_of(*found->object)),
                               .resource_version = {},
                               .propagation_policy = std::move(propagation)};
  const Answer<Writes::Removal> removal =
      co_await writes_.remove(kind, kind->object_key(key), std::move(delete_options), std::move(options));
  co_return removal || removal.error().error.kind == core::ErrorKind::not_found;
}

}  // namespace apiserver
