#include "svcat/commands/get.hpp"

#include <iterator>

#include "svcat/related.hpp"

namespace svcat {

namespace {

using Picker = Objects (*)(const core::json::object& owner, const Objects& objects);

// Keeps those of the objects that belong to an owner of that name. Several owners (the plan "production" of
// every class) are all meant.
async::Task<core::Result<Objects>> keep_those_of(Reader& reader, Kind owner_kind, Place place,
                                                 std::string owner_name, Picker pick, Objects objects) {
  if (owner_name.empty()) co_return objects;
  auto owners = co_await reader.find(owner_kind, place, owner_name);
  if (!owners) co_return owners;
  Objects kept;
  for (const core::json::object& owner : *owners) {
    Objects picked = pick(owner, objects);
    std::ranges::move(picked, std::back_inserter(kept));
  }
  co_return kept;
}

async::Task<core::Result<Objects>> select(Reader& reader, const GetRequest& request) {
  if (!request.name.empty()) co_return co_await reader.find(request.kind, request.place, request.name);
  co_return co_await reader.list(request.kind, request.place);
}

}  // namespace

async::Task<core::Result<std::string>> get(Reader& reader, GetRequest request) {
  const Place& place = request.place;
  auto objects = co_await select(reader, request);
  if (objects) {
    objects = co_await keep_those_of(reader, Kind::broker, place, request.of_broker, classes_of, *objects);
  }
  if (objects) {
    const Picker pick = request.kind == Kind::plan ? plans_of : instances_of_class;
    objects = co_await keep_those_of(reader, Kind::service_class, place, request.of_class, pick, *objects);
  }
  if (objects) {
    objects = co_await keep_those_of(reader, Kind::plan, place, request.of_plan, instances_of_plan, *objects);
  }
  if (objects) {
    objects =
        co_await keep_those_of(reader, Kind::instance, place, request.of_instance, bindings_of, *objects);
  }
  if (!objects) co_return core::fail(std::move(objects.error()));

  if (request.output != Output::table) {
    const bool as_list = request.name.empty();
    co_return text_of(document_of(std::move(*objects), as_list), request.output);
  }
  core::Result<Objects> classes;
  if (request.kind == Kind::plan) {
    classes = co_await reader.list(Kind::service_class, place);
    if (!classes) co_return core::fail(std::move(classes.error()));
  }
  co_return table_of(request.kind, *objects, *classes);
}

}  // namespace svcat
