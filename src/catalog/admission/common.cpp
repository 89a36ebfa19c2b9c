#include "catalog/admission/facts.hpp"
#include "core/text.hpp"
#include "kube/names.hpp"

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

void set_labels(json::object& object, const json::object& labels) {
  json::value& metadata = object["metadata"];
  if (!metadata.is_object()) metadata = json::object();
  json::value& all = metadata.as_object()["labels"];
  if (!all.is_object()) all = json::object();
  for (const json::key_value_pair& label : labels) all.as_object()[label.key()] = label.value();
}

void set_user_info(Request& request, bool new_wishes) {
  json::object& spec = spec_of(request.object);
  if (new_wishes) {
    spec["userInfo"] = request.user.to_json();
  } else if (const json::value* before = core::find(request.old_object, {"spec", "userInfo"})) {
    spec["userInfo"] = *before;
  } else {
    spec.erase("userInfo");
  }
}

core::Result<> check_secret_name(std::string_view field, std::string_view name) {
  kube::Complaint complaint = kube::check_dns_subdomain(name);
  if (!complaint) return {};
  return invalid(field,
                 "\"" + core::shortened(name, 100) + "\" cannot be the name of a Secret: " + *complaint);
}

}  // namespace catalog::admission
