#include "kube/requests.hpp"

#include "core/hash.hpp"
#include "kube/names.hpp"

namespace kube::requests {
namespace {

core::Result<std::string> segment(std::string_view what, std::string_view text) {
  if (Complaint complaint = check_path_segment(text)) {
    return core::fail(core::ErrorKind::invalid,
                      std::string(what) + " \"" + std::string(text) + "\": " + *complaint);
  }
  return core::percent_encode(text);
}

// "?a=b&c=d" of the parameters that are not empty.
class QueryText {
 public:
  QueryText& add(std::string_view name, std::string_view value) {
    if (value.empty()) return *this;
    text_ += text_.empty() ? '?' : '&';
    text_ += core::percent_encode(name);
    text_ += '=';
    text_ += core::percent_encode(value);
    return *this;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

net::Request request_of(std::string method, std::string target) {
  net::Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.headers.set("Accept", "application/json");
  return request;
}

net::Request with_body(net::Request request, const json::value& body, std::string_view content_type) {
  request.headers.set("Content-Type", std::string(content_type));
  request.body = core::to_text(body);
  return request;
}

json::object typed(const Resource& resource, json::object object) {
  if (!object.contains("kind")) object["kind"] = resource.kind;
  if (!object.contains("apiVersion")) object["apiVersion"] = resource.api_version();
  return object;
}

}  // namespace

core::Result<std::string> collection_path(const Resource& resource, std::string_view namespace_) {
  std::string path = resource.group.empty() ? "/api/" : "/apis/" + resource.group + "/";
  path += resource.version;
  if (!namespace_.empty()) {
    if (!resource.namespaced) {
      return core::fail(core::ErrorKind::invalid, resource.plural + " have no namespace, but \"" +
                                                      std::string(namespace_) + "\" was given");
    }
    core::Result<std::string> encoded = segment("namespace", namespace_);
    if (!encoded) return encoded;
    path += "/namespaces/" + *encoded;
  }
  return path + "/" + resource.plural;
}

core::Result<std::string> object_path(const Resource& resource, const ObjectKey& key,
                                      std::string_view subresource) {
  if (resource.namespaced && key.namespace_.empty()) {
    return core::fail(core::ErrorKind::invalid,
                      "the namespace of the " + resource.kind + " \"" + key.name + "\" is missing");
  }
  core::Result<std::string> path = collection_path(resource, key.namespace_);
  if (!path) return path;
  const core::Result<std::string> name = segment("the name of the " + resource.kind, key.name);
  if (!name) return name;
  *path += "/" + *name;
  if (!subresource.empty()) *path += "/" + std::string(subresource);
  return path;
}

core::Result<net::Request> get(const Resource& resource, const ObjectKey& key) {
  core::Result<std::string> path = object_path(resource, key);
  if (!path) return core::fail(std::move(path.error()));
  return request_of("GET", std::move(*path));
}

core::Result<net::Request> list(const Resource& resource, std::string_view namespace_,
                                const ListOptions& options, std::string_view continue_token) {
  core::Result<std::string> path = collection_path(resource, namespace_);
  if (!path) return core::fail(std::move(path.error()));
  QueryText query;
  query.add("labelSelector", options.label_selector).add("fieldSelector", options.field_selector);
  if (options.limit > 0) query.add("limit", std::to_string(options.limit));
  query.add("continue", continue_token);
  return request_of("GET", *path + query.text());
}

core::Result<net::Request> watch(const Resource& resource, std::string_view namespace_,
                                 const WatchOptions& options) {
  core::Result<std::string> path = collection_path(resource, namespace_);
  if (!path) return core::fail(std::move(path.error()));
  QueryText query;
  query.add("watch", "true").add("allowWatchBookmarks", "true");
  query.add("resourceVersion", options.resource_version);
  query.add("labelSelector", options.label_selector).add("fieldSelector", options.field_selector);
  query.add("timeoutSeconds", std::to_string(options.timeout.count()));
  return request_of("GET", *path + query.text());
}

core::Result<net::Request> create(const Resource& resource, json::object object) {
  const std::string_view namespace_ = namespace_of(object);
  if (resource.namespaced && namespace_.empty()) {
    return core::fail(core::ErrorKind::invalid, "the namespace of the " + resource.kind + " \"" +
                                                    std::string(name_of(object)) + "\" is missing");
  }
  core::Result<std::string> path = collection_path(resource, namespace_);
  if (!path) return core::fail(std::move(path.error()));
  return with_body(request_of("POST", std::move(*path)), typed(resource, std::move(object)),
                   "application/json");
}

core::Result<net::Request> replace(const Resource& resource, json::object object,
                                   std::string_view subresource) {
  core::Result<std::string> path = object_path(resource, key_of(object), subresource);
  if (!path) return core::fail(std::move(path.error()));
  return with_body(request_of("PUT", std::move(*path)), typed(resource, std::move(object)),
                   "application/json");
}

core::Result<net::Request> patch(const Resource& resource, const ObjectKey& key, PatchType type,
                                 const json::value& patch, const PatchOptions& options) {
  if (type == PatchType::apply && options.field_manager.empty()) {
    return core::fail(core::ErrorKind::invalid, "a server-side apply needs a field manager");
  }
  if (type != PatchType::apply && options.force) {
    return core::fail(core::ErrorKind::invalid, "force is for server-side apply only");
  }
  core::Result<std::string> path = object_path(resource, key, options.subresource);
  if (!path) return core::fail(std::move(path.error()));
  QueryText query;
  query.add("fieldManager", options.field_manager).add("force", options.force ? "true" : "");
  return with_body(request_of("PATCH", *path + query.text()), patch, content_type_of(type));
}

core::Result<net::Request> remove(const Resource& resource, const ObjectKey& key,
                                  const DeleteOptions& options) {
  core::Result<std::string> path = object_path(resource, key);
  if (!path) return core::fail(std::move(path.error()));
  json::object body{{"apiVersion", "v1"}, {"kind", "DeleteOptions"}};
  json::object preconditions;
  if (!options.uid.empty()) preconditions["uid"] = options.uid;
  if (!options.resource_version.empty()) preconditions["resourceVersion"] = options.resource_version;
  if (!preconditions.empty()) body["preconditions"] = std::move(preconditions);
  if (!options.propagation_policy.empty()) body["propagationPolicy"] = options.propagation_policy;
  return with_body(request_of("DELETE", std::move(*path)), std::move(body), "application/json");
}

std::string_view content_type_of(PatchType type) {
  switch (type) {
    case PatchType::json:
      return "application/json-patch+json";
    case PatchType::merge:
      return "application/merge-patch+json";
    case PatchType::strategic_merge:
      return "application/strategic-merge-patch+json";
    case PatchType::apply:
      return "application/apply-patch+yaml";  // JSON is YAML
  }
  std::unreachable();
}

}  // namespace kube::requests
