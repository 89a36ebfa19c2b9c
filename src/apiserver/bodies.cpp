#include "apiserver/bodies.hpp"

#include "apiserver/protobuf/decode.hpp"
#include "core/yaml.hpp"

namespace apiserver {

namespace {

core::Result<json::value> parse(const net::Request& request, bool yaml) {
  auto value = core::parse_json(request.body);
  if (!value && yaml) return core::parse_yaml(request.body);
  return value;
}

Answer<> read_dry_run(const json::object* body, const net::Query& query, bool& dry_run) {
  std::string mode(query.get("dryRun"));
  if (body != nullptr) {
    if (const json::array* modes = core::find_array(*body, {"dryRun"}); modes != nullptr && !modes->empty())
      mode = modes->front().is_string() ? std::string(modes->front().get_string()) : "?";
  }
  dry_run = mode == "All";
  if (mode.empty() || dry_run) return {};
  return refuse_request("dryRun: Unsupported value: \"" + mode + "\": supported values: \"All\"");
}

}  // namespace

std::string_view media_type_of(const net::Request& request) {
  std::string_view type = request.headers.get("Content-Type");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return type;
}

std::unexpected<Failure> refuse_media_type(std::string_view accepted) {
  return refuse(
      {.kind = core::ErrorKind::invalid,
       .message = "the body of the request was in an unknown format - accepted media types include: " +
                  std::string(accepted),
       .code = "UnsupportedMediaType"});
}

Answer<json::object> object_of(const net::Request& request) {
  const std::string_view type = media_type_of(request);
  if (type == protobuf::media_type) {
    core::Result<json::object> object = protobuf::decode(request.body);
    if (!object) return refuse(std::move(object.error()));
    return std::move(*object);
  }
  const bool yaml = type == "application/yaml";
  if (!yaml && !type.empty() && type != "application/json")
    return refuse_media_type("application/json, application/yaml, application/vnd.kubernetes.protobuf");
  core::Result<json::value> value = parse(request, yaml);
  if (!value) return refuse(value.error());
  if (!value->is_object()) return refuse_request("the body must be an object");
  return std::move(value->get_object());
}

Answer<json::value> patch_of(const net::Request& request) {
  core::Result<json::value> value = parse(request, media_type_of(request) == "application/apply-patch+yaml");
  if (!value) return refuse(value.error());
  return std::move(*value);
}

Answer<DeleteRequest> delete_request_of(const net::Request& request) {
  DeleteRequest result;
  const net::Query query = net::Query::parse(request.query());
  result.options.propagation_policy = query.get("propagationPolicy");
  if (query.flag("orphanDependents")) result.options.propagation_policy = "Orphan";
  Answer<json::object> body =
      request.body.empty() ? Answer<json::object>(json::object()) : object_of(request);
  if (!body) return refuse(std::move(body.error()));
  result.options.uid = core::find_string(*body, {"preconditions", "uid"});
  result.options.resource_version = core::find_string(*body, {"preconditions", "resourceVersion"});
  if (const std::string_view policy = core::find_string(*body, {"propagationPolicy"}); !policy.empty())
    result.options.propagation_policy = policy;
  if (const auto orphan = core::find_bool(*body, {"orphanDependents"}))
    result.options.propagation_policy = *orphan ? "Orphan" : "Background";
  const std::string& policy = result.options.propagation_policy;
  if (!policy.empty() && policy != "Background" && policy != "Foreground" && policy != "Orphan") {
    return refuse_request("propagationPolicy: Unsupported value: \"" + policy +
                          "\": supported values: \"Foreground\", \"Background\", \"Orphan\"");
  }
  if (auto read = read_dry_run(&*body, query, result.dry_run); !read) return refuse(std::move(read.error()));
  return result;
}

}  // namespace apiserver
