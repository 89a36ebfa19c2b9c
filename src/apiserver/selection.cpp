#include "apiserver/selection.hpp"

#include <algorithm>

namespace apiserver {

Answer<Selection> Selection::of(const Kind& kind, const net::Query& query) {
  Selection selection;
  const std::string label_text(query.get("labelSelector"));
  const std::string field_text(query.get("fieldSelector"));
  auto labels = kube::LabelSelector::parse(label_text);
  if (!labels) return refuse_request("unable to parse requirement: " + labels.error().message);
  auto fields = kube::FieldSelector::parse(field_text);
  if (!fields) return refuse_request("invalid field selector: " + fields.error().message);
  for (const auto& requirement : fields->requirements()) {
    const std::string& path = requirement.path;
    const bool is_known = path == "metadata.name" ||
                          (path == "metadata.namespace" && kind.resource.namespaced) ||
                          std::ranges::find(kind.selectable_fields, path) != kind.selectable_fields.end();
    if (is_known) continue;
    std::string served = "metadata.name";
    if (kind.resource.namespaced) served += ", metadata.namespace";
    for (const std::string& field : kind.selectable_fields) served += ", " + field;
    return refuse_request("Unable to find \"" + kind.resource.api_version() +
                          ", Resource=" + kind.resource.plural + "\" that match label selector \"" +
                          label_text + "\", field selector \"" + field_text +
                          "\": field label not supported: " + path + " (supported: " + served + ")");
  }
  selection.labels = std::move(*labels);
  selection.fields = std::move(*fields);
  return selection;
}

}  // namespace apiserver
