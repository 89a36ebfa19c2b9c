#include "catalog/admission/facts.hpp"

namespace catalog::admission {

json::object User::to_json() const {
  json::object result{{"username", username}, {"uid", uid}};
  if (!groups.empty()) result["groups"] = json::array(groups.begin(), groups.end());
  if (!extra.empty()) result["extra"] = extra;
  return result;
}

std::unexpected<core::Error> invalid(std::string_view field, const std::string& why) {
  return core::fail(core::ErrorKind::invalid, std::string(field) + ": " + why, "Invalid");
}

std::unexpected<core::Error> forbidden(const std::string& why) {
  return core::fail(core::ErrorKind::forbidden, why, "Forbidden");
}

json::object& spec_of(json::object& object) {
  json::value& spec = object["spec"];
  if (!spec.is_object()) spec = json::object();
  return spec.as_object();
}

void add_finalizer(json::object& object) {
  if (kube::has_finalizer(object, finalizer)) return;
  json::value& metadata = object["metadata"];
  if (!metadata.is_object()) metadata = json::object();
  json::value& finalizers = metadata.as_object()["finalizers"];
  if (!finalizers.is_array()) finalizers = json::array();
  finalizers.as_array().push_back(json::string(finalizer));
}

}  // namespace catalog::admission
