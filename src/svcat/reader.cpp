#include "svcat/reader.hpp"

#include <algorithm>
#include <tuple>

#include "catalog/api/views.hpp"

namespace svcat {

namespace {

using core::ErrorKind;
using core::json::object;

// Items of a list may come without them, and -o yaml is to be something that kubectl apply takes.
void complete(object& item, const kube::Resource& resource) {
  item["apiVersion"] = resource.api_version();
  item["kind"] = resource.kind;
}

core::Error explained(core::Error error, const kube::Resource& resource) {
  // A list is "not found" only where the server does not know the kind.
  if (error.kind == ErrorKind::not_found) {
    error.message = "the cluster has no " + resource.plural + "." + resource.group +
                    ": install Service Catalog there, or choose another cluster with --context";
  }
  return error.with_context("listing " + resource.plural);
}

std::string choices(Kind kind, const Objects& objects) {
  constexpr std::size_t most = 10;
  if (objects.empty()) return "there are none";
  std::vector<std::string> names;
  for (const object& item : objects) names.emplace_back(display_name(kind, item));
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  std::string text = "there are";
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) text += (i == 0 ? " " : ", ") + names[i];
  if (names.size() > most) text += " and " + std::to_string(names.size() - most) + " more";
  return text;
}

std::string place_text(const Place& place) {
  if (place.all_namespaces) return "in any namespace";
  if (place.scope == ScopeChoice::cluster) return "cluster-wide";
  return "in namespace " + place.namespace_ + (place.scope == ScopeChoice::all ? " or cluster-wide" : "");
}

std::string not_found_text(Kind kind, const Place& place, const std::string& name, const Objects& objects) {
  const bool only_namespaced = kind == Kind::instance || kind == Kind::binding;
  Place searched = place;
  if (only_namespaced) searched.scope = ScopeChoice::namespaced;
  return std::string(singular(kind)) + " \"" + name + "\" not found " + place_text(searched) + ": " +
         choices(kind, objects);
}

std::string qualified_name(Kind kind, const object& item, const Objects& classes) {
  std::string name(kube::name_of(item));
  if (kind == Kind::plan) {
    if (const object* owner = class_of_plan(item, classes)) {
      name = std::string(display_name(Kind::service_class, *owner)) + "/" +
             std::string(display_name(kind, item));
    }
  }
  const std::string_view namespace_ = kube::namespace_of(item);
  return name + (namespace_.empty() ? " (cluster-wide)" : " (namespace " + std::string(namespace_) + ")");
}

std::string ambiguous_text(Kind kind, const std::string& name, const Objects& found, const Objects& classes) {
  std::string text = "there are several: ";
  for (const object& item : found) {
    text += (&item == &found.front() ? "" : ", ") + qualified_name(kind, item, classes);
  }
  std::string advice = "; use its Kubernetes name, or choose with --scope or -n";
  if (kind == Kind::plan) advice = "; use CLASS/PLAN, or choose with --scope or -n";
  return std::string(singular(kind)) + " \"" + name + "\": " + text + advice;
}

auto sort_key(Kind kind, const object& item) {
  return std::tuple(kube::namespace_of(item), display_name(kind, item), kube::name_of(item));
}

}  // namespace

const catalog::Scope& scope_of(const object& object) {
  return kube::namespace_of(object).empty() ? catalog::cluster_scope() : catalog::namespaced_scope();
}

const object* referenced(const Objects& others, std::string_view namespace_, std::string_view name) {
  const auto at = std::ranges::find_if(others, [&](const object& other) {
    return kube::namespace_of(other) == namespace_ && kube::name_of(other) == name;
  });
  return at == others.end() ? nullptr : &*at;
}

const object* class_of_plan(const object& plan, const Objects& classes) {
  return referenced(classes, kube::namespace_of(plan), catalog::PlanView(plan).class_name(scope_of(plan)));
}

Objects named(Kind kind, const Objects& objects, const Objects& classes, std::string_view name) {
  std::string_view class_name;
  const std::size_t slash = name.find('/');
  if (kind == Kind::plan && slash != std::string_view::npos) {
    class_name = name.substr(0, slash);
    name = name.substr(slash + 1);
  }
  Objects found;
  for (const object& item : objects) {
    if (name != display_name(kind, item) && name != kube::name_of(item)) continue;
    if (!class_name.empty()) {
      const object* owner = class_of_plan(item, classes);
      if (!owner) continue;
      if (class_name != display_name(Kind::service_class, *owner) && class_name != kube::name_of(*owner))
        continue;
    }
    found.push_back(item);
  }
  return found;
}

async::Task<core::Result<Objects>> Reader::list(Kind kind, Place place) {
  Objects objects;
  for (const kube::Resource& resource : resources_of(kind, place.scope)) {
    const bool in_one_namespace = resource.namespaced && !place.all_namespaces;
    auto listed = co_await client_.list(resource, in_one_namespace ? place.namespace_ : std::string());
    if (!listed) co_return core::fail(explained(std::move(listed.error()), resource));
    for (object& item : listed->items) {
      complete(item, resource);
      objects.push_back(std::move(item));
    }
  }
  std::ranges::sort(objects, {}, [kind](const object& item) { return sort_key(kind, item); });
  co_return objects;
}

async::Task<core::Result<Objects>> Reader::find(Kind kind, Place place, std::string name) {
  auto objects = co_await list(kind, place);
  if (!objects) co_return objects;
  core::Result<Objects> classes;
  if (kind == Kind::plan && name.contains('/')) {
    classes = co_await list(Kind::service_class, place);
    if (!classes) co_return classes;
  }
  Objects found = named(kind, *objects, *classes, name);
  if (found.empty()) {
    co_return core::fail(ErrorKind::not_found, not_found_text(kind, place, name, *objects));
  }
  co_return found;
}

async::Task<core::Result<object>> Reader::find_one(Kind kind, Place place, std::string name) {
  auto found = co_await find(kind, place, name);
  if (!found) co_return core::fail(std::move(found.error()));
  if (found->size() == 1) co_return std::move(found->front());
  core::Result<Objects> classes;
  if (kind == Kind::plan) {
    classes = co_await list(Kind::service_class, place);
    if (!classes) co_return core::fail(std::move(classes.error()));
  }
  co_return core::fail(ErrorKind::invalid, ambiguous_text(kind, name, *found, *classes));
}

async::Task<core::Result<object>> Reader::get(kube::Resource resource, kube::ObjectKey key) {
  const std::string what = "reading " + resource.kind + " " + key.to_string();
  auto read = co_await client_.get(std::move(resource), std::move(key));
  if (!read) co_return core::fail(read.error().with_context(what));
  co_return read;
}

}  // namespace svcat
