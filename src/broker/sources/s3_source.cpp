#include "broker/sources/s3_source.hpp"

#include "broker/sources/bucket_advice.hpp"
#include "broker/sources/s3_template_bucket.hpp"

namespace broker {

namespace {

std::string advice(const core::Error& error) {
  return bucket_advice(error, "s3:ListBucket and s3:GetObject there");
}

TemplateFilter with_room(TemplateFilter filter) {
  filter.most_bytes = max_object_bytes;
  return filter;
}

}  // namespace

S3Source::S3Source(aws::SessionOptions session, S3Location location, TemplateFilter filter)
    : ListedSource(with_room(std::move(filter))),
      session_(std::move(session)),
      location_(std::move(location)) {
  if (!location_.prefix.empty() && !location_.prefix.ends_with('/')) location_.prefix += '/';
}

std::string S3Source::name() const {
  return "s3://" + location_.bucket + "/" + location_.prefix + " in " + session_.region();
}

async::Task<core::Result<std::vector<ListedTemplate>>> S3Source::list() {
  auto objects = co_await s3_.list_objects(location_.bucket, location_.prefix);
  if (!objects) {
    core::Error error = objects.error().with_context("listing " + name());
    error.message += advice(error);
    co_return core::fail(std::move(error));
  }
  std::vector<ListedTemplate> files;
  for (const aws::ObjectSummary& each : *objects) {
    if (each.key.starts_with(sent_templates)) continue;
    files.push_back({.name = each.key.substr(location_.prefix.size()),
                     .stamp = each.etag + each.last_modified,
                     .size = each.size});
  }
  co_return files;
}

async::Task<core::Result<std::string>> S3Source::read(std::string name) {
  auto body = co_await s3_.get_object(location_.bucket, location_.prefix + name);
  if (!body) body.error().message += advice(body.error());
  co_return body;
}

}  // namespace broker
