// How CloudFormation gets a template: in the request, or where it is too long for that, from the bucket.
#include "broker/service_broker.hpp"

namespace broker {

namespace {

bool fits_request(const Template& service) {
  return service.body.size() <= max_request_bytes;
}

}  // namespace

async::Task<core::Result<>> ServiceBroker::keep_template(std::shared_ptr<const Template> service) {
  auto kept = co_await pinned_.keep(service);
  if (!kept || fits_request(*service)) co_return kept;
  // Here already, and not only before it is sent: a bucket that refuses it leaves no record.
  auto address = co_await put_into_bucket(std::move(service));
  if (!address) co_return core::fail(std::move(address.error()));
  co_return core::Result<>();
}

async::Task<core::Result<>> ServiceBroker::add_template(aws::StackInput& input,
                                                        std::shared_ptr<const Template> service) {
  if (fits_request(*service)) {
    input.template_body = service->body;
    co_return core::Result<>();
  }
  auto address = co_await put_into_bucket(std::move(service));
  if (!address) co_return core::fail(std::move(address.error()));
  input.template_url = std::move(*address);
  co_return core::Result<>();
}

async::Task<core::Result<std::string>> ServiceBroker::put_into_bucket(
    std::shared_ptr<const Template> service) {
  if (template_bucket_ != nullptr) co_return co_await template_bucket_->put(std::move(service));
  // It was offered from a bucket, which the broker has no more.
  co_return core::fail(core::ErrorKind::internal, "The template of " + service->name + " cannot be sent: " +
                                                      too_long_for_a_request(service->body.size()));
}

}  // namespace broker
