#include "broker/access_keys.hpp"

#include <ranges>
#include <vector>

#include "broker/account_parameters.hpp"
#include "broker/stack_tags.hpp"

namespace broker {

namespace {

using core::ErrorKind;
using core::fail;

// The Go broker did not note where its instances came from.
std::string tag_of(const InstanceRecord& record, const char* tag) {
  const std::string_view text = core::find_string(record.stack_input, {"tags", tag});
  return text.empty() ? unknown_origin : std::string(text);
}

// arn:<partition>:cloudformation:<region>:<account>:stack/<name>/<id>; "" for what is none.
std::string account_of(const std::string& stack_id) {
  std::vector<std::string> parts;
  for (const auto part : std::views::split(stack_id, ':')) parts.emplace_back(part.begin(), part.end());
  return parts.size() == 6 ? parts[4] : std::string();
}

bool is_given(const Values& values, const std::string& place) {
  const auto found = values.find(place);
  return found != values.end() && !found->second.empty();
}

}  // namespace

core::Result<AccessKeys> access_keys(const Overrides& overrides) {
  const Values ids = overrides.by_place(access_key_parameter);
  const Values secrets = overrides.by_place(secret_key_parameter);
  const auto half = [&](const std::string& place, std::string_view missing) {
    return fail(ErrorKind::invalid, overrides.name_of(place, missing) +
                                        " is missing or empty: set aws_access_key and aws_secret_key "
                                        "together for keys of another account");
  };
  for (const auto& [place, secret] : secrets) {
    if (!is_given(ids, place)) return half(place, access_key_parameter);
  }
  AccessKeys keys;
  for (const auto& [place, id] : ids) {
    if (!is_given(secrets, place)) return half(place, secret_key_parameter);
    const std::string& secret = secrets.find(place)->second;
    const auto [known, is_new] = keys.try_emplace(id, secret, overrides.name_of(place, access_key_parameter));
    if (!is_new && known->second.secret != secret) {
      return fail(ErrorKind::invalid, overrides.name_of(place, secret_key_parameter) +
                                          " is not the secret that belongs to the same aws_access_key in " +
                                          known->second.given_by);
    }
  }
  return keys;
}

Placement placement_of(const InstanceRecord& record, const Overrides& overrides) {
  Placement place{.region = record.region,
                  .role_arn = record.role_arn,
                  .external_id = record.external_id,
                  .access_key_id = record.access_key_id};
  if (place.access_key_id.empty()) return place;
  for (const auto& [given_for, id] : overrides.by_place(access_key_parameter)) {
    if (id == place.access_key_id) return place;
  }
  const Origin origin{.cluster = tag_of(record, cluster_tag), .namespace_ = tag_of(record, namespace_tag)};
  const Values now = overrides.matching(origin, record.class_name);
  if (const auto id = now.find(access_key_parameter); id != now.end()) {
    place.access_key_id = id->second;
    if (place.role_arn.empty()) place.account_of_keys = account_of(record.stack_id);
  } else {
    place.lost_keys =
        overrides.name_of(origin.cluster + "_" + origin.namespace_ + "_" + record.class_name, "");
  }
  return place;
}

core::Result<> check_keys(const Placement& place) {
  if (place.lost_keys.empty()) return {};
  const std::string& name = place.lost_keys;
  return fail(ErrorKind::internal,
              "The keys of the account in which this instance was created are no longer set. Set keys of "
              "that account for the broker, with " +
                  name + std::string(access_key_parameter) + " and " + name +
                  std::string(secret_key_parameter) + " or for all, and restart it.");
}

}  // namespace broker
