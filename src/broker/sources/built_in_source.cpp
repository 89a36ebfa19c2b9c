#include "broker/sources/built_in_source.hpp"

namespace broker {

async::Task<core::Result<std::optional<TemplateSet>>> BuiltInSource::refresh() {
  if (was_read_) co_return std::optional<TemplateSet>();
  was_read_ = true;
  co_return std::optional<TemplateSet>(load_built_in(classes_));
}

}  // namespace broker
