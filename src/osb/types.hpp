// Wire types of the Open Service Broker API 2.17 (spec.md; the section is named at each type).
// Strict in what is written (to_json writes only what is set), tolerant in what is read (unknown fields are
// ignored).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/json.hpp"

namespace osb {

namespace json = boost::json;

inline constexpr std::string_view api_version = "2.17";

// Catalog Management. The catalog keeps the broker's own JSON for what we only hand on (metadata, schemas).
struct Plan {
  std::string id, name, description;
  bool free = true;
  std::optional<bool> bindable;         // overrides the offering's
  std::optional<bool> plan_updateable;  // overrides the offering's
  bool binding_rotatable = false;
  json::value metadata;                // object or null
  json::value instance_create_schema;  // schemas.service_instance.create.parameters, or null
  json::value instance_update_schema;
  json::value binding_create_schema;
  std::optional<std::chrono::seconds> maximum_polling_duration;
  json::value maintenance_info;  // {version, description} or null
};

struct Offering {
  std::string id, name, description;
  bool bindable = false;
  bool instances_retrievable = false;
  bool bindings_retrievable = false;
  bool allow_context_updates = false;
  bool plan_updateable = false;
  std::vector<std::string> tags;
  std::vector<std::string> requires_;
  json::value metadata;  // object or null
  json::value dashboard_client;
  std::vector<Plan> plans;
};

struct Catalog {
  std::vector<Offering> services;
};
// Errors: protocol, naming the offending offering, plan and field (missing or empty required fields,
// duplicate ids or names).
[[nodiscard]] core::Result<Catalog> catalog_from_json(const json::value& value);
[[nodiscard]] json::object to_json(const Catalog& catalog);

// Originating Identity header: platform and the JSON object about the user.
struct OriginatingIdentity {
  std::string platform;
  json::object value;
};

struct ProvisionRequest {  // PUT /v2/service_instances/:instance_id
  std::string instance_id;
  std::string service_id, plan_id;
  std::string organization_guid, space_guid;
  json::value context;     // object or null
  json::value parameters;  // object or null
  json::value maintenance_info;
  bool accepts_incomplete = false;
};

struct UpdateRequest {  // PATCH /v2/service_instances/:instance_id
  std::string instance_id;
  std::string service_id;
  std::optional<std::string> plan_id;
  json::value context, parameters, previous_values, maintenance_info;
  bool accepts_incomplete = false;
};

struct DeprovisionRequest {  // DELETE /v2/service_instances/:instance_id
  std::string instance_id, service_id, plan_id;
  bool accepts_incomplete = false;
};

struct BindRequest {  // PUT /v2/service_instances/:instance_id/service_bindings/:binding_id
  std::string instance_id, binding_id;
  std::string service_id, plan_id;
  json::value context, parameters, bind_resource;
  std::optional<std::string> app_guid;
  std::optional<std::string> predecessor_binding_id;
  bool accepts_incomplete = false;
};

struct UnbindRequest {  // DELETE /v2/service_instances/:instance_id/service_bindings/:binding_id
  std::string instance_id, binding_id, service_id, plan_id;
  bool accepts_incomplete = false;
};

struct LastOperationRequest {  // GET …/last_operation
  std::string instance_id;
  std::string binding_id;  // "" for an instance's
  std::string service_id, plan_id;
  std::string operation;  // "" where the broker gave none
};

struct FetchInstanceRequest {
  std::string instance_id, service_id, plan_id;
};
struct FetchBindingRequest {
  std::string instance_id, binding_id, service_id, plan_id;
};

enum class Outcome {
  done,        // 200 or 201: finished
  unchanged,   // 200: an identical one exists already
  in_progress  // 202: poll last_operation
};

struct ProvisionResponse {
  Outcome outcome = Outcome::done;
  std::string dashboard_url;
  std::string operation;
  json::value metadata;
  std::optional<std::chrono::seconds> retry_after = {};  // of a 202: when to poll first
};
struct UpdateResponse {
  Outcome outcome = Outcome::done;
  std::string dashboard_url;
  std::string operation;
  json::value metadata;
  std::optional<std::chrono::seconds> retry_after = {};  // of a 202: when to poll first
};
struct DeprovisionResponse {
  Outcome outcome = Outcome::done;
  std::string operation;
  std::optional<std::chrono::seconds> retry_after = {};  // of a 202: when to poll first
};
struct BindResponse {
  Outcome outcome = Outcome::done;
  std::string operation;
  json::value credentials;  // object or null; a secret
  json::value metadata;     // {expires_at, renew_before} or null
  json::value endpoints, volume_mounts;
  std::string syslog_drain_url, route_service_url;
  std::optional<std::chrono::seconds> retry_after = {};  // of a 202: when to poll first
};
using UnbindResponse = DeprovisionResponse;

struct FetchInstanceResponse {
  std::string service_id, plan_id, dashboard_url;
  json::value parameters, maintenance_info, metadata;
};
struct FetchBindingResponse {
  json::value credentials, parameters, metadata, endpoints, volume_mounts;
  std::string syslog_drain_url, route_service_url;
};

enum class OperationState { in_progress, succeeded, failed };
struct LastOperationResponse {
  OperationState state = OperationState::in_progress;
  std::string description;
  std::optional<bool> instance_usable, update_repeatable;
  std::optional<std::chrono::seconds> retry_after;  // the Retry-After header
};

}  // namespace osb
