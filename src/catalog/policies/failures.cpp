#include "catalog/policies/failures.hpp"

#include "core/text.hpp"

namespace catalog {

namespace {

bool creates(BrokerCall call) {
  return call == BrokerCall::provision || call == BrokerCall::bind;
}
bool removes(BrokerCall call) {
  return call == BrokerCall::deprovision || call == BrokerCall::unbind;
}

bool is_temporary(const core::Error& error) {
  // Not the broker's answer (osb/client.hpp).
  const bool is_anothers = error.http_status == 404 || error.http_status == 410;
  if (is_anothers && error.kind == core::ErrorKind::protocol) return true;
  switch (error.http_status) {
    case 401:  // credentials can be repaired without touching the object
    case 403:
    case 408:
    case 429:
      return true;
    case 422:
      return error.code == "ConcurrencyError" || is_maintenance_conflict(error);
    default:
      return error.http_status == 0 || error.http_status == 200 || error.http_status >= 500;
  }
}

}  // namespace

bool is_maintenance_conflict(const core::Error& error) {
  return error.http_status == 422 && error.code == "MaintenanceInfoConflict";
}

Verdict judge(BrokerCall call, const core::Error& error) {
  // What removes is repeated until it succeeds; it needs no mitigation but itself.
  if (removes(call)) return {.retry = true, .mitigate_orphan = false};
  int status = error.http_status;
  bool unclear =
      status == 0 ? error.kind == core::ErrorKind::timeout : (status > 200 && status < 300) || status >= 500;
  bool mitigate = creates(call) && unclear;
  return {.retry = mitigate || is_temporary(error) || (status > 200 && status < 300),
          .mitigate_orphan = mitigate};
}

std::string describe(const core::Error& error) {
  constexpr std::size_t longest = 1000;
  std::string text;
  if (error.http_status != 0) text += "Status: " + std::to_string(error.http_status) + "; ";
  if (!error.code.empty()) text += error.code + ": ";
  text += error.message.empty() ? "the broker gave no description" : error.message;
  return core::shortened(text, longest);
}

}  // namespace catalog
