#include "apiserver/answer.hpp"

namespace apiserver {

kube::StatusDetails details_of(const kube::Resource& resource, std::string_view name,
                               std::vector<kube::StatusCause> causes) {
  return {.name = std::string(name),
          .group = resource.group,
          .kind = resource.plural,
          .uid = {},
          .causes = std::move(causes)};
}

std::unexpected<Failure> refuse_not_found(const kube::Resource& resource, std::string_view name) {
  return refuse(kube::not_found(resource, name), details_of(resource, name));
}

std::unexpected<Failure> refuse_existing(const kube::Resource& resource, std::string_view name) {
  return refuse(kube::already_exists(resource, name), details_of(resource, name));
}

std::unexpected<Failure> refuse_conflict(const kube::Resource& resource, std::string_view name,
                                         std::string_view why) {
  return refuse(kube::conflict(resource, name, why), details_of(resource, name));
}

std::unexpected<Failure> refuse_invalid(const kube::Resource& resource, std::string_view name,
                                        std::vector<kube::StatusCause> causes) {
  core::Error error = kube::invalid_object(resource, name, causes);
  kube::StatusDetails details = details_of(resource, name, std::move(causes));
  details.kind = resource.kind;  // unlike the other answers
  return refuse(std::move(error), std::move(details));
}

std::unexpected<Failure> refuse_forbidden(const kube::Resource& resource, std::string_view name,
                                          std::string_view why, std::vector<kube::StatusCause> causes) {
  std::string message = resource.plural;
  if (!resource.group.empty()) message += "." + resource.group;
  if (!name.empty()) message += " \"" + std::string(name) + "\"";
  message.append(" is forbidden: ").append(why);
  return refuse({.kind = core::ErrorKind::forbidden, .message = std::move(message)},
                details_of(resource, name, std::move(causes)));
}

std::unexpected<Failure> refuse_request(std::string message) {
  return refuse(kube::bad_request(std::move(message)));
}

}  // namespace apiserver
