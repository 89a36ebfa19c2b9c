// Where the templates come from, by the flags.
#pragma once

#include <memory>

#include "async/blocking_pool.hpp"
#include "aws/session.hpp"
#include "broker/cloud/template_bucket.hpp"
#include "broker/sources/template_source.hpp"
#include "options.hpp"

// `session`: the broker's own; a bucket may be in another region. The pool outlives the source.
[[nodiscard]] std::unique_ptr<broker::TemplateSource> template_source_of(const Options& options,
                                                                         async::BlockingPool& pool,
                                                                         aws::SessionOptions session);

// What long templates are sent by: the bucket of the flags. Null where there is none.
[[nodiscard]] std::unique_ptr<broker::TemplateBucket> template_bucket_of(const Options& options,
                                                                         aws::SessionOptions session);
