#include "apiserver/decoding.hpp"

#include "apiserver/core_kinds.hpp"
#include "apiserver/schema.hpp"
#include "kube/names.hpp"

namespace apiserver {

namespace {

constexpr std::size_t most_annotation_bytes = 256 * 1024;

std::string cannot_be_handled(const Kind& kind, const std::string& why) {
  return kind.resource.kind + " in version \"" + kind.resource.version + "\" cannot be handled as a " +
         kind.resource.kind + ": " + why;
}

Answer<> refuse_first(const Kind& kind, const std::vector<kube::StatusCause>& causes) {
  for (const kube::StatusCause& cause : causes) {
    const bool is_bytes = cause.message.contains("must be of type byte");
    if (cause.reason != "FieldValueTypeInvalid" && !is_bytes) continue;
    // The value may be a secret's: only its place is told.
    const std::string why =
        is_bytes ? cause.field + ": illegal base64 data" : cause.field + ": " + cause.message;
    return refuse_request(cannot_be_handled(kind, why));
  }
  return {};
}

kube::StatusCause invalid(std::string field, std::string_view value, std::string_view why) {
  return {.reason = "FieldValueInvalid",
          .message = "Invalid value: " + core::to_text(json::value(value)) + ": " + std::string(why),
          .field = std::move(field)};
}

// As Go's ObjectMeta is written: what is empty is not there.
void drop_empty(json::object& metadata) {
  for (auto* member = metadata.begin(); member != metadata.end();) {
    const json::value& value = member->value();
    const bool is_empty = (value.is_object() && value.get_object().empty()) ||
                          (value.is_array() && value.get_array().empty()) || value == json::value("");
    member = is_empty ? metadata.erase(member) : std::next(member);
  }
}

}  // namespace

Answer<> check_type(const Kind& kind, json::object& object) {
  const std::string expected = kind.resource.api_version();
  const std::string_view version = core::find_string(object, {"apiVersion"});
  const std::string_view name = core::find_string(object, {"kind"});
  if (!version.empty() && version != expected) {
    return refuse_request("the API version in the data (" + std::string(version) +
                          ") does not match the expected API version (" + expected + ")");
  }
  if (!name.empty() && name != kind.resource.kind) {
    return refuse_request("the kind in the data (" + std::string(name) +
                          ") does not match the expected kind (" + kind.resource.kind + ")");
  }
  object["apiVersion"] = expected;
  object["kind"] = kind.resource.kind;
  return {};
}

Answer<> decode(const Kind& kind, json::object& object, FieldValidation validation,
                std::vector<std::string>& warnings) {
  if (auto typed = check_type(kind, object); !typed) return typed;
  json::value& metadata = object["metadata"];
  if (metadata.is_null()) metadata.emplace_object();
  schema::drop_nulls(metadata);
  std::vector<std::string> unknown;
  schema::prune_part(metadata, object_meta_schema(), "metadata", unknown);
  auto typed = refuse_first(kind, schema::validate_part(metadata, object_meta_schema(), "metadata"));
  if (!typed) return typed;
  drop_empty(metadata.as_object());
  if (kind.built_in) {
    for (auto& [name, member] : object) schema::drop_nulls(member);
    if (auto known = refuse_first(kind, schema::validate(object, kind.schema)); !known) return known;
  }
  schema::prune(object, kind.schema, unknown);
  if (unknown.empty() || validation == FieldValidation::ignore) return {};
  if (validation == FieldValidation::warn) {
    for (const std::string& path : unknown) warnings.push_back("unknown field \"" + path + "\"");
    return {};
  }
  std::string list;
  for (const std::string& path : unknown)
    list += (list.empty() ? "" : ", ") + ("unknown field \"" + path + "\"");
  return refuse_request(cannot_be_handled(kind, "strict decoding error: " + list));
}

std::vector<kube::StatusCause> check_metadata(const Kind& kind, const json::object& object) {
  std::vector<kube::StatusCause> causes;
  if (const auto complaint = check_name(kind, kube::name_of(object)))
    causes.push_back(invalid("metadata.name", kube::name_of(object), *complaint));
  if (const json::object* labels = core::find_object(object, {"metadata", "labels"})) {
    for (const auto& [key, value] : *labels) {
      if (const auto complaint = kube::check_label_key(key))
        causes.push_back(invalid("metadata.labels", key, *complaint));
      if (const auto complaint = kube::check_label_value(value.as_string()))
        causes.push_back(invalid("metadata.labels", value.as_string(), *complaint));
    }
  }
  if (const json::object* annotations = core::find_object(object, {"metadata", "annotations"})) {
    std::size_t bytes = 0;
    for (const auto& [key, value] : *annotations) {
      if (const auto complaint = kube::check_label_key(key))
        causes.push_back(invalid("metadata.annotations", key, *complaint));
      bytes += key.size() + value.as_string().size();
    }
    if (bytes > most_annotation_bytes) {
      causes.push_back({.reason = "FieldValueTooLong",
                        .message = "Too long: may not be more than 262144 bytes",
                        .field = "metadata.annotations"});
    }
  }
  if (const json::array* finalizers = core::find_array(object, {"metadata", "finalizers"})) {
    for (const json::value& finalizer : *finalizers) {
      if (const auto complaint = kube::check_label_key(finalizer.as_string()))
        causes.push_back(invalid("metadata.finalizers", finalizer.as_string(), *complaint));
    }
  }
  const json::object& metadata = object.at("metadata").as_object();
  for (kube::StatusCause& cause : schema::validate_part(metadata, object_meta_schema(), "metadata"))
    causes.push_back(std::move(cause));
  return causes;
}

}  // namespace apiserver
