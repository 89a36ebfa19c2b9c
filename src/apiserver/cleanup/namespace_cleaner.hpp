// Empties namespaces that are being deleted, tells on them what still holds them up, and lets them go.
#pragma once

#include <map>

#include "apiserver/cleanup/cleaner.hpp"

namespace apiserver {

class NamespaceCleaner final : public Cleaner {
 public:
  using Cleaner::Cleaner;

 private:
  [[nodiscard]] async::Task<core::Result<std::vector<std::string>>> all() override;
  [[nodiscard]] async::Task<core::Result<std::vector<std::string>>> concerned_by(EventPtr event) override;
  [[nodiscard]] async::Task<bool> clean(std::string key) override;

  struct Rest {
    std::map<std::string, std::size_t> kinds;       // "secrets" → how many there are
    std::map<std::string, std::size_t> finalizers;  // → how many objects have it
    bool failed = false;                            // something could not be deleted
  };
  [[nodiscard]] async::Task<Rest> remove_content(std::string namespace_);
  [[nodiscard]] async::Task<bool> tell(std::string key, Rest rest);
  [[nodiscard]] async::Task<bool> let_go(std::string key);
};

}  // namespace apiserver
