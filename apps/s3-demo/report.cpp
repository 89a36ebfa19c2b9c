#include "report.hpp"

namespace {

core::json::object json_of(const Outcome& outcome) {
  core::json::object object;
  object["success"] = outcome.success;
  object["data"] = core::json::array(outcome.messages.begin(), outcome.messages.end());
  if (outcome.response) object["response"] = *outcome.response;
  return object;
}

}  // namespace

bool Report::success() const {
  return cleanup.success && put.success && describe.success && list.success && idempotency.success &&
         remove.success;
}

core::json::object Report::to_json() const {
  core::json::object steps;
  steps["cleanup"] = json_of(cleanup);
  steps["put"] = json_of(put);
  steps["describe"] = json_of(describe);
  steps["list"] = json_of(list);
  steps["idempotency"] = json_of(idempotency);
  steps["delete"] = json_of(remove);
  core::json::object answer;
  answer["success"] = success();
  answer["data"] = std::move(steps);
  return answer;
}
