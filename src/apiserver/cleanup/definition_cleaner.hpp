// Deletes the objects of a CustomResourceDefinition that is being deleted, then lets the definition go.
#pragma once

#include "apiserver/cleanup/cleaner.hpp"

namespace apiserver {

class DefinitionCleaner final : public Cleaner {
 public:
  using Cleaner::Cleaner;

 private:
  [[nodiscard]] async::Task<core::Result<std::vector<std::string>>> all() override;
  [[nodiscard]] async::Task<core::Result<std::vector<std::string>>> concerned_by(EventPtr event) override;
  [[nodiscard]] async::Task<bool> clean(std::string key) override;
};

}  // namespace apiserver
