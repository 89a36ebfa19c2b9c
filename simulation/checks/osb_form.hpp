// What one request or one answer must have whatever came before it: headers, required members, statuses,
// error codes, and which members may not be there.
#pragma once

#include <map>
#include <set>
#include <string>

#include "simulation/checks/osb_findings.hpp"

namespace simulation::osb_check {

class RequestForm {
 public:
  // On each request of a platform, as it is sent.
  void check(milliseconds time, const Call& call, Findings& findings);

 private:
  std::set<std::string> identities_;  // of requests
};

class AnswerForm {
 public:
  // On each answer of a broker, as it is given.
  void check(milliseconds time, const Call& call, const Told& told, Findings& findings);

 private:
  void check_error(milliseconds time, const Call& call, const Told& told, Findings& findings) const;
  void check_success(milliseconds time, const Call& call, const Told& told, Findings& findings) const;
  void check_secrets(milliseconds time, const Call& call, const Told& told, const std::string& text,
                     Findings& findings);

  std::set<std::string> secrets_;  // values of credentials that brokers have given
};

// Which statuses the endpoint may answer with.
[[nodiscard]] bool is_allowed_status(const Asked& asked, int status);

}  // namespace simulation::osb_check
