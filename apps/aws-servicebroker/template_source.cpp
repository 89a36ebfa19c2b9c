#include "template_source.hpp"

#include "broker/sources/built_in_source.hpp"
#include "broker/sources/folder_source.hpp"
#include "broker/sources/s3_source.hpp"
#include "broker/sources/s3_template_bucket.hpp"

std::unique_ptr<broker::TemplateSource> template_source_of(const Options& options, async::BlockingPool& pool,
                                                           aws::SessionOptions session) {
  broker::TemplateFilter filter{.suffix = options.template_filter, .classes = options.classes};
  if (!options.s3_bucket.empty()) {
    session.region = options.s3_region;
    broker::S3Location location{.bucket = options.s3_bucket, .prefix = options.s3_key};
    return std::make_unique<broker::S3Source>(std::move(session), std::move(location), std::move(filter));
  }
  if (!options.template_folder.empty())
    return std::make_unique<broker::FolderSource>(pool, options.template_folder, std::move(filter));
  return std::make_unique<broker::BuiltInSource>(options.classes);
}

std::unique_ptr<broker::TemplateBucket> template_bucket_of(const Options& options,
                                                           aws::SessionOptions session) {
  if (options.s3_bucket.empty()) return nullptr;
  session.region = options.s3_region;
  return std::make_unique<broker::S3TemplateBucket>(std::move(session), options.s3_bucket);
}
