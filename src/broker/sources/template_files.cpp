#include "broker/sources/template_files.hpp"

namespace broker {

std::deque<ListedTemplate> TemplateFiles::changed(std::vector<ListedTemplate> listing) {
  std::map<std::string, File> known;
  std::deque<ListedTemplate> to_read;
  for (ListedTemplate& each : listing) {
    if (!each.name.ends_with(filter_.suffix)) continue;
    File& file = known[each.name] = std::move(files_[each.name]);
    if (file.stamp != each.stamp) to_read.push_back(std::move(each));
  }
  files_ = std::move(known);
  return to_read;
}

void TemplateFiles::take(const ListedTemplate& listed, core::Result<std::string> body) {
  File& file = files_[listed.name];
  if (!body) {
    file.stamp.clear();
    file.problem = "template " + listed.name + ": " + body.error().message;
    return;
  }
  file.stamp = listed.stamp;
  auto parsed = parse_template(std::move(*body), listed.name);
  if (parsed && parsed->body.size() > filter_.most_bytes) {
    file.problem = "template " + listed.name + ": " + too_long_for_a_request(parsed->body.size());
  } else if (parsed) {
    file.service = std::make_shared<const Template>(std::move(*parsed));
    file.problem.clear();
  } else {
    file.problem = std::move(parsed.error().message);
  }
}

TemplateSet TemplateFiles::templates() const {
  TemplateCollector collector(filter_.classes);
  for (const auto& [name, file] : files_) {
    if (file.service) collector.add(file.service, name);
    if (!file.problem.empty())
      collector.add_problem(file.problem + (file.service ? "; its last good version is still offered" : ""));
  }
  return collector.finish();
}

}  // namespace broker
