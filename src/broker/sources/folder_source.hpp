// Templates of a folder, its subfolders not included.
#pragma once

#include "async/blocking_pool.hpp"
#include "broker/sources/listed_source.hpp"

namespace broker {

class FolderSource final : public ListedSource {
 public:
  // The pool outlives the source; files are read in it.
  FolderSource(async::BlockingPool& pool, std::string folder, TemplateFilter filter)
      : ListedSource(std::move(filter)), pool_(pool), folder_(std::move(folder)) {}

  [[nodiscard]] std::string name() const override { return "the template folder " + folder_; }

 private:
  [[nodiscard]] async::Task<core::Result<std::vector<ListedTemplate>>> list() override;
  [[nodiscard]] async::Task<core::Result<std::string>> read(std::string name) override;

  async::BlockingPool& pool_;
  std::string folder_;
};

}  // namespace broker
