// Where the templates come from, by the flags.
#pragma once

#include "broker/template_set.hpp"
#include "options.hpp"

// Blocks. Error: not_found, forbidden (the folder).
[[nodiscard]] core::Result<broker::TemplateSet> templates_of(const Options& options);
