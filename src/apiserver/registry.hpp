// All kinds that are served, by their names.
//
// Executor: the loop's thread. Kinds are shared: a request keeps the one it has found while CRDs change.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/kind.hpp"

namespace apiserver {

class Registry {
 public:
  // The kinds of kinds/.
  [[nodiscard]] static Registry with_core_kinds();

  void put(Kind kind);
  void remove(std::string_view group, std::string_view plural);

  // nullptr where there is none.
  [[nodiscard]] KindPtr find(std::string_view group, std::string_view version, std::string_view plural) const;
  [[nodiscard]] KindPtr find(const kube::Resource& resource) const {
    return find(resource.group, resource.version, resource.plural);
  }
  [[nodiscard]] KindPtr find_by_kind(std::string_view api_version, std::string_view kind) const;
  [[nodiscard]] KindPtr of_key(std::string_view key) const;  // of a stored object
  [[nodiscard]] std::vector<KindPtr> all() const;            // by group, then plural
  [[nodiscard]] std::vector<KindPtr> of(std::string_view group, std::string_view version) const;
  // ("", "v1") first, then by name.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> group_versions() const;

 private:
  std::map<std::pair<std::string, std::string>, KindPtr> kinds_;  // by group and plural
};

}  // namespace apiserver
