// A provision without a record: the records were lost or restored, and the instance's stack may be there. It
// is looked for before anything is recorded or made, so that what is found is known from what is made.
//
// Platforms remove what a provision may have left (orphan mitigation) after a status of 5xx or 408, a lost
// answer, and a last operation that has failed; their DELETE cannot be told from a user's. So a stack that
// was found is never answered for in one of these ways: 200 where it is what is asked for, 409 where it is
// not, 422 ConcurrencyError where that cannot be said now.
#include "broker/adopted_stack.hpp"
#include "broker/console_url.hpp"
#include "broker/operations/ask_again.hpp"
#include "broker/operations/stack_state.hpp"
#include "broker/service_broker.hpp"
#include "broker/stack_tags.hpp"
#include "core/log.hpp"

namespace broker {

namespace json = boost::json;

namespace {

using core::ErrorKind;
using core::fail;

std::unexpected<core::Error> is_another(const aws::Stack& stack, const std::string& why) {
  return fail(ErrorKind::conflict,
              "The stack " + stack.name + " of this instance already exists, but " + why + ".");
}

core::Result<> must_be_whole(const aws::Stack& stack) {
  const std::string which = "The stack " + stack.name + " of this instance already exists";
  switch (found_state_of(stack.status)) {
    case FoundState::whole:
      return {};
    case FoundState::busy:
      return fail(ErrorKind::unprocessable,
                  which + ", and CloudFormation is working on it (" + stack.status +
                      "). Send the request again when it is done.",
                  "ConcurrencyError");
    case FoundState::broken:
      break;
  }
  return fail(ErrorKind::conflict,
              which + ", in the state " + stack.status + ". It was not changed. " + way_out_of(stack.status));
}

osb::ProvisionResponse is_there(const InstanceRecord& record) {
  return {.outcome = osb::Outcome::unchanged,
          .dashboard_url = console_url(record.stack_id),
          .operation = {},
          .metadata = {}};
}

}  // namespace

// nullopt: there is none.
async::Task<core::Result<std::optional<aws::Stack>>> ServiceBroker::find_stack(const InstanceRecord& record) {
  auto stack = co_await find_own_stack(record);
  if (stack) co_return std::move(*stack);
  if (stack.error().kind == ErrorKind::not_found) co_return std::nullopt;
  // Refused, it is the user's to mend, who may have named a role or region.
  if (is_refusal(stack.error())) {
    stack.error().kind = ErrorKind::invalid;
    co_return fail(stack.error().with_context("CloudFormation refused to search for the stack"));
  }
  co_return fail(ask_again(std::move(stack.error())));
}

async::Task<core::Result<std::optional<osb::ProvisionResponse>>> ServiceBroker::provision_found(
    const osb::ProvisionRequest& request, const Selection& selection, InstanceRecord wanted) {
  const auto from = adopted_from(request.context);
  if (!from) co_return fail(from.error());
  InstanceRecord record = wanted;
  core::Result<std::optional<aws::Stack>> found = std::optional<aws::Stack>();
  if (*from) {
    // It was made where its former namespace's instances are.
    osb::ProvisionRequest before = request;
    json::object& context = before.context.as_object();
    context["namespace"] = (*from)->namespace_;
    context["clusterid"] = (*from)->cluster;
    auto as_before = new_instance(selection, before);
    if (as_before) found = co_await find_stack(*as_before);
    if (!found) co_return fail(std::move(found.error()));
    if (*found) record = std::move(*as_before);
  }
  if (!*found) found = co_await find_stack(wanted);
  if (!found) co_return fail(std::move(found.error()));
  if (!*found) co_return std::nullopt;
  const aws::Stack& stack = **found;
  const KnownOrigin known = known_origin_of(stack.tags);
  const bool is_adopted = *from && is_adopted_from(known.origin, **from);
  const std::string other = other_attribute_of_put(known, *wanted.origin);
  if (!other.empty() && !is_adopted) co_return is_another(stack, "it belongs to another " + other);
  if (auto whole = must_be_whole(stack); !whole) co_return fail(std::move(whole.error()));
  auto adopted = co_await adopt_stack(std::move(record), stack, request);
  if (!adopted) co_return fail(ask_again(std::move(adopted.error())));
  core::log::info("A stack without a record was taken over",
                  {{"instance", adopted->id}, {"stack", adopted->stack_id}});
  if (other.empty()) co_return is_there(*adopted);
  auto answer = co_await adopt(std::move(*adopted), std::move(wanted));
  if (!answer) co_return fail(std::move(answer.error()));
  co_return std::move(*answer);
}

async::Task<core::Result<InstanceRecord>> ServiceBroker::adopt_stack(InstanceRecord record,
                                                                     const aws::Stack& stack,
                                                                     const osb::ProvisionRequest& request) {
  record.stack_id = stack.id;
  // The catalog's template may be another than the one that the stack was made from.
  record.template_digest.clear();
  const auto service = co_await template_in_use(record);
  if (!service && service.error().kind == ErrorKind::invalid)
    co_return is_another(stack, "the broker cannot read its template: " + service.error().message);
  if (!service) co_return fail(service.error());
  const auto selection = catalog_->select(*service, request.plan_id);
  if (!selection) co_return is_another(stack, "its template does not have the requested plan");
  const KnownOrigin known = known_origin_of(stack.tags);
  Origin origin;
  if (!known.origin.cluster.empty()) origin.cluster = known.origin.cluster;
  if (!known.origin.name_space.empty()) origin.namespace_ = known.origin.name_space;
  const auto asked =
      merge_parameters(*selection, options_.overrides.matching(origin, (*service)->name), request.parameters);
  if (!asked) co_return fail(asked.error());
  if (const std::string other = difference_of(stack, *selection, *asked, request.parameters); !other.empty())
    co_return is_another(stack, other + ". Request what it has, then update the instance");
  auto kept = co_await pinned_.keep(*service);
  if (!kept) co_return fail(std::move(kept.error()));
  json::object input = stack_input_of(stack, **service, *asked);
  input["parameters"] =
      sealed_values_.seal(**service, std::move(input.at("parameters").as_object()), record.id);
  record.stack_input = std::move(input);
  record.template_digest = (*service)->digest;
  record.origin = completed(known.origin, *record.origin);
  record.phase = InstancePhase::ready;
  record.adopted = true;
  record.begun = core::to_rfc3339(clock_.system_now());
  auto written = co_await store_.put_instance(std::move(record));
  if (!written && written.error().kind == ErrorKind::conflict)
    co_return fail(ErrorKind::unprocessable, "Another request for this instance is being handled.",
                   "ConcurrencyError");
  co_return written;
}

}  // namespace broker
