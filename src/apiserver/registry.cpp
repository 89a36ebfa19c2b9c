#include "apiserver/registry.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "apiserver/kind_files.hpp"
#include "core/yaml.hpp"

namespace apiserver {

Registry Registry::with_core_kinds() {
  Registry registry;
  for (const KindFile& file : kind_files()) {
    if (file.name == "object_meta.yaml") continue;
    core::Result<json::value> crd = core::parse_yaml(file.yaml);
    if (!crd) throw std::logic_error(std::string(file.name) + ": " + crd.error().message);
    core::Result<Kind> kind = kind_of_crd(crd->as_object());
    if (!kind) throw std::logic_error(std::string(file.name) + ": " + kind.error().message);
    kind->built_in = true;
    registry.put(std::move(*kind));
  }
  return registry;
}

void Registry::put(Kind kind) {
  const std::pair name(kind.resource.group, kind.resource.plural);
  kinds_[name] = std::make_shared<const Kind>(std::move(kind));
}

void Registry::remove(std::string_view group, std::string_view plural) {
  kinds_.erase({std::string(group), std::string(plural)});
}

KindPtr Registry::find(std::string_view group, std::string_view version, std::string_view plural) const {
  const auto found = kinds_.find({std::string(group), std::string(plural)});
  if (found == kinds_.end() || found->second->resource.version != version) return nullptr;
  return found->second;
}

KindPtr Registry::find_by_kind(std::string_view api_version, std::string_view kind) const {
  const auto found = std::ranges::find_if(kinds_, [&](const auto& entry) {
    return entry.second->resource.kind == kind && entry.second->resource.api_version() == api_version;
  });
  return found == kinds_.end() ? nullptr : found->second;
}

KindPtr Registry::of_key(std::string_view key) const {
  key.remove_prefix(1);
  const std::size_t first = key.find('/');
  const std::size_t second = key.find('/', first + 1);
  if (second == std::string_view::npos) return nullptr;
  const std::string_view group = key.substr(0, first);
  const auto found = kinds_.find(
      {std::string(group == "core" ? "" : group), std::string(key.substr(first + 1, second - first - 1))});
  return found == kinds_.end() ? nullptr : found->second;
}

std::vector<KindPtr> Registry::all() const {
  std::vector<KindPtr> kinds;
  kinds.reserve(kinds_.size());
  for (const auto& [name, kind] : kinds_) kinds.push_back(kind);
  return kinds;
}

std::vector<KindPtr> Registry::of(std::string_view group, std::string_view version) const {
  std::vector<KindPtr> kinds;
  for (const auto& [name, kind] : kinds_) {
    if (kind->resource.group == group && kind->resource.version == version) kinds.push_back(kind);
  }
  return kinds;
}

std::vector<std::pair<std::string, std::string>> Registry::group_versions() const {
  std::set<std::pair<std::string, std::string>> names;
  for (const auto& [name, kind] : kinds_) names.emplace(kind->resource.group, kind->resource.version);
  return {names.begin(), names.end()};
}

}  // namespace apiserver
