// All templates that the broker offers, from a folder or built in. One broken template is reported by name
// and skips only itself.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/template.hpp"

namespace broker {

struct NamedText {
  std::string_view name;  // "s3-main.yaml"
  std::string_view text;
};

// templates/*-main.yaml as they were when the program was built.
[[nodiscard]] std::span<const NamedText> built_in_templates();

struct TemplateSet {
  std::vector<std::shared_ptr<const Template>> templates;  // by name
  std::vector<std::string> problems;                       // a sentence for each one that was left out

  [[nodiscard]] std::shared_ptr<const Template> find(std::string_view class_name) const;
};

// `filter`: names of classes to offer, separated by commas; "" or "*" for all.
[[nodiscard]] TemplateSet load_built_in(std::string_view filter);
// Files that end in -main.yaml. Blocks. Error: not_found, forbidden (the folder).
[[nodiscard]] core::Result<TemplateSet> load_folder(const std::string& folder, std::string_view filter);

}  // namespace broker
