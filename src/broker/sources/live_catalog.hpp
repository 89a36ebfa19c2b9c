// The catalog that is offered now, and what makes a new one of it: the source's templates, read again every
// ten minutes and when someone asks.
//
// On the program's one loop. A source that cannot be read leaves the last catalog in place.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "async/clock.hpp"
#include "async/event.hpp"
#include "broker/catalog.hpp"
#include "broker/sources/template_source.hpp"
#include "core/metrics.hpp"

namespace broker {

class LiveCatalog {
 public:
  struct Surroundings {  // all outlive the catalog
    TemplateSource& source;
    async::Clock& clock;
    core::Metrics& metrics;
  };
  // Empty until the first refresh.
  LiveCatalog(boost::asio::any_io_executor executor, const Ids& ids, CatalogOptions options,
              Surroundings surroundings);

  // Never null.
  [[nodiscard]] const std::shared_ptr<const Catalog>& current() const { return current_; }
  // Why no class is offered; nullopt where one is.
  [[nodiscard]] std::optional<std::string> why_empty() const;

  // Returns whether there is a new catalog. Errors: the source's.
  [[nodiscard]] async::Task<core::Result<bool>> refresh();
  void ask_for_refresh() { asked_.notify(); }
  // Refreshes until it is cancelled; tells each new catalog.
  [[nodiscard]] async::Task<> run(std::function<void(std::shared_ptr<const Catalog>)> on_change);

 private:
  void use(TemplateSet templates);
  [[nodiscard]] async::Task<> until_asked();

  Ids ids_;
  CatalogOptions options_;
  Surroundings surroundings_;
  async::Event asked_;
  std::shared_ptr<const Catalog> current_;
  std::string failure_;  // of the last refresh; "" where there was none
};

}  // namespace broker
