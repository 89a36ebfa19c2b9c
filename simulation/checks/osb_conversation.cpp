#include "simulation/checks/osb_conversation.hpp"

namespace simulation {

using osb_check::Call;
using osb_check::told;

namespace {
std::string broker_of(const std::string& server) {
  return server.substr(0, server.find('.'));
}
}  // namespace

void OsbConversation::watch(Network& network, const Timeline& timeline) {
  network.observe_request = [this, &timeline, before = std::move(network.observe_request)](
                                const Link& link, std::uint64_t call, const net::Request& request) {
    if (before) before(link, call, request);
    sent(timeline.since_start(), link, call, request);
  };
  network.observe = [this, &timeline, before = std::move(network.observe)](const Exchange& exchange) {
    if (before) before(exchange);
    handled(timeline.since_start(), exchange.link, exchange.call, exchange.request, exchange.reply);
  };
  network.observe_answer = [this, &timeline, before = std::move(network.observe_answer)](
                               const Link& link, std::uint64_t call, const core::Result<net::Reply>& got) {
    if (before) before(link, call, got);
    seen(timeline.since_start(), link, call, got);
  };
}

std::string OsbConversation::platform_of(const std::string& process) const {
  const auto api = apis_.find(process);
  return api != apis_.end() ? api->second : process;
}

void OsbConversation::sent(milliseconds time, const Link& link, std::uint64_t number,
                           const net::Request& request) {
  ++events_;
  if (request.path().starts_with("/apis/") || request.path().starts_with("/api/")) {
    apis_.emplace(link.client, link.server);
    if (osb_check::is_catalog_write(request)) writes_.emplace(number, request);
    return;
  }
  if (!osb_check::is_osb(request)) return;
  const auto [entry, is_new] = calls_.emplace(number, Call{.number = number,
                                                           .client = link.client,
                                                           .server = broker_of(link.server),
                                                           .platform = platform_of(link.client),
                                                           .sent = time,
                                                           .begun = events_,
                                                           .request = request,
                                                           .asked = osb_check::read(request)});
  const Call& call = entry->second;
  request_form_.check(time, call, findings_);
  broker_side_.sent(call);
  platform_side_.sent(call, findings_);
}

void OsbConversation::handled(milliseconds time, const Link& link, std::uint64_t number,
                              const net::Request& request, const net::Reply* reply) {
  ++events_;
  if (reply == nullptr) return;
  if (osb_check::is_catalog_write(request)) return intents_.written(link.server, request, *reply);
  if (!osb_check::is_osb(request)) return;
  const auto known = calls_.find(number);
  // Its client does not wait any more: when it was sent is not known.
  Call call = known != calls_.end() ? known->second
                                    : Call{.number = number,
                                           .client = link.client,
                                           .server = broker_of(link.server),
                                           .platform = platform_of(link.client),
                                           .request = request,
                                           .asked = osb_check::read(request)};
  const osb_check::Told answer = told(*reply);
  answer_form_.check(time, call, answer, findings_);
  broker_side_.handled(time, events_, call, answer, findings_);
  if (known != calls_.end()) known->second.begun = events_;
}

void OsbConversation::seen(milliseconds time, const Link& link, std::uint64_t number,
                           const core::Result<net::Reply>& got) {
  ++events_;
  if (const auto write = writes_.find(number); write != writes_.end()) {
    // An answer that was cut is none.
    const bool is_whole = got && !got->body.empty() && (got->body.back() == '}' || got->body.back() == '\n');
    intents_.seen(link.server, write->second, is_whole ? got->status : 0);
    writes_.erase(write);
    return;
  }
  const auto known = calls_.find(number);
  if (known == calls_.end()) return;
  platform_side_.seen(time, known->second, told(got));
  calls_.erase(known);
}

}  // namespace simulation
