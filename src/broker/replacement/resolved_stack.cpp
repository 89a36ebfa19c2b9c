#include "broker/replacement/resolved_stack.hpp"

#include "broker/value_text.hpp"

namespace broker {

namespace json = boost::json;

namespace {

constexpr std::size_t deepest_trace = 500;

// Follows a value to the parameters that it is made of, each condition and resource once.
class ParameterTrace {
 public:
  explicit ParameterTrace(const json::object& document) : document_(document) {}

  void follow(const json::value& value) {
    if (depth_ > deepest_trace) return;
    ++depth_;
    follow_parts(value);
    --depth_;
  }
  void follow_condition(const std::string& name) {
    const json::value* expression = core::find(document_, {"Conditions", name});
    if (expression != nullptr && seen_.insert("Conditions/" + name).second) follow(*expression);
  }
  [[nodiscard]] std::set<std::string> take() { return std::move(found_); }

 private:
  void follow_parts(const json::value& value) {
    if (const json::array* list = value.if_array()) {
      for (const json::value& each : *list) follow(each);
    } else if (const json::object* object = value.if_object()) {
      const std::string_view function = function_of(*object);
      for (const auto& [key, each] : *object) {
        if (function == "Ref" || function == "Fn::GetAtt") {
          follow_name(value_text(each.is_array() && !each.get_array().empty() ? each.get_array()[0] : each));
        } else if (function == "Condition") {
          follow_condition(value_text(each));
        } else {
          if (function == "Fn::If" && each.is_array() && !each.get_array().empty())
            follow_condition(value_text(each.get_array()[0]));
          if (function == "Fn::Sub")
            follow_text(
                value_text(each.is_array() && !each.get_array().empty() ? each.get_array()[0] : each));
          follow(each);
        }
      }
    }
  }
  void follow_name(std::string name) {
    name.resize(std::min(name.find('.'), name.size()));
    if (core::find(document_, {"Parameters", name}) != nullptr) {
      found_.insert(std::move(name));
      return;
    }
    const json::value* resource = core::find(document_, {"Resources", name});
    if (resource == nullptr || !seen_.insert("Resources/" + name).second) return;
    if (const json::value* properties = core::find(*resource, {"Properties"})) follow(*properties);
  }
  void follow_text(std::string_view text) {
    for (std::size_t open = text.find("${"); open != std::string_view::npos; open = text.find("${", open)) {
      const std::size_t close = text.find('}', open);
      if (close == std::string_view::npos) return;
      follow_name(std::string(text.substr(open + 2, close - open - 2)));
      open = close;
    }
  }

  const json::object& document_;
  std::set<std::string> found_;
  std::set<std::string> seen_;
  std::size_t depth_ = 0;
};

std::string text_of(const std::optional<json::value>& value) {
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

ResolvedStack::ResolvedStack(const json::object& document, const Values& parameters)
    : document_(document), resolver_(document, parameters) {
  const json::object* resources = core::find_object(document, {"Resources"});
  if (resources == nullptr) return;
  for (const auto& [id, entry] : *resources) {
    ResolvedResource resource{.id = id,
                              .type = std::string(core::find_string(entry, {"Type"})),
                              .exists = true,
                              .properties = nullptr,
                              .replace_policy = {},
                              .deletion_policy = {}};
    if (const json::value* condition = core::find(entry, {"Condition"}))
      resource.exists = resolver_.condition(value_text(*condition));
    // Of what is no resource (a macro's call, a loop that stays) everything counts.
    const json::value* properties = resource.type.empty() ? &entry : core::find(entry, {"Properties"});
    if (properties != nullptr) resource.properties = resolver_.resolve(*properties).value_or(nullptr);
    const auto policy = [&](const char* key) {
      const json::value* given = core::find(entry, {key});
      return given != nullptr ? text_of(resolver_.resolve(*given)) : std::string();
    };
    resource.replace_policy = policy("UpdateReplacePolicy");
    resource.deletion_policy = policy("DeletionPolicy");
    index_.emplace(resource.id, resources_.size());
    resources_.push_back(std::move(resource));
  }
}

const ResolvedResource* ResolvedStack::find(std::string_view id) const {
  const auto found = index_.find(id);
  return found != index_.end() ? &resources_[found->second] : nullptr;
}

std::set<std::string> ResolvedStack::parameters_of_condition(std::string_view id) const {
  ParameterTrace trace(document_);
  if (const json::value* condition = core::find(document_, {"Resources", id, "Condition"}))
    trace.follow_condition(value_text(*condition));
  return trace.take();
}

std::set<std::string> ResolvedStack::parameters_of_property(std::string_view id,
                                                            const std::vector<std::string>& path) const {
  ParameterTrace trace(document_);
  const json::value* value = core::find(document_, {"Resources", id, "Properties"});
  if (value == nullptr) value = core::find(document_, {"Resources", id});
  // As far as the text goes: below a function all of it counts.
  for (const std::string& step : path) {
    const json::object* object = value != nullptr ? value->if_object() : nullptr;
    if (object == nullptr || !function_of(*object).empty() || object->contains("Fn::Transform")) break;
    value = object->if_contains(step);
  }
  if (value != nullptr) trace.follow(*value);
  return trace.take();
}

}  // namespace broker
