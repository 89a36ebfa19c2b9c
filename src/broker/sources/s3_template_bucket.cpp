#include "broker/sources/s3_template_bucket.hpp"

#include "broker/sources/bucket_advice.hpp"

namespace broker {

namespace {

// The user's request was right.
core::Error as_operators_error(const core::Error& error, const std::string& where, const Template& service) {
  core::Error result = error.with_context("The template of " + service.name +
                                          " is too long for a request and could not be written to " + where);
  result.message += bucket_advice(error, "s3:GetObject and s3:PutObject for " + where);
  if (!error.retryable()) result.kind = core::ErrorKind::internal;
  return result;
}

}  // namespace

async::Task<core::Result<std::string>> S3TemplateBucket::put(std::shared_ptr<const Template> service) {
  const std::string key = std::string(sent_templates) + service->digest + ".json";
  const std::string where = "s3://" + bucket_ + "/" + key;
  auto url = s3_.object_url(bucket_, key);
  if (!url) co_return core::fail(as_operators_error(url.error(), where, *service));
  // Compared, not only looked for: others may write to the bucket too.
  const auto there = co_await s3_.get_object(bucket_, key);
  if (there && *there == service->body) co_return url;
  if (!there && there.error().retryable())
    co_return core::fail(as_operators_error(there.error(), where, *service));
  // Who may not list a bucket is refused what is not there: writing tells whether it is that.
  const auto written = co_await s3_.put_object(bucket_, key, service->body, "application/json");
  if (!written) co_return core::fail(as_operators_error(written.error(), where, *service));
  co_return url;
}

}  // namespace broker
