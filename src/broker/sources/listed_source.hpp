// A source whose files are listed first; what a folder and a bucket have in common.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "broker/sources/template_files.hpp"
#include "broker/sources/template_source.hpp"

namespace broker {

class ListedSource : public TemplateSource {
 public:
  // Reads several files at once.
  [[nodiscard]] async::Task<core::Result<std::optional<TemplateSet>>> refresh() final;

 protected:
  explicit ListedSource(TemplateFilter filter) : files_(std::move(filter)) {}

  [[nodiscard]] virtual async::Task<core::Result<std::vector<ListedTemplate>>> list() = 0;
  [[nodiscard]] virtual async::Task<core::Result<std::string>> read(std::string name) = 0;

 private:
  [[nodiscard]] async::Task<> read_all(std::deque<ListedTemplate>& left);

  TemplateFiles files_;
  std::optional<TemplateSet> last_;
};

}  // namespace broker
