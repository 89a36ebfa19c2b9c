#include "template_source.hpp"

core::Result<broker::TemplateSet> templates_of(const Options& options) {
  if (options.template_folder.empty()) return broker::load_built_in(options.template_filter);
  return broker::load_folder(options.template_folder, options.template_filter);
}
