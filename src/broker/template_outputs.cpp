#include "broker/template_outputs.hpp"

#include <algorithm>
#include <set>

#include "broker/value_text.hpp"

namespace broker {

namespace json = boost::json;

namespace {

constexpr std::string_view for_each = "Fn::ForEach::";

// What a value begins with, whatever its parameters and resources are.
struct Beginning {
  std::string text;
  bool is_all = false;  // the value is no more than that
};

const json::value* argument_of(const json::value& expression, std::string_view function) {
  const json::object* object = expression.if_object();
  return object != nullptr && object->size() == 1 ? object->if_contains(function) : nullptr;
}

Beginning beginning_of(const json::value& expression);

Beginning beginning_of_sub(const json::value& argument) {
  const json::array* with_map = argument.if_array();
  const json::value* text = with_map != nullptr && !with_map->empty() ? &with_map->front() : &argument;
  if (!text->is_string()) return {};
  const std::string_view all = text->get_string();
  const std::size_t variable = all.find("${");
  return {.text = std::string(all.substr(0, variable)), .is_all = variable == std::string_view::npos};
}

Beginning beginning_of_join(const json::value& argument) {
  const json::array* arguments = argument.if_array();
  if (arguments == nullptr || arguments->size() != 2 || !(*arguments)[0].is_string()) return {};
  const json::array* parts = (*arguments)[1].if_array();
  if (parts == nullptr) return {};
  Beginning all{.text = {}, .is_all = true};
  for (std::size_t i = 0; i < parts->size() && all.is_all; ++i) {
    if (i > 0) all.text += std::string_view((*arguments)[0].get_string());
    Beginning part = beginning_of((*parts)[i]);
    all.text += part.text;
    all.is_all = part.is_all;
  }
  return all;
}

Beginning beginning_of(const json::value& expression) {
  if (const json::value* sub = argument_of(expression, "Fn::Sub")) return beginning_of_sub(*sub);
  if (const json::value* join = argument_of(expression, "Fn::Join")) return beginning_of_join(*join);
  if (expression.is_structured()) return {};
  return {.text = value_text(expression), .is_all = true};
}

// Of each branch of a Fn::If.
bool may_begin_with(const json::value& expression, std::string_view prefix) {
  if (const json::value* branches = argument_of(expression, "Fn::If")) {
    const json::array* list = branches->if_array();
    return list != nullptr && list->size() == 3 &&
           (may_begin_with((*list)[1], prefix) || may_begin_with((*list)[2], prefix));
  }
  return beginning_of(expression).text.starts_with(prefix);
}

void add_variables(std::set<std::string>& names, std::string_view text, const json::object* own) {
  for (std::size_t at = text.find("${"); at != std::string_view::npos; at = text.find("${", at + 2)) {
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos) return;
    const std::string_view name = text.substr(at + 2, end - at - 2);
    if (!name.starts_with('!') && (own == nullptr || !own->contains(name))) names.emplace(name);
  }
}

void add_references(std::set<std::string>& names, const json::value& expression) {
  if (const json::array* list = expression.if_array()) {
    for (const json::value& each : *list) add_references(names, each);
  }
  const json::object* map = expression.if_object();
  if (map == nullptr) return;
  for (const auto& entry : *map) {
    const json::value& value = entry.value();
    if (entry.key() == "Ref" && value.is_string()) names.emplace(value.get_string());
    if (entry.key() == "Fn::Sub") {
      const json::array* with_map = value.if_array();
      const json::value* text = with_map != nullptr && !with_map->empty() ? &with_map->front() : &value;
      const json::object* own =
          with_map != nullptr && with_map->size() > 1 ? (*with_map)[1].if_object() : nullptr;
      if (text->is_string()) add_variables(names, text->get_string(), own);
    }
    add_references(names, value);
  }
}

class OutputReader {
 public:
  explicit OutputReader(const json::object& document) {
    if (const json::object* found = core::find_object(document, {"Parameters"})) parameters_ = found;
    if (const json::object* found = core::find_object(document, {"Outputs"})) add(*found);
  }
  [[nodiscard]] std::vector<TemplateOutput> take() { return std::move(outputs_); }

 private:
  void add(const json::object& outputs) {
    for (const auto& entry : outputs) {
      if (entry.key().starts_with(for_each)) {
        const json::array* loop = entry.value().if_array();
        if (loop != nullptr && loop->size() == 3 && (*loop)[2].is_object()) add((*loop)[2].get_object());
        continue;
      }
      const json::value* value = core::find(entry.value(), {"Value"});
      if (value != nullptr) add(entry.key(), *value);
    }
  }
  void add(std::string_view name, const json::value& value) {
    TemplateOutput output{.name = std::string(name),
                          .name_end = {},
                          .names_ssm_parameter = may_begin_with(value, ssm_prefix),
                          .names_secret = may_begin_with(value, secret_prefix),
                          .literal = {},
                          .parameters = parameters_in(value, *parameters_)};
    if (Beginning text = beginning_of(value); text.is_all) output.literal = std::move(text.text);
    const std::size_t variable = std::min(name.find("${"), name.find("&{"));
    if (variable != std::string_view::npos) {
      output.is_pattern = true;
      output.name = name.substr(0, variable);
      output.name_end = name.substr(std::min(name.rfind('}') + 1, name.size()));
    }
    outputs_.push_back(std::move(output));
  }

  const json::object none_;
  const json::object* parameters_ = &none_;
  std::vector<TemplateOutput> outputs_;
};

}  // namespace

bool TemplateOutput::is_called(std::string_view output) const {
  if (!is_pattern) return output == name;
  return output.size() >= name.size() + name_end.size() && output.starts_with(name) &&
         output.ends_with(name_end);
}

std::vector<TemplateOutput> template_outputs(const json::object& document) {
  return OutputReader(document).take();
}

std::vector<std::string> parameters_in(const json::value& expression, const json::object& parameters) {
  std::set<std::string> names;
  add_references(names, expression);
  std::erase_if(names, [&](const std::string& name) { return !parameters.contains(name); });
  return {names.begin(), names.end()};
}

}  // namespace broker
