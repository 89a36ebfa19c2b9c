#include "broker/replacement/value_resolver.hpp"

#include <algorithm>
#include <charconv>

#include "broker/value_text.hpp"
#include "core/hash.hpp"

namespace broker {

namespace json = boost::json;

namespace {

constexpr std::size_t deepest = 200;
constexpr std::size_t longest_unknown = 200;  // bytes; longer ones are known by their digest

json::value call_of(std::string_view function, json::value argument) {
  return json::object{{function, std::move(argument)}};
}

const json::array* list_of(const json::value& value, std::size_t least) {
  const json::array* list = value.if_array();
  return list != nullptr && list->size() >= least ? list : nullptr;
}

std::optional<std::size_t> index_of(const json::value& value) {
  const std::string text = value_text(value);
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return index;
}

json::array pieces_between(std::string_view text, std::string_view delimiter) {
  json::array pieces;
  for (std::size_t start = 0;;) {
    const std::size_t end = delimiter.empty() ? std::string_view::npos : text.find(delimiter, start);
    pieces.emplace_back(text.substr(start, end - start));
    if (end == std::string_view::npos) return pieces;
    start = end + delimiter.size();
  }
}

std::string without_spaces(std::string_view text) {
  const std::size_t start = text.find_first_not_of(' ');
  if (start == std::string_view::npos) return "";
  return std::string(text.substr(start, text.find_last_not_of(' ') - start + 1));
}

// The value of a list parameter.
json::array elements_of(std::string_view text) {
  json::array elements;
  for (const json::value& piece : pieces_between(text, ","))
    elements.emplace_back(without_spaces(piece.get_string()));
  return elements;
}

// What stands for something unknown: equal for equal expressions, and never long.
json::value unknown(const json::value& expression) {
  std::string text = core::to_canonical_text(expression);
  if (text.size() > longest_unknown) text = core::sha256_hex(text);
  return json::value(std::move(text));
}

}  // namespace

std::string_view function_of(const json::object& object) {
  if (object.size() != 1) return "";
  const std::string_view key = object.begin()->key();
  return key == "Ref" || key == "Condition" || key.starts_with("Fn::") ? key : std::string_view();
}

bool is_literal(const json::value& value) {
  if (const json::array* list = value.if_array()) return std::ranges::all_of(*list, is_literal);
  const json::object* object = value.if_object();
  if (object == nullptr) return true;
  return function_of(*object).empty() &&
         std::ranges::all_of(*object, [](const auto& entry) { return is_literal(entry.value()); });
}

// A text of known and unknown pieces, which neighbours of the same kind are one of.
struct ValueResolver::Text {
  json::array pieces;

