#include "apiserver/core_kinds.hpp"

#include "core/hash.hpp"
#include "kube/names.hpp"

namespace apiserver {

namespace {

using Causes = std::vector<kube::StatusCause>;

constexpr std::size_t most_data_bytes = 1024 * 1024;

void invalid(Causes& causes, std::string field, const json::value& value, std::string_view why) {
  causes.push_back({.reason = "FieldValueInvalid",
                    .message = "Invalid value: " + core::to_text(value) + ": " + std::string(why),
                    .field = std::move(field)});
}

void forbidden(Causes& causes, std::string field, std::string_view why) {
  causes.push_back({.reason = "FieldValueForbidden",
                    .message = "Forbidden: " + std::string(why),
                    .field = std::move(field)});
}

void required(Causes& causes, std::string field, std::string_view why) {
  causes.push_back({.reason = "FieldValueRequired",
                    .message = "Required value" + (why.empty() ? "" : ": " + std::string(why)),
                    .field = std::move(field)});
}

std::size_t check_data(Causes& causes, const json::object& object, std::string_view member) {
  const json::object* const data = core::find_object(object, {member});
  if (data == nullptr) return 0;
  std::size_t bytes = 0;
  for (const auto& [key, value] : *data) {
    if (const kube::Complaint complaint = kube::check_secret_key(key))
      invalid(causes, std::string(member) + "[" + std::string(key) + "]", json::value(key), *complaint);
    if (!value.is_string()) continue;
    // Base64 stands for three quarters of its length.
    bytes += member == "data" && object.at("kind") == "ConfigMap" ? value.get_string().size()
                                                                  : value.get_string().size() * 3 / 4;
  }
  return bytes;
}

bool same_member(const json::object& left, const json::object& right, std::string_view name) {
  const json::value* const a = left.if_contains(name);
  const json::value* const b = right.if_contains(name);
  return (a == nullptr || b == nullptr) ? a == b : *a == *b;
}

// Once immutable, always immutable.
void check_immutable(Causes& causes, const json::object& object, const json::object& before,
                     std::initializer_list<std::string_view> members) {
  if (core::find_bool(before, {"immutable"}) != true) return;
  if (core::find_bool(object, {"immutable"}) != true)
    forbidden(causes, "immutable", "field is immutable when `immutable` is set");
  for (const std::string_view member : members) {
    if (!same_member(object, before, member))
      forbidden(causes, std::string(member), "field is immutable when `immutable` is set");
  }
}

void require_keys(Causes& causes, const json::object& secret, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (core::find(secret, {"data", key}) == nullptr) required(causes, "data[" + std::string(key) + "]", "");
  }
}

void check_secret(Causes& causes, const json::object& object, const json::object* before) {
  if (check_data(causes, object, "data") > most_data_bytes)
    causes.push_back({.reason = "FieldValueTooLong",
                      .message = "Too long: may not be more than 1048576 bytes",
                      .field = "data"});
  const std::string_view type = core::find_string(object, {"type"});
  if (type == "kubernetes.io/tls") require_keys(causes, object, {"tls.crt", "tls.key"});
  if (type == "kubernetes.io/dockerconfigjson") require_keys(causes, object, {".dockerconfigjson"});
  if (type == "kubernetes.io/ssh-auth") require_keys(causes, object, {"ssh-privatekey"});
  if (type == "kubernetes.io/basic-auth" && core::find(object, {"data", "username"}) == nullptr &&
      core::find(object, {"data", "password"}) == nullptr) {
    required(causes, "data[username]", "");
    required(causes, "data[password]", "");
  }
  if (before == nullptr) return;
  if (type != core::find_string(*before, {"type"}))
    invalid(causes, "type", json::value(type), "field is immutable");
  check_immutable(causes, object, *before, {"data"});
}

void check_config_map(Causes& causes, const json::object& object, const json::object* before) {
  const std::size_t bytes = check_data(causes, object, "data") + check_data(causes, object, "binaryData");
  if (bytes > most_data_bytes)
    causes.push_back({.reason = "FieldValueTooLong",
                      .message = "Too long: may not be more than 1048576 bytes",
                      .field = ""});
  if (const json::object* binary = core::find_object(object, {"binaryData"})) {
    for (const auto& [key, value] : *binary) {
      if (core::find(object, {"data", std::string_view(key)}) != nullptr)
        invalid(causes, "data[" + std::string(key) + "]", json::value(key),
                "duplicate of key present in binaryData");
    }
  }
  if (before != nullptr) check_immutable(causes, object, *before, {"data", "binaryData"});
}

void check_event(Causes& causes, const json::object& object) {
  const std::string_view about = core::find_string(object, {"involvedObject", "namespace"});
  const std::string_view own = kube::namespace_of(object);
  // Events on cluster-scoped objects live in "default".
  if (about.empty() ? own != "default" && own != "kube-system" : about != own)
    invalid(causes, "involvedObject.namespace", json::value(about), "does not match event.namespace");
}

void check_lease(Causes& causes, const json::object& object) {
  if (const auto seconds = core::find_int(object, {"spec", "leaseDurationSeconds"}); seconds && *seconds <= 0)
    invalid(causes, "spec.leaseDurationSeconds", *seconds, "must be greater than 0");
  if (const auto count = core::find_int(object, {"spec", "leaseTransitions"}); count && *count < 0)
    invalid(causes, "spec.leaseTransitions", *count, "must be greater than or equal to 0");
}

void check_crd(Causes& causes, const json::object& object, const json::object* before) {
  if (auto kind = kind_of_crd(object); !kind) {
    causes.push_back({.reason = "FieldValueInvalid", .message = kind.error().message, .field = "spec"});
  }
  if (before == nullptr) return;
  for (const std::string_view member : {"group", "scope"}) {
    if (core::find_string(object, {"spec", member}) != core::find_string(*before, {"spec", member}))
      invalid(causes, "spec." + std::string(member), json::value(core::find_string(object, {"spec", member})),
              "field is immutable");
  }
}

void complete_secret(json::object& object) {
  if (core::find_string(object, {"type"}).empty()) object["type"] = "Opaque";
  json::value* const plain = object.if_contains("stringData");
  if (plain == nullptr) return;
  if (const json::object* texts = plain->if_object(); texts != nullptr && !texts->empty()) {
    json::value& data = object["data"];
    if (!data.is_object()) data.emplace_object();
    for (const auto& [key, value] : *texts) {
      if (value.is_string()) data.get_object()[key] = core::base64_encode(value.get_string());
    }
  }
  object.erase("stringData");
}

void complete_namespace(json::object& object, const json::object* before) {
  core::set(object, {"metadata", "labels", "kubernetes.io/metadata.name"},
            json::value(kube::name_of(object)));
  if (before == nullptr) {
    object["spec"] = {{"finalizers", {"kubernetes"}}};
    object["status"] = {{"phase", "Active"}};
  } else if (const json::value* spec = before->if_contains("spec")) {
    object["spec"] = *spec;  // changed by the finalize subresource only
  }
}

// What the API server itself says about a definition: it is established as soon as it is stored.
void complete_crd(json::object& object) {
  json::value* const spec_value = object.if_contains("spec");
  if (spec_value == nullptr || !spec_value->is_object()) return;
  json::object& spec = spec_value->get_object();
  if (!spec.contains("conversion")) spec["conversion"] = {{"strategy", "None"}};
  const auto kind = kind_of_crd(object);
  if (!kind) return;
  json::value& names = spec["names"];
  names.as_object()["singular"] = kind->singular;
  names.as_object()["listKind"] = kind->list_kind;
  if (!kube::is_being_deleted(object) && !kube::has_finalizer(object, definition_finalizer)) {
    json::value& finalizers = object["metadata"].as_object()["finalizers"];
    if (!finalizers.is_array()) finalizers.emplace_array();
    finalizers.get_array().emplace_back(definition_finalizer);
  }
  const std::string since(core::find_string(object, {"metadata", "creationTimestamp"}));
  const auto condition = [&since](std::string_view type, std::string_view reason, std::string_view message) {
    return json::object{{"type", type},
                        {"status", "True"},
                        {"reason", reason},
                        {"message", message},
                        {"lastTransitionTime", since}};
  };
  object["status"] = {
      {"acceptedNames", names},
      {"conditions",
       json::array{condition("NamesAccepted", "NoConflicts", "no conflicts found"),
                   condition("Established", "InitialNamesAccepted", "the initial names have been accepted")}},
      {"storedVersions", json::array{json::value(kind->resource.version)}}};
}

}  // namespace

