// The wire form of admission webhooks: AdmissionReview v1 (admission.k8s.io). Pure, but for the admission
// itself. Source: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
#pragma once

#include "async/task.hpp"
#include "catalog/admission/lookup.hpp"
#include "catalog/admission/request.hpp"
#include "net/http.hpp"

namespace catalog::admission {

inline constexpr std::size_t largest_review = 8UL * 1024 * 1024;  // bytes of a body

struct Review {
  std::string uid;
  Request request;
};
// Error: invalid (what the AdmissionReview lacks).
[[nodiscard]] core::Result<Review> read_review(const json::value& body);

enum class WebhookKind {
  mutating,    // answers with a JSON patch to the admitted object
  validating,  // answers whether it is admitted
};
[[nodiscard]] json::object answer_review(const Review& review, WebhookKind kind,
                                         const core::Result<json::object>& admitted);

// A whole call: POST with an AdmissionReview, answered by one. 400 for what is none.
[[nodiscard]] async::Task<net::Response> handle_review(const net::Request& request, WebhookKind kind,
                                                       Lookup& lookup);

// RFC 6902: the operations that make `to` of `from`; arrays are replaced whole.
[[nodiscard]] json::array json_patch_between(const json::value& from, const json::value& to);

}  // namespace catalog::admission
