// All templates that the broker offers. One broken template is reported by name and skips only itself.
#pragma once

#include <memory>
#include <set>
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

// Which templates of a source are offered.
struct TemplateFilter {
  std::string suffix = "-main.yaml";           // of the names of their files
  std::string classes;                         // their classes' names, separated by commas; "" or "*" for all
  std::size_t most_bytes = max_request_bytes;  // as they are sent; more only where there is a bucket for them
};

struct TemplateSet {
  std::vector<std::shared_ptr<const Template>> templates;  // by name
  std::vector<std::string> problems;                       // a sentence for each broken one

  [[nodiscard]] std::shared_ptr<const Template> find(std::string_view class_name) const;
  // The same templates, not only equal ones.
  bool operator==(const TemplateSet&) const = default;
};

// Puts a set together: the classes that are wanted, each name once.
class TemplateCollector {
 public:
  explicit TemplateCollector(std::string_view classes);

  void add(std::shared_ptr<const Template> service, const std::string& origin);
  void add_problem(std::string problem) { set_.problems.push_back(std::move(problem)); }
  [[nodiscard]] TemplateSet finish();

 private:
  std::set<std::string, std::less<>> wanted_;
  TemplateSet set_;
};

// `classes`: as in TemplateFilter.
[[nodiscard]] TemplateSet load_built_in(std::string_view classes);

}  // namespace broker