void complete(const Kind& kind, json::object& object, const json::object* before) {
  if (!kind.built_in) return;
  const std::string& name = kind.resource.kind;
  if (name == "Secret") complete_secret(object);
  if (name == "Namespace") complete_namespace(object, before);
  if (name == "CustomResourceDefinition") complete_crd(object);
}

std::vector<kube::StatusCause> check(const Kind& kind, const json::object& object,
                                     const json::object* before) {
  Causes causes;
  if (!kind.built_in) return causes;
  const std::string& name = kind.resource.kind;
  if (name == "Secret") check_secret(causes, object, before);
  if (name == "ConfigMap") check_config_map(causes, object, before);
  if (name == "Event") check_event(causes, object);
  if (name == "Lease") check_lease(causes, object);
  if (name == "CustomResourceDefinition") check_crd(causes, object, before);
  return causes;
}

std::optional<std::string> check_name(const Kind& kind, std::string_view name) {
  if (kind.is(kube::resources::namespaces)) return kube::check_dns_label(name);
  return kube::check_dns_subdomain(name);
}

bool has_own_finalizers(const Kind& kind, const json::object& object) {
  if (!kind.is(kube::resources::namespaces)) return false;
  const json::array* const finalizers = core::find_array(object, {"spec", "finalizers"});
  return finalizers != nullptr && !finalizers->empty();
}

}  // namespace apiserver
