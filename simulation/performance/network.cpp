// What happens to messages, and what is learnt from them.
#include <algorithm>

#include "simulation/performance/names.hpp"
#include "simulation/performance/performance.hpp"

namespace simulation {

namespace {

bool is_write(const Link& link, const net::Request& request) {
  if (link.server == aws_name) return false;
  return request.method != "GET" && request.target.find("/leases") == std::string::npos;
}

// The id in /v2/service_instances/<id>[/service_bindings/<id>], the last one; "" for other paths.
std::string last_id(std::string_view path) {
  const auto slash = path.rfind('/');
  const bool is_osb = path.starts_with("/v2/service_instances/");
  return is_osb && slash != std::string_view::npos ? std::string(path.substr(slash + 1)) : std::string();
}

bool holds_secret(std::string_view name) {
  return name.find("SECRET") != std::string_view::npos || name.find("PASSWORD") != std::string_view::npos;
}

}  // namespace

MessageFate Performance::fate_of(const Link& link, const net::Request& request) {
  MessageFate fate{.there = milliseconds(noise_.between(1, 12)), .back = milliseconds(noise_.between(1, 12))};
  if (!is_noisy_) return fate;
  if (dead_ends_.contains(link.server)) {
    fate.is_refused = true;
    return fate;
  }
  if (cut_off_.contains(link.client) || cut_off_.contains(link.server)) {
    fate.is_lost = true;
    return fate;
  }
  const Instant now = simulator_.timeline.now();
  const Noise& noise = story_.noise;
  const auto happens = [&](double Noise::* chance) {
    if (!noise_.chance(noise.*chance)) return false;
    coverage_.fault(now, std::ranges::find(noise_kinds, chance, &NoiseKind::chance)->name);
    return true;
  };
  const bool is_write_request = request.method != "GET";
  fate.is_refused = happens(&Noise::refused);
  fate.is_lost = happens(&Noise::lost);
  fate.loses_answer = happens(&Noise::answer_lost);
  fate.is_doubled = is_write_request && happens(&Noise::doubled);
  if (happens(&Noise::failed_before)) fate.status_instead = noise_.chance(0.5) ? 503 : 500;
  if (happens(&Noise::failed_after)) fate.status_after = noise_.chance(0.5) ? 502 : 504;
  fate.garbles_answer = happens(&Noise::garbled);
  // What is between answers: there is no such route, or this one is not allowed.
  const bool asks_broker = link.server != aws_name && !is_api(link.server);
  if (noise.foreign > 0 && asks_broker && happens(&Noise::foreign))
    fate.status_instead = noise_.chance(0.5) ? 404 : 403;
  if (happens(&Noise::late))
    (noise_.chance(0.5) ? fate.there : fate.back) =
        milliseconds(noise_.between(100, noise_.chance(0.3) ? 90'000 : 3'000));
  const bool client_is_mortal = !is_users(link.client);
  const bool server_is_mortal = link.server != aws_name;
  if (client_is_mortal && is_write_request && happens(&Noise::client_dies))
    (noise_.chance(0.5) ? fate.kills_client_before : fate.kills_client_after) = true;
  if (server_is_mortal && is_write_request && happens(&Noise::server_dies))
    (noise_.chance(0.5) ? fate.kills_server_before : fate.kills_server_after) = true;
  if (happens(&Noise::stream_breaks)) fate.breaks_after = milliseconds(noise_.between(10, 120'000));
  if (happens(&Noise::stream_late)) fate.late = milliseconds(noise_.between(10, 20'000));
  return fate;
}

void Performance::observe(const Exchange& exchange) {
  note_exchange(exchange);
  note_object(exchange);
  note_credentials(exchange);
  const net::Request& request = exchange.request;
  const bool is_broker = exchange.link.server.starts_with("broker");
  if (is_broker && request.target.find("/v2/catalog") == std::string::npos) {
    last_question_ = simulator_.timeline.now();
    last_question_text_ = exchange.link.client + ": " + request.method + " " + request.target;
  }
  if (is_broker && request.method == "PUT") {
    const std::string id = last_id(request.path());
    if (known_ids_.insert(id).second && request.path().find("/service_bindings/") == std::string_view::npos)
      known_instances_.push_back(id);
  }
  if (!is_write(exchange.link, request)) return;
  last_write_ = simulator_.timeline.now();
  last_writes_.push_back(exchange.link.client + ": " + request.method + " " + exchange.link.server +
                         request.target);
  if (last_writes_.size() > 4) last_writes_.pop_front();
}

// "manager-1 PUT broker-1/v2/service_instances/…: 202", "broker-1 CreateStack: 200".
void Performance::note_exchange(const Exchange& exchange) {
  const net::Request& request = exchange.request;
  std::string what;
  if (exchange.link.server == aws_name) {
    what = request.headers.get("X-Amz-Target");
    if (const auto action = request.body.find("Action="); what.empty() && action == 0)
      what = request.body.substr(7, request.body.find('&') - 7);
    if (what.empty()) what = request.method + " " + request.target;
  } else if (!is_api(exchange.link.server) || is_write(exchange.link, request)) {
    what = request.method + " " + exchange.link.server + request.target;
  } else {
    return;
  }
  note(exchange.link.client + " " + what + ": " + std::to_string(exchange.reply->status));
}

void Performance::note_object(const Exchange& exchange) {
  const std::string& target = exchange.request.target;
  if (exchange.reply->status != 200 || exchange.request.method == "GET" || !is_api(exchange.link.server))
    return;
  const bool is_instance = target.find("/serviceinstances/") != std::string::npos;
  if (!is_instance && target.find("/servicebindings/") == std::string::npos) return;
  const auto object = core::parse_json(exchange.reply->body);
  if (!object || !object->is_object()) return;
  const Condition ready = condition_of(object->get_object(), "Ready");
  coverage_.state(is_instance ? "instance" : "binding", ready.reason);
  if (is_instance && ready.status == "True")
    excuses_.once_ready.try_emplace(std::string(core::find_string(*object, {"spec", "externalID"})),
                                    simulator_.timeline.system_now());
}

void Performance::note_credentials(const Exchange& exchange) {
  const net::Request& request = exchange.request;
  if (!exchange.link.server.starts_with("broker") || exchange.reply->status > 201 ||
      request.target.find("/service_bindings/") == std::string::npos)
    return;
  const auto answer = core::parse_json(exchange.reply->body);
  const json::object* credentials = answer ? core::find_object(*answer, {"credentials"}) : nullptr;
  if (credentials == nullptr) return;
  for (const json::key_value_pair& entry : *credentials) {
    if (holds_secret(entry.key()) && entry.value().is_string() && entry.value().get_string().size() >= 16)
      secrets_.emplace(entry.value().get_string());
  }
}

}  // namespace simulation