  void add(std::string_view text) {
    if (text.empty()) return;
    if (!pieces.empty() && pieces.back().is_string()) {
      pieces.back().get_string().append(text);
    } else {
      pieces.emplace_back(text);
    }
  }
  void add(const Value& value) {
    if (value.is_string()) return add(std::string_view(value.get_string()));
    const json::array* inner = core::find_array(value, {"Fn::Join"});
    if (inner == nullptr || inner->size() != 2 || inner->front() != "" || !inner->back().is_array()) {
      pieces.push_back(value);
      return;
    }
    for (const Value& piece : inner->back().get_array()) add(piece);
  }
  Value take() {
    if (pieces.empty()) return "";
    if (pieces.size() == 1) return std::move(pieces.front());
    return call_of("Fn::Join", json::array{"", std::move(pieces)});
  }
};

ValueResolver::ValueResolver(const json::object& document, const Values& parameters)
    : document_(document), parameters_(parameters) {}

std::optional<json::value> ValueResolver::resolve(const Value& value) {
  spend(1);
  if (is_exhausted() || depth_ > deepest) {
    budget_ = 0;
    return Value();
  }
  ++depth_;
  std::optional<Value> result;
  if (const json::object* object = value.if_object()) {
    result = resolve_object(*object);
  } else if (const json::array* list = value.if_array()) {
    json::array resolved;
    for (const Value& each : *list) {
      if (auto element = resolve(each)) resolved.push_back(std::move(*element));
    }
    result = std::move(resolved);
  } else if (value.is_null()) {
    result = value;
  } else {
    std::string text = value_text(value);
    spend(text.size());
    result = Value(std::move(text));
  }
  --depth_;
  return result;
}

json::value ValueResolver::argument(const Value& value) {
  return resolve(value).value_or(Value());
}

std::optional<json::value> ValueResolver::resolve_object(const json::object& object) {
  if (const std::string_view function = function_of(object); !function.empty())
    return call(function, object.begin()->value());
  json::object resolved;
  for (const auto& [key, each] : object) {
    if (auto value = resolve(each)) resolved.emplace(key, std::move(*value));
  }
  return resolved;
}

std::optional<json::value> ValueResolver::call(std::string_view function, const Value& value) {
  if (function == "Ref") {
    const std::string name = value_text(value);
    if (name == "AWS::NoValue") return std::nullopt;
    return reference(name);
  }
  if (function == "Fn::If") return choose(value);
  if (function == "Fn::FindInMap") return find_in_map(value);
  if (function == "Fn::Join") return join(value);
  if (function == "Fn::Split") return split(value);
  if (function == "Fn::Select") return select(value);
  if (function == "Fn::Sub") return substitute(value);
  if (function == "Fn::GetAtt") return attribute(value);
  // Only conditions have these; a property called Condition is its own (IAM policies).
  if (function == "Fn::Equals" || function == "Fn::And" || function == "Fn::Or" || function == "Fn::Not")
    return truth(json::object{{function, value}});
  return call_of(function, argument(value));
}

json::value ValueResolver::reference(std::string_view name) const {
  const json::object* parameter = core::find_object(document_, {"Parameters", name});
  if (parameter == nullptr) return call_of("Ref", Value(name));
  const auto value = parameters_.find(name);
  if (value == parameters_.end()) return call_of("Ref", Value(name));
  const std::string_view type = core::find_string(*parameter, {"Type"});
  // The value is the name of what holds it.
  if (type.starts_with("AWS::SSM::Parameter::")) return json::object{{"Ref", name}, {"Value", value->second}};
  if (type == "CommaDelimitedList" || type.starts_with("List<")) return elements_of(value->second);
  return Value(value->second);
}

std::optional<json::value> ValueResolver::choose(const Value& value) {
  const json::array* list = list_of(value, 3);
  if (list == nullptr) return call_of("Fn::If", argument(value));
  const Value holds = condition(value_text((*list)[0]));
  if (holds.is_bool()) return resolve((*list)[holds.get_bool() ? 1 : 2]);
  auto either = resolve((*list)[1]);
  auto other = resolve((*list)[2]);
  if (either == other) return either;
  return call_of("Fn::If", json::array{holds, either.value_or(Value()), other.value_or(Value())});
}

json::value ValueResolver::find_in_map(const Value& value) {
  const json::array* list = list_of(value, 3);
  if (list == nullptr) return call_of("Fn::FindInMap", argument(value));
  const Value name = argument((*list)[0]);
  const Value first = argument((*list)[1]);
  const Value second = argument((*list)[2]);
  const json::object* mappings = core::find_object(document_, {"Mappings"});
  if (mappings == nullptr || !name.is_string() || !first.is_string() || !second.is_string()) {
    // Which entry it will be is not known: it changes where any of them does.
    json::object entries = mappings != nullptr ? *mappings : json::object();
    if (const json::object* one =
            name.is_string() ? core::find_object(entries, {name.get_string()}) : nullptr)
      entries = json::object(*one);
    return call_of("Fn::FindInMap", json::array{name, first, second, unknown(std::move(entries))});
  }
  if (const Value* found =
          core::find(*mappings, {name.get_string(), first.get_string(), second.get_string()}))
    return argument(*found);
  if (const Value* by_default = list->size() > 3 ? core::find((*list)[3], {"DefaultValue"}) : nullptr)
    return argument(*by_default);
  return call_of("Fn::FindInMap", json::array{name, first, second});
}

json::value ValueResolver::join(const Value& value) {
  const json::array* list = list_of(value, 2);
  if (list == nullptr) return call_of("Fn::Join", argument(value));
  const std::string delimiter = value_text((*list)[0]);
  const Value items = argument((*list)[1]);
  if (!items.is_array()) return call_of("Fn::Join", json::array{delimiter, items});
  Text text;
  bool is_first = true;
  for (const Value& item : items.get_array()) {
    if (!is_first) text.add(std::string_view(delimiter));
    is_first = false;
    text.add(item);
    spend(delimiter.size() + 1);
  }
  Value joined = text.take();
  if (joined.is_string()) spend(joined.get_string().size());
  return joined;
}

json::value ValueResolver::split(const Value& value) {
  const json::array* list = list_of(value, 2);
  if (list == nullptr) return call_of("Fn::Split", argument(value));
  const std::string delimiter = value_text((*list)[0]);
  const Value source = argument((*list)[1]);
  if (!source.is_string()) return call_of("Fn::Split", json::array{delimiter, source});
  return pieces_between(source.get_string(), delimiter);
}

json::value ValueResolver::select(const Value& value) {
  const json::array* list = list_of(value, 2);
  if (list == nullptr) return call_of("Fn::Select", argument(value));
  const Value index = argument((*list)[0]);
  const Value items = argument((*list)[1]);
  const auto position = index_of(index);
  if (items.is_array() && position && *position < items.get_array().size())
    return items.get_array()[*position];
  return call_of("Fn::Select", json::array{index, items});
}

json::value ValueResolver::substitute(const Value& value) {
  const json::array* list = list_of(value, 2);
  const std::string text = value_text(list != nullptr ? (*list)[0] : value);
  const json::object* variables = list != nullptr ? (*list)[1].if_object() : nullptr;
  Text result;
  std::size_t start = 0;
  while (true) {
    const std::size_t open = text.find("${", start);
    const std::size_t close = open == std::string::npos ? open : text.find('}', open);
    if (close == std::string::npos) break;
    result.add(std::string_view(text).substr(start, open - start));
    const std::string name = text.substr(open + 2, close - open - 2);
    start = close + 1;
    if (name.starts_with('!')) {
      result.add("${" + name.substr(1) + "}");
    } else if (const Value* variable = variables != nullptr ? variables->if_contains(name) : nullptr) {
      result.add(argument(*variable));
    } else if (name.find('.') != std::string::npos) {
      result.add(attribute(Value(name)));
    } else {
      result.add(reference(name));
    }
    spend(close - open);
    if (is_exhausted()) return Value();
  }
  result.add(std::string_view(text).substr(start));
  Value substituted = result.take();
  if (substituted.is_string()) spend(substituted.get_string().size());
  return substituted;
}

json::value ValueResolver::attribute(const Value& value) {
  if (const json::array* list = list_of(value, 2))
    return call_of("Fn::GetAtt", json::array{value_text((*list)[0]), argument((*list)[1])});
  const std::string text = value_text(value);
  const std::size_t dot = std::min(text.find('.'), text.size());
  return call_of("Fn::GetAtt", json::array{text.substr(0, dot), text.substr(std::min(dot + 1, text.size()))});
}

json::value ValueResolver::condition(std::string_view name) {
  if (const auto known = conditions_.find(name); known != conditions_.end()) return known->second;
  const Value* expression = core::find(document_, {"Conditions", name});
  if (expression == nullptr || !being_resolved_.insert(std::string(name)).second)
    return unknown(call_of("Condition", Value(name)));
  Value result = truth(*expression);
  being_resolved_.erase(std::string(name));
  conditions_.emplace(name, result);
  return result;
}

json::value ValueResolver::truth(const Value& expression) {
  spend(1);
  if (is_exhausted() || depth_ > deepest) {
    budget_ = 0;
    return "";
  }
  const json::object* object = expression.if_object();
  const std::string_view function = object != nullptr ? function_of(*object) : std::string_view();
  if (function.empty()) return unknown(expression);
  const Value& value = object->begin()->value();
  ++depth_;
  Value result;
  if (function == "Condition") {
    result = condition(value_text(value));
  } else if (function == "Fn::And" || function == "Fn::Or") {
    result = all_or_any(value, function == "Fn::Or");
  } else if (const json::array* one = list_of(value, 1); function == "Fn::Not" && one != nullptr) {
    const Value inner = truth(one->front());
    result = inner.is_bool() ? Value(!inner.get_bool()) : unknown(json::object{{"Fn::Not", inner}});
  } else if (const json::array* two = list_of(value, 2); function == "Fn::Equals" && two != nullptr) {
    const Value left = argument((*two)[0]);
    const Value right = argument((*two)[1]);
    if (left == right) {
      result = true;
    } else if (is_literal(left) && is_literal(right)) {
      result = false;
    } else {
      result = unknown(json::object{{"Fn::Equals", json::array{left, right}}});
    }
  } else {
    result = unknown(call_of(function, argument(value)));
  }
  --depth_;
  return result;
}

// `decides`: the value that one of the list is enough for; false for And, true for Or.
json::value ValueResolver::all_or_any(const Value& list, bool decides) {
  json::array open;
  if (const json::array* each = list.if_array()) {
    for (const Value& expression : *each) {
      const Value one = truth(expression);
      if (!one.is_bool()) {
        open.push_back(one);
      } else if (one.get_bool() == decides) {
        return decides;
      }
    }
  }
  if (open.empty()) return !decides;
  return unknown(json::object{{decides ? "Fn::Or" : "Fn::And", std::move(open)}});
}

}  // namespace broker
