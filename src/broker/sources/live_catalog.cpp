#include "broker/sources/live_catalog.hpp"

#include <malloc.h>

#include <boost/system/system_error.hpp>

#include "async/timeout.hpp"
#include "core/log.hpp"

namespace broker {

namespace {

constexpr std::chrono::minutes interval{10};
constexpr std::chrono::seconds interval_while_empty{15};  // so that an outage at start does not last longer

}  // namespace

LiveCatalog::LiveCatalog(boost::asio::any_io_executor executor, const Ids& ids, CatalogOptions options,
                         Surroundings surroundings)
    : ids_(ids),
      options_(std::move(options)),
      surroundings_(surroundings),
      asked_(std::move(executor)),
      current_(std::make_shared<const Catalog>(ids_, TemplateSet(), options_)) {}

std::optional<std::string> LiveCatalog::why_empty() const {
  const TemplateSet& templates = current_->templates();
  if (!templates.templates.empty()) return std::nullopt;
  std::string why =
      surroundings_.source.name() + " has no template that matches --templateFilter and --classes";
  if (!templates.problems.empty()) why = templates.problems.front();
  if (!failure_.empty()) why = failure_;
  return "the catalog is empty: " + why;
}

async::Task<core::Result<bool>> LiveCatalog::refresh() {
  auto templates = co_await surroundings_.source.refresh();
  surroundings_.metrics.increment(
      "aws_sb_template_refreshes_total", "Reads of the templates, by outcome",
      {{"outcome", templates ? "ok" : std::string(core::to_string(templates.error().kind))}});
  if (!templates) {
    failure_ = templates.error().message;
    core::log::warn("The templates could not be read; the catalog is unchanged", {{"error", failure_}});
    co_return core::fail(std::move(templates.error()));
  }
  failure_.clear();
  if (!*templates) co_return false;
  use(std::move(**templates));
  co_return true;
}

void LiveCatalog::use(TemplateSet templates) {
  for (const std::string& problem : templates.problems)
    core::log::error("A template is broken", {{"problem", problem}});
  core::log::info("Offering the templates of", {{"source", surroundings_.source.name()},
                                                {"classes", templates.templates.size()},
                                                {"broken", templates.problems.size()}});
  surroundings_.metrics.set_gauge("aws_sb_catalog_classes", "Classes in the catalog", {},
                                  static_cast<double>(templates.templates.size()));
  surroundings_.metrics.set_gauge("aws_sb_broken_templates", "Templates that could not be used", {},
                                  static_cast<double>(templates.problems.size()));
  current_ = std::make_shared<const Catalog>(ids_, std::move(templates), options_);
  malloc_trim(0);  // reading templates takes much more memory than it leaves in use
}

// What run_until() runs must not throw; whoever is cancelled finds out at its next wait.
async::Task<> LiveCatalog::until_asked() {
  try {
    co_await asked_.wait();
  } catch (const boost::system::system_error&) {
  }
}

async::Task<> LiveCatalog::run(std::function<void(std::shared_ptr<const Catalog>)> on_change) {
  while (true) {
    async::Task<> asked = until_asked();
    co_await async::run_until(surroundings_.clock, why_empty() ? interval_while_empty : interval,
                              std::move(asked));
    const auto is_new = co_await refresh();
    if (is_new && *is_new) on_change(current_);
  }
}

}  // namespace broker
