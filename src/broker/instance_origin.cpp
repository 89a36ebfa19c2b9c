#include "broker/instance_origin.hpp"

#include "broker/stack_tags.hpp"
#include "core/text.hpp"

namespace broker {

namespace json = boost::json;

namespace {

using core::ErrorKind;
using core::fail;

constexpr std::size_t longest_attribute = 100;  // of what an error quotes

std::string without_dashes(std::string_view text) {
  std::string out(text);
  std::erase(out, '-');
  return out;
}

// "" for what the platform did not say.
std::string known_text(std::string_view text) {
  return text == unknown_origin ? std::string() : std::string(text);
}

struct Attribute {
  const char* name;
  std::string InstanceOrigin::* field;
};
constexpr Attribute attributes[] = {{"cluster", &InstanceOrigin::cluster},
                                    {"namespace", &InstanceOrigin::name_space},
                                    {"organization_guid", &InstanceOrigin::organization_guid},
                                    {"space_guid", &InstanceOrigin::space_guid}};

bool is_other(const std::string& known, const std::string& asked) {
  return !known.empty() && !asked.empty() && known != asked;
}

}  // namespace

Origin origin_of(const json::value& context, std::string_view organization_guid,
                 std::string_view space_guid) {
  Origin origin;
  const auto set = [](std::string& field, std::string value) {
    if (!value.empty()) field = std::move(value);
  };
  if (core::find_string(context, {"platform"}) == "cloudfoundry") {
    set(origin.cluster, without_dashes(organization_guid));
    set(origin.namespace_, without_dashes(space_guid));
    set(origin.cluster, without_dashes(core::find_string(context, {"organization_guid"})));
    set(origin.namespace_, without_dashes(core::find_string(context, {"space_guid"})));
  } else {
    set(origin.cluster, std::string(core::find_string(context, {"clusterid"})));
    set(origin.namespace_, std::string(core::find_string(context, {"namespace"})));
  }
  return origin;
}

json::object to_json(const InstanceOrigin& origin) {
  return {{"platform", origin.platform},
          {"cluster", origin.cluster},
          {"namespace", origin.name_space},
          {"organizationGuid", origin.organization_guid},
          {"spaceGuid", origin.space_guid}};
}

InstanceOrigin instance_origin_from_json(const json::object& object) {
  const auto text = [&](std::string_view key) { return std::string(core::find_string(object, {key})); };
  return {.platform = text("platform"),
          .cluster = text("cluster"),
          .name_space = text("namespace"),
          .organization_guid = text("organizationGuid"),
          .space_guid = text("spaceGuid")};
}

InstanceOrigin instance_origin_of(const json::value& context, std::string_view organization_guid,
                                  std::string_view space_guid) {
  const Origin origin = origin_of(context, organization_guid, space_guid);
  return {.platform = std::string(core::find_string(context, {"platform"})),
          .cluster = known_text(origin.cluster),
          .name_space = known_text(origin.namespace_),
          .organization_guid = std::string(organization_guid),
          .space_guid = std::string(space_guid)};
}

KnownOrigin known_origin_of(const json::object& stack_tags) {
  aws::NameValues tags;
  for (const auto& entry : stack_tags)
    tags.emplace_back(entry.key(), core::find_string(stack_tags, {entry.key()}));
  return known_origin_of(tags);
}

KnownOrigin known_origin_of(const aws::NameValues& stack_tags) {
  KnownOrigin known{.origin = {}, .is_told = false};
  for (const auto& [key, value] : stack_tags) {
    if (key != cluster_tag && key != namespace_tag) continue;
    known.is_told = true;
    (key == cluster_tag ? known.origin.cluster : known.origin.name_space) = known_text(value);
  }
  return known;
}

std::string other_attribute_of_put(const KnownOrigin& known, const InstanceOrigin& asked) {
  for (const auto& [name, field] : attributes) {
    if (is_other(known.origin.*field, asked.*field)) return name;
  }
  const bool same_guids = !known.origin.organization_guid.empty() && !known.origin.space_guid.empty() &&
                          known.origin.organization_guid == asked.organization_guid &&
                          known.origin.space_guid == asked.space_guid;
  if (same_guids || !known.is_told) return {};
  if (known.origin.cluster != asked.cluster) return "cluster";
  return known.origin.name_space != asked.name_space ? "namespace" : "";
}

core::Result<> check_origin(std::string_view instance_id, const InstanceOrigin& known,
                            const InstanceOrigin& asked) {
  for (const auto& [name, field] : attributes) {
    if (!is_other(known.*field, asked.*field)) continue;
    return fail(ErrorKind::conflict, "The instance " + std::string(instance_id) + " belongs to another " +
                                         name + " than that of the request, " +
                                         core::shortened(asked.*field, longest_attribute) +
                                         ". This does not change until the instance is adopted.");
  }
  return {};
}

InstanceOrigin completed(InstanceOrigin known, const InstanceOrigin& asked) {
  if (known.platform.empty()) known.platform = asked.platform;
  for (const auto& [name, field] : attributes) {
    if ((known.*field).empty()) known.*field = asked.*field;
  }
  return known;
}

core::Result<std::optional<Origin>> adopted_from(const json::value& context) {
  const json::value* from = core::find(context, {"adopted_from"});
  if (from == nullptr || from->is_null()) return std::nullopt;
  const std::string_view name_space = core::find_string(*from, {"namespace"});
  const json::value* cluster = core::find(*from, {"clusterid"});
  if (name_space.empty() || (cluster != nullptr && !cluster->is_null() && !cluster->is_string())) {
    return fail(ErrorKind::invalid,
                "\"context.adopted_from\" must be an object with the \"namespace\" that the instance was "
                "of, and its \"clusterid\" where that was another one.");
  }
  const Origin own = origin_of(context, "", "");
  Origin origin{.cluster = own.cluster, .namespace_ = std::string(name_space)};
  if (cluster != nullptr && cluster->is_string() && !cluster->get_string().empty())
    origin.cluster = std::string(cluster->get_string());
  return origin;
}

bool is_adopted_from(const InstanceOrigin& known, const Origin& from) {
  return !known.name_space.empty() && known.name_space == from.namespace_ &&
         (known.cluster.empty() || known.cluster == from.cluster);
}

}  // namespace broker
