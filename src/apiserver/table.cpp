#include "apiserver/table.hpp"

namespace apiserver {

namespace {

std::string meta_version(const Presentation& presentation) {
  return "meta.k8s.io/" + presentation.form.version;
}

json::object metadata_only(const json::object& object, const Presentation& presentation) {
  return {{"kind", "PartialObjectMetadata"},
          {"apiVersion", meta_version(presentation)},
          {"metadata", object.at("metadata")}};
}

json::array column_definitions(const Kind& kind) {
  json::array definitions;
  const auto add = [&definitions](std::string_view name, std::string_view type, std::string_view format,
                                  std::string_view description, std::int64_t priority) {
    definitions.push_back(json::object{{"name", name},
                                       {"type", type},
                                       {"format", format},
                                       {"description", description},
                                       {"priority", priority}});
  };
  const bool names_itself =
      std::ranges::any_of(kind.columns, [](const Column& c) { return c.name == "Name"; });
  if (!names_itself) {
    add("Name", "string", "name",
        "Name must be unique within a namespace. Is required when creating resources, although some "
        "resources "
        "may allow a client to request the generation of an appropriate name automatically.",
        0);
  }
  for (const Column& column : kind.columns)
    add(column.name, column.type, column.format, column.description, column.priority);
  return definitions;
}

json::object row_of(const Kind& kind, const json::object& object, const Presentation& presentation) {
  json::array cells;
  const bool names_itself =
      std::ranges::any_of(kind.columns, [](const Column& c) { return c.name == "Name"; });
  if (!names_itself) cells.emplace_back(kube::name_of(object));
  for (const Column& column : kind.columns) cells.push_back(column.cell(object, presentation.now));
  json::object row{{"cells", std::move(cells)}};
  if (presentation.included == IncludedObject::object) row["object"] = object;
  if (presentation.included == IncludedObject::metadata) row["object"] = metadata_only(object, presentation);
  return row;
}

json::object table_of(const Kind& kind, const Presentation& presentation, json::object metadata, bool first) {
  json::object table{
      {"kind", "Table"}, {"apiVersion", meta_version(presentation)}, {"metadata", std::move(metadata)}};
  table["columnDefinitions"] = first ? column_definitions(kind) : json::array();
  table["rows"] = json::array();
  return table;
}

}  // namespace

std::string present(const Kind& kind, const json::object& object, const Presentation& presentation,
                    bool first) {
  switch (presentation.form.shape) {
    case Form::Shape::object:
      return core::to_text(object);
    case Form::Shape::metadata:
      return core::to_text(metadata_only(object, presentation));
    case Form::Shape::table: {
      json::object table =
          table_of(kind, presentation, {{"resourceVersion", kube::resource_version_of(object)}}, first);
      table["rows"].as_array().push_back(row_of(kind, object, presentation));
      return core::to_text(table);
    }
  }
  std::unreachable();
}

std::string present_list(const Kind& kind, const std::vector<Object>& objects, const json::object& metadata,
                         const Presentation& presentation) {
  if (presentation.form.shape == Form::Shape::table) {
    json::object table = table_of(kind, presentation, metadata, true);
    json::array& rows = table["rows"].as_array();
    for (const Object& object : objects) rows.push_back(row_of(kind, *object, presentation));
    return core::to_text(table);
  }
  const bool whole = presentation.form.shape == Form::Shape::object;
  const json::object head{{"kind", whole ? kind.list_kind : "PartialObjectMetadataList"},
                          {"apiVersion", whole ? kind.resource.api_version() : meta_version(presentation)},
                          {"metadata", metadata}};
  // Put together as text, so that a long list is not copied as a tree.
  std::string text = core::to_text(head);
  text.back() = ',';
  text += "\"items\":[";
  bool first = true;
  for (const Object& object : objects) {
    if (!std::exchange(first, false)) text += ',';
    text += present(kind, *object, presentation);
  }
  return text + "]}";
}

std::string present_bookmark(const Kind& kind, const json::object& metadata,
                             const Presentation& presentation) {
  if (presentation.form.shape == Form::Shape::table)
    return core::to_text(table_of(kind, presentation, metadata, false));
  const json::object object{
      {"kind", kind.resource.kind}, {"apiVersion", kind.resource.api_version()}, {"metadata", metadata}};
  return present(kind, object, presentation);
}

}  // namespace apiserver
