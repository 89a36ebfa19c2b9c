// Credentials from a program that the kubeconfig names (aws eks get-token, gke-gcloud-auth-plugin …).
// Source:
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
//
// Runs the program and waits for it: for start-up and for command line tools. A long-running process blocks
// for as long as the program takes each time its token expires.
#pragma once

#include <optional>
#include <string>

#include "core/json.hpp"
#include "core/time.hpp"

namespace kube {

namespace json = boost::json;

struct ExecCredential {
  std::string token;
  std::string certificate_pem;
  std::string key_pem;
  std::optional<core::SystemTime> expires;
};

// exec: users[].user.exec of a kubeconfig in `folder` (a command with a '/' is relative to it).
// Errors: invalid (the section or the answer), unavailable (the program could not be run or failed), timeout
// (60 s).
[[nodiscard]] core::Result<ExecCredential> run_credential_plugin(const json::object& exec,
                                                                 const std::string& folder);

}  // namespace kube
