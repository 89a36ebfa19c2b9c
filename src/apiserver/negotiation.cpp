#include "apiserver/negotiation.hpp"

#include <map>

#include "core/text.hpp"

namespace apiserver {

namespace {

std::string_view take_until(std::string_view& text, char separator) {
  const std::string_view part = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return core::trimmed(part);
}

std::optional<Form> form_of(std::string_view range) {
  const std::string_view media_type = take_until(range, ';');
  std::map<std::string_view, std::string_view> parameters;
  while (!range.empty()) {
    std::string_view parameter = take_until(range, ';');
    const std::string_view name = take_until(parameter, '=');
    parameters[name] = core::trimmed(parameter);
  }
  Form form;
  if (media_type == "application/yaml") {
    form.yaml = true;
  } else if (media_type != "application/json" && media_type != "application/*" && media_type != "*/*") {
    return std::nullopt;
  }
  const std::string_view as = parameters["as"];
  if (as.empty()) return form;
  form.version = parameters["v"];
  if (as == "APIGroupDiscoveryList" && parameters["g"] == "apidiscovery.k8s.io") {
    if (form.version != "v2" && form.version != "v2beta1") return std::nullopt;
    form.discovery = form.version;
    return form;
  }
  if (parameters["g"] != "meta.k8s.io" || (form.version != "v1" && form.version != "v1beta1"))
    return std::nullopt;
  if (as == "Table") {
    form.shape = Form::Shape::table;
  } else if (as == "PartialObjectMetadata" || as == "PartialObjectMetadataList") {
    form.shape = Form::Shape::metadata;
  } else {
    return std::nullopt;
  }
  return form;
}

}  // namespace

std::optional<Form> negotiate(std::string_view accept) {
  if (core::trimmed(accept).empty()) return Form();
  while (!accept.empty()) {
    if (auto form = form_of(take_until(accept, ','))) return form;
  }
  return std::nullopt;
}

}  // namespace apiserver
