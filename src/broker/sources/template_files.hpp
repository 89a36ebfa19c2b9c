// What is known of a source's files: only new and changed ones are read, and the last good version of a
// broken one stays offered. Without I/O.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "broker/template_set.hpp"

namespace broker {

struct ListedTemplate {
  std::string name;   // "s3-main.yaml"
  std::string stamp;  // another one, other content
  std::size_t size = 0;
};

class TemplateFiles {
 public:
  explicit TemplateFiles(TemplateFilter filter) : filter_(std::move(filter)) {}

  // Takes a listing over: forgets the files that it lacks, and returns those that are to be read.
  [[nodiscard]] std::deque<ListedTemplate> changed(std::vector<ListedTemplate> listing);
  // What reading one of them gave. After an error it counts as changed again.
  void take(const ListedTemplate& listed, core::Result<std::string> body);

  [[nodiscard]] TemplateSet templates() const;

 private:
  struct File {
    std::string stamp;                        // of what was read last
    std::shared_ptr<const Template> service;  // the last good one; null where there was none
    std::string problem;                      // "" where it is the one of `stamp`
  };
  TemplateFilter filter_;
  std::map<std::string, File> files_;  // by name
};

}  // namespace broker
