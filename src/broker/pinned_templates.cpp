#include "broker/pinned_templates.hpp"

namespace broker {

namespace {

// Between keep() and the record that refers to the template another replica may look for unused ones. So a
// template is kept anew in short intervals, and young ones are never removed.
constexpr std::chrono::minutes keep_again{10};
constexpr std::chrono::hours youth{1};

std::int64_t seconds_of(core::SystemTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

async::Task<core::Result<>> PinnedTemplates::keep(std::shared_ptr<const Template> service) {
  const core::SystemTime now = clock_.system_now();
  const auto known = known_.find(service->digest);
  if (known != known_.end() && now - known->second.kept_at < keep_again) co_return core::Result<>();
  StoredTemplate stored{.digest = service->digest, .body = service->body, .kept_at = seconds_of(now)};
  auto written = co_await store_.put_template(std::move(stored));
  if (written) known_[service->digest] = {.service = service, .kept_at = now};
  co_return written;
}

async::Task<core::Result<std::shared_ptr<const Template>>> PinnedTemplates::find(std::string digest) {
  if (const auto known = known_.find(digest); known != known_.end()) co_return known->second.service;
  auto stored = co_await store_.get_template(digest);
  if (!stored) co_return core::fail(std::move(stored.error()));
  if (!*stored)
    co_return core::fail(core::ErrorKind::not_found, "The template " + digest + " is not in the store.");
  auto parsed = parse_template(std::move((*stored)->body), digest);
  if (!parsed) co_return core::fail(std::move(parsed.error()));
  auto service = std::make_shared<const Template>(std::move(*parsed));
  // Kept meanwhile, it stays as it is.
  co_return known_.try_emplace(digest, Known{.service = std::move(service), .kept_at = {}})
      .first->second.service;
}

async::Task<core::Result<>> PinnedTemplates::remove_all_but(std::set<std::string> digests) {
  auto stored = co_await store_.list_templates();
  if (!stored) co_return core::fail(std::move(stored.error()));
  const std::int64_t young = seconds_of(clock_.system_now() - youth);
  for (StoredTemplate& each : *stored) {
    if (digests.contains(each.digest) || each.kept_at > young) continue;
    known_.erase(each.digest);
    auto removed = co_await store_.remove_template(std::move(each));
    if (!removed && removed.error().kind != core::ErrorKind::conflict) co_return removed;
  }
  co_return core::Result<>();
}

}  // namespace broker
