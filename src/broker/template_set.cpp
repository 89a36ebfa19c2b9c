#include "broker/template_set.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "core/file.hpp"

namespace broker {

namespace {

constexpr std::string_view suffix = "-main.yaml";

std::set<std::string, std::less<>> names_of(std::string_view filter) {
  std::set<std::string, std::less<>> names;
  while (!filter.empty()) {
    std::string_view name = filter.substr(0, filter.find(','));
    filter.remove_prefix(std::min(name.size() + 1, filter.size()));
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (!name.empty() && name != "*") names.emplace(name);
  }
  return names;
}

class Collector {
 public:
  explicit Collector(std::string_view filter) : wanted_(names_of(filter)) {}

  void add(std::string body, const std::string& origin) {
    auto parsed = parse_template(std::move(body), origin);
    if (!parsed) {
      set_.problems.push_back(std::move(parsed.error().message));
      return;
    }
    if (!wanted_.empty() && !wanted_.contains(parsed->name)) return;
    if (set_.find(parsed->name)) {
      set_.problems.push_back("template " + origin + ": another template has the name " + parsed->name +
                              " already");
      return;
    }
    set_.templates.push_back(std::make_shared<const Template>(std::move(*parsed)));
  }
  void add_problem(std::string problem) { set_.problems.push_back(std::move(problem)); }

  TemplateSet finish() {
    std::ranges::sort(set_.templates, {}, [](const auto& each) { return each->name; });
    return std::move(set_);
  }

 private:
  std::set<std::string, std::less<>> wanted_;
  TemplateSet set_;
};

}  // namespace

std::shared_ptr<const Template> TemplateSet::find(std::string_view class_name) const {
  const auto found =
      std::ranges::find(templates, class_name, [](const auto& each) { return std::string_view(each->name); });
  return found != templates.end() ? *found : nullptr;
}

TemplateSet load_built_in(std::string_view filter) {
  Collector collector(filter);
  for (const NamedText& each : built_in_templates())
    collector.add(std::string(each.text), std::string(each.name));
  return collector.finish();
}

core::Result<TemplateSet> load_folder(const std::string& folder, std::string_view filter) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().filename().string().ends_with(suffix)) files.push_back(entry.path());
  }
  if (error) {
    return core::fail(core::ErrorKind::not_found,
                      "the template folder " + folder + " cannot be read: " + error.message());
  }
  std::ranges::sort(files);
  Collector collector(filter);
  for (const auto& file : files) {
    auto body = core::read_file(file.string());
    if (body) {
      collector.add(std::move(*body), file.filename().string());
    } else {
      collector.add_problem("template " + file.filename().string() + ": " + body.error().message);
    }
  }
  return collector.finish();
}

}  // namespace broker
