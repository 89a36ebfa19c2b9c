// A result whose error also carries a Status's details: which object, which fields.
#pragma once

#include <expected>
#include <utility>

#include "core/error.hpp"
#include "kube/status.hpp"

namespace apiserver {

struct Failure {
  core::Error error;
  kube::StatusDetails details = {};
  std::string continue_token = {};  // of an expired list: where the rest begins

  Failure(core::Error failure, kube::StatusDetails status_details = {})  // NOLINT: made of any error
      : error(std::move(failure)), details(std::move(status_details)) {}
};

template <class T = void>
using Answer = std::expected<T, Failure>;

[[nodiscard]] inline std::unexpected<Failure> refuse(Failure failure) {
  return std::unexpected(std::move(failure));
}
[[nodiscard]] inline std::unexpected<Failure> refuse(core::Error error, kube::StatusDetails details = {}) {
  return std::unexpected(Failure(std::move(error), std::move(details)));
}

// --- the API's usual answers about one object ---
[[nodiscard]] kube::StatusDetails details_of(const kube::Resource& resource, std::string_view name,
                                             std::vector<kube::StatusCause> causes = {});
[[nodiscard]] std::unexpected<Failure> refuse_not_found(const kube::Resource& resource,
                                                        std::string_view name);
[[nodiscard]] std::unexpected<Failure> refuse_existing(const kube::Resource& resource, std::string_view name);
[[nodiscard]] std::unexpected<Failure> refuse_conflict(const kube::Resource& resource, std::string_view name,
                                                       std::string_view why = {});
[[nodiscard]] std::unexpected<Failure> refuse_invalid(const kube::Resource& resource, std::string_view name,
                                                      std::vector<kube::StatusCause> causes);
// `secrets "x" is forbidden: why`
[[nodiscard]] std::unexpected<Failure> refuse_forbidden(const kube::Resource& resource, std::string_view name,
                                                        std::string_view why,
                                                        std::vector<kube::StatusCause> causes = {});
[[nodiscard]] std::unexpected<Failure> refuse_request(std::string message);  // 400

}  // namespace apiserver
