#include "local_admission.hpp"

namespace {

catalog::admission::Operation to_catalog(apiserver::Operation operation) {
  switch (operation) {
    case apiserver::Operation::create:
      return catalog::admission::Operation::create;
    case apiserver::Operation::update:
      return catalog::admission::Operation::update;
    case apiserver::Operation::remove:
      break;
  }
  return catalog::admission::Operation::remove;
}

}  // namespace

async::Task<core::Result<boost::json::object>> CatalogAdmission::admit(apiserver::AdmissionRequest request) {
  if (!catalog::admission::concerns(request.resource, request.subresource))
    co_return std::move(request.object);
  catalog::admission::Request asked{.resource = std::move(request.resource),
                                    .subresource = std::move(request.subresource),
                                    .operation = to_catalog(request.operation),
                                    .key = std::move(request.key),
                                    .object = std::move(request.object),
                                    .old_object = std::move(request.old_object),
                                    .user = {.username = std::move(request.user.username),
                                             .uid = std::move(request.user.uid),
                                             .groups = std::move(request.user.groups),
                                             .extra = std::move(request.user.extra)},
                                    .dry_run = request.dry_run};
  co_return co_await catalog::admission::admit(std::move(asked), lookup_);
}
