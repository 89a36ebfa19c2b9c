#include "simulation/checks/osb_intents.hpp"

namespace simulation::osb_check {

namespace {

constexpr std::string_view instances = "/serviceinstances";
constexpr std::string_view bindings = "/servicebindings";
constexpr std::string_view prefix = "servicecatalog.k8s.io/";

// Without the subresource: the object's own path.
std::string object_path(std::string_view path) {
  if (path.ends_with("/status")) path.remove_suffix(std::string_view("/status").size());
  return std::string(path);
}

bool has_annotation(const json::object& object, std::string_view name) {
  const json::object* annotations = core::find_object(object, {"metadata", "annotations"});
  return annotations != nullptr &&
         core::find_string(*annotations, {std::string(prefix) + std::string(name)}) == "true";
}

void add(std::set<std::string>& ids, std::string_view id) {
  if (!id.empty()) ids.emplace(id);
}

}  // namespace

bool is_catalog_write(const net::Request& request) {
  if (request.method == "GET") return false;
  const std::string_view path = request.path();
  return path.starts_with("/apis/") &&
         (path.find(instances) != std::string_view::npos || path.find(bindings) != std::string_view::npos);
}

void Intents::written(const std::string& api, const net::Request& request, const net::Reply& reply) {
  if (reply.status >= 300) return;
  const auto parsed = core::parse_json(reply.body, {.max_bytes = 16U << 20U, .max_depth = 128});
  if (!parsed || !parsed->is_object()) return;
  const json::object& object = parsed->get_object();
  const std::string_view id = core::find_string(object, {"spec", "externalID"});
  const std::string_view kind = core::find_string(object, {"kind"});
  if (id.empty() || (kind != "ServiceInstance" && kind != "ServiceBinding")) return;
  apis_.insert(api);
  std::string path = object_path(request.path());
  if (request.method == "POST") path += "/" + std::string(core::find_string(object, {"metadata", "name"}));
  Object& known = (kind == "ServiceInstance" ? instances_ : bindings_)[api][path];
  known.name = std::string(core::find_string(object, {"metadata", "namespace"})) + "/" +
               std::string(core::find_string(object, {"metadata", "name"}));
  known.uid = core::find_string(object, {"metadata", "uid"});
  known.is_deleted = !core::find_string(object, {"metadata", "deletionTimestamp"}).empty();
  const json::array* finalizers = core::find_array(object, {"metadata", "finalizers"});
  known.is_released = known.is_deleted && (finalizers == nullptr || finalizers->empty());
  for (const std::string_view annotation : {"retain", "abandon", "pause"}) {
    if (has_annotation(object, annotation)) known.is_left = true;
  }
  const std::string_view handled = core::find_string(object, {"status", "handled", "uid"});
  known.is_restored = !handled.empty() && handled != core::find_string(object, {"metadata", "uid"});
  if (const json::array* conditions = core::find_array(object, {"status", "conditions"})) {
    for (const json::value& each : *conditions)
      if (core::find_string(each, {"reason"}) == "ErrorInjectingBindResult") known.cannot_keep = true;
  }
  add(known.ids, id);
  const std::string_view current = core::find_string(object, {"status", "rotation", "bindingID"});
  known.current = current.empty() ? id : current;
  add(known.ids, current);
  for (const std::string_view member : {"bindingID", "id"})
    add(known.ids, core::find_string(object, {"status", "rotation", "next", member}));
  if (const json::array* previous = core::find_array(object, {"status", "rotation", "previous"})) {
    for (const json::value& each : *previous) add(known.ids, core::find_string(each, {"bindingID"}));
  }
  for (const std::string& each : known.ids) paths_[api][each].insert(path);
}

void Intents::seen(const std::string& api, const net::Request& request, int status) {
  if (status == 0 || status >= 400) ++failures_[api][object_path(request.path())];
}

std::optional<Intents::Object> Intents::find(const std::map<std::string, Objects>& all,
                                             const std::string& api, const std::string& id) const {
  const auto paths = paths_.find(api);
  const auto objects = all.find(api);
  if (paths == paths_.end() || objects == all.end()) return std::nullopt;
  const auto own = paths->second.find(id);
  if (own == paths->second.end()) return std::nullopt;
  std::optional<Object> merged;
  for (const std::string& path : own->second) {
    const auto found = objects->second.find(path);
    if (found == objects->second.end()) continue;
    if (!merged) {
      merged = found->second;
      continue;
    }
    merged->is_deleted = merged->is_deleted || found->second.is_deleted;
    merged->is_released = merged->is_released && found->second.is_released;
    merged->is_left = merged->is_left || found->second.is_left;
    merged->cannot_keep = merged->cannot_keep || found->second.cannot_keep;
    merged->is_restored = merged->is_restored || found->second.is_restored;
    if (found->second.current != id) merged->current = found->second.current;
  }
  return merged;
}

std::optional<Intents::Object> Intents::instance(const std::string& api, const std::string& id) const {
  return find(instances_, api, id);
}
std::optional<Intents::Object> Intents::binding(const std::string& api, const std::string& id) const {
  return find(bindings_, api, id);
}

std::string Intents::holders(const std::string& api, const std::string& id) const {
  std::string all;
  const auto paths = paths_.find(api);
  if (paths == paths_.end()) return all;
  const auto own = paths->second.find(id);
  if (own == paths->second.end()) return all;
  for (const std::string& path : own->second) {
    for (const auto* kind : {&instances_, &bindings_}) {
      const auto objects = kind->find(api);
      if (objects == kind->end()) continue;
      const auto found = objects->second.find(path);
      if (found != objects->second.end() && !found->second.is_released) all += found->second.uid + " ";
    }
  }
  return all;
}

std::uint64_t Intents::failures(const std::string& api, const std::string& id) const {
  const auto paths = paths_.find(api);
  const auto counts = failures_.find(api);
  if (paths == paths_.end() || counts == failures_.end()) return 0;
  const auto own = paths->second.find(id);
  if (own == paths->second.end()) return 0;
  std::uint64_t failures = 0;
  for (const std::string& path : own->second) {
    const auto count = counts->second.find(path);
    if (count != counts->second.end()) failures += count->second;
  }
  return failures;
}

}  // namespace simulation::osb_check
