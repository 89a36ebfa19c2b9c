#include "broker/template_set.hpp"

#include <algorithm>

namespace broker {

namespace {

std::set<std::string, std::less<>> names_of(std::string_view classes) {
  std::set<std::string, std::less<>> names;
  while (!classes.empty()) {
    std::string_view name = classes.substr(0, classes.find(','));
    classes.remove_prefix(std::min(name.size() + 1, classes.size()));
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (!name.empty() && name != "*") names.emplace(name);
  }
  return names;
}

}  // namespace

std::shared_ptr<const Template> TemplateSet::find(std::string_view class_name) const {
  const auto found =
      std::ranges::find(templates, class_name, [](const auto& each) { return std::string_view(each->name); });
  return found != templates.end() ? *found : nullptr;
}

TemplateCollector::TemplateCollector(std::string_view classes) : wanted_(names_of(classes)) {}

void TemplateCollector::add(std::shared_ptr<const Template> service, const std::string& origin) {
  if (!wanted_.empty() && !wanted_.contains(service->name)) return;
  if (set_.find(service->name)) {
    add_problem("template " + origin + ": another template has the name " + service->name + " already");
    return;
  }
  set_.templates.push_back(std::move(service));
}

TemplateSet TemplateCollector::finish() {
  std::ranges::sort(set_.templates, {}, [](const auto& each) { return each->name; });
  return std::move(set_);
}

TemplateSet load_built_in(std::string_view classes) {
  TemplateCollector collector(classes);
  for (const NamedText& each : built_in_templates()) {
    auto parsed = parse_template(std::string(each.text), std::string(each.name));
    if (parsed) {
      collector.add(std::make_shared<const Template>(std::move(*parsed)), std::string(each.name));
    } else {
      collector.add_problem(std::move(parsed.error().message));
    }
  }
  return collector.finish();
}

}  // namespace broker
