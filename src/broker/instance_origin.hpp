// Whose an instance is: attributes that a platform gives when it makes one, and that no later request may
// change but an adoption. Pure.
//
// Records hold them. Older ones, and those of the Go broker, do not: they are completed from the stack's
// tags.
// "" stands for what nobody knows, never for everything.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/cloudformation.hpp"
#include "core/json.hpp"

namespace broker {

// Where a request came from.
inline constexpr const char* unknown_origin = "unknown";  // the platform did not say
struct Origin {
  std::string cluster = unknown_origin;
  std::string namespace_ = unknown_origin;
};
[[nodiscard]] Origin origin_of(const boost::json::value& context, std::string_view organization_guid,
                               std::string_view space_guid);

struct InstanceOrigin {
  std::string platform;             // "kubernetes", "cloudfoundry"
  std::string cluster, name_space;  // as Origin has them and the stack's tags
  std::string organization_guid, space_guid;
  [[nodiscard]] bool operator==(const InstanceOrigin&) const = default;
};

[[nodiscard]] boost::json::object to_json(const InstanceOrigin& origin);
[[nodiscard]] InstanceOrigin instance_origin_from_json(const boost::json::object& object);

// As a request says; the guids are "" where it does not have them.
[[nodiscard]] InstanceOrigin instance_origin_of(const boost::json::value& context,
                                                std::string_view organization_guid,
                                                std::string_view space_guid);

// What is known of an instance.
struct KnownOrigin {
  InstanceOrigin origin;
  // False: neither a record nor tags tell of its cluster and namespace, and the first request that does may.
  bool is_told = true;
};
[[nodiscard]] KnownOrigin known_origin_of(const boost::json::object& stack_tags);
[[nodiscard]] KnownOrigin known_origin_of(const aws::NameValues& stack_tags);

// Of a PUT, which says all that it knows: the first attribute that is not the instance's, for people; ""
// where it is the same request. A cluster or namespace that only one side knows is another one, unless both
// guids say that it is the same, or nobody was ever told the instance's.
[[nodiscard]] std::string other_attribute_of_put(const KnownOrigin& known, const InstanceOrigin& asked);

// Of a PATCH or a bind: what it says must be the instance's, as far as that is known. Error: conflict, naming
// the attribute.
[[nodiscard]] core::Result<> check_origin(std::string_view instance_id, const InstanceOrigin& known,
                                          const InstanceOrigin& asked);

// `known`, with what `asked` knows besides.
[[nodiscard]] InstanceOrigin completed(InstanceOrigin known, const InstanceOrigin& asked);

// A provision's context.adopted_from: {"namespace": the old one, "clusterid": the old one, by default the
// context's own}. nullopt: none. Errors: invalid.
[[nodiscard]] core::Result<std::optional<Origin>> adopted_from(const boost::json::value& context);

// Whether the instance is the one that an adoption is about.
[[nodiscard]] bool is_adopted_from(const InstanceOrigin& known, const Origin& from);

}  // namespace broker
