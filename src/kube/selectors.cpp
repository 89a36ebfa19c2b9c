#include "kube/selectors.hpp"

#include <algorithm>
#include <charconv>

#include "kube/names.hpp"

namespace kube {
namespace {

using Operator = LabelSelector::Operator;
using Requirement = LabelSelector::Requirement;

// --- label selectors: a lexer and a recursive descent over "key op value, …" ---

struct Token {
  enum class Kind { word, symbol, end };
  Kind kind = Kind::end;
  std::string_view text;
  std::size_t position = 0;
};

class LabelSelectorParser {
 public:
  explicit LabelSelectorParser(std::string_view text) : text_(text) { advance(); }

  core::Result<std::vector<Requirement>> parse() {
    std::vector<Requirement> requirements;
    if (token_.kind == Token::Kind::end) return requirements;
    while (true) {
      core::Result<Requirement> requirement = parse_requirement();
      if (!requirement) return core::fail(std::move(requirement.error()));
      requirements.push_back(std::move(*requirement));
      if (token_.kind == Token::Kind::end) return requirements;
      if (!take(",")) return expected("',' or the end");
    }
  }

 private:
  core::Result<Requirement> parse_requirement() {
    Requirement requirement;
    const bool negated = take("!");
    if (token_.kind != Token::Kind::word) return expected("a label key");
    if (Complaint complaint = check_label_key(token_.text)) return complain("key", *complaint);
    requirement.key = token_.text;
    advance();
    if (negated) {
      requirement.op = Operator::not_exists;
      return requirement;
    }
    if (token_.kind == Token::Kind::end || token_.text == ",") return requirement;  // exists
    if (is_word("in") || is_word("notin")) {
      requirement.op = token_.text == "in" ? Operator::in : Operator::not_in;
      advance();
      return parse_values(std::move(requirement));
    }
    if (take("==") || take("=")) {
      requirement.op = Operator::equals;
    } else if (take("!=")) {
      requirement.op = Operator::not_equals;
    } else if (take(">")) {
      requirement.op = Operator::greater_than;
    } else if (take("<")) {
      requirement.op = Operator::less_than;
    } else {
      return expected("an operator (=, ==, !=, in, notin, >, <), ',' or the end");
    }
    return parse_value(std::move(requirement));
  }

  core::Result<Requirement> parse_value(Requirement requirement) {
    std::string_view value;  // "key=" asks for the empty value
    if (token_.kind == Token::Kind::word) {
      value = token_.text;
      if (Complaint complaint = check_label_value(value)) return complain("value", *complaint);
      if ((requirement.op == Operator::greater_than || requirement.op == Operator::less_than) &&
          !integer_of(value)) {
        return complain("value", "must be an integer for '<' and '>'");
      }
      advance();
    } else if (token_.kind == Token::Kind::symbol && token_.text != ",") {
      return expected("a value");
    } else if (requirement.op == Operator::greater_than || requirement.op == Operator::less_than) {
      return expected("an integer");
    }
    requirement.values.emplace_back(value);
    return requirement;
  }

  core::Result<Requirement> parse_values(Requirement requirement) {
    if (!take("(")) return expected("'(' before the values");
    while (true) {
      if (token_.kind == Token::Kind::word) {
        if (Complaint complaint = check_label_value(token_.text)) return complain("value", *complaint);
        requirement.values.emplace_back(token_.text);
        advance();
      } else {
        requirement.values.emplace_back();  // "(a,)" asks for the empty value too
      }
      if (take(")")) break;
      if (!take(",")) return expected("',' or ')'");
    }
    return requirement;
  }

  void advance() {
    constexpr std::string_view space = " \t\r\n";
    constexpr std::string_view symbols = "=!(),<>";
    position_ = std::min(text_.find_first_not_of(space, position_), text_.size());
    token_ = {.kind = Token::Kind::end, .text = {}, .position = position_};
    if (position_ == text_.size()) return;
    if (symbols.contains(text_[position_])) {
      const std::string_view rest = text_.substr(position_);
      const std::size_t size = rest.starts_with("==") || rest.starts_with("!=") ? 2 : 1;
      token_ = {.kind = Token::Kind::symbol, .text = rest.substr(0, size), .position = position_};
    } else {
      const std::size_t end = std::min(text_.find_first_of(" \t\r\n=!(),<>", position_), text_.size());
      token_ = {
          .kind = Token::Kind::word, .text = text_.substr(position_, end - position_), .position = position_};
    }
    position_ += token_.text.size();
  }

  bool take(std::string_view symbol) {
    if (token_.kind != Token::Kind::symbol || token_.text != symbol) return false;
    advance();
    return true;
  }

  [[nodiscard]] bool is_word(std::string_view word) const {
    return token_.kind == Token::Kind::word && token_.text == word;
  }

  [[nodiscard]] std::unexpected<core::Error> expected(std::string_view what) const {
    const std::string found =
        token_.kind == Token::Kind::end ? "the end" : "'" + std::string(token_.text) + "'";
    return core::fail(core::ErrorKind::invalid, "label selector \"" + std::string(text_) + "\": expected " +
                                                    std::string(what) + " at position " +
                                                    std::to_string(token_.position + 1) + ", found " + found);
  }
  [[nodiscard]] std::unexpected<core::Error> complain(std::string_view what,
                                                      const std::string& complaint) const {
    return core::fail(core::ErrorKind::invalid, "label selector \"" + std::string(text_) + "\": the " +
                                                    std::string(what) + " \"" + std::string(token_.text) +
                                                    "\": " + complaint);
  }

 public:
  static std::optional<std::int64_t> integer_of(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
  }

 private:
  std::string_view text_;
  std::size_t position_ = 0;
  Token token_;
};

bool holds(const Requirement& requirement, std::optional<std::string_view> value) {
  const auto is_listed = [&] {
    return value && std::ranges::any_of(requirement.values,
                                        [&](const std::string& listed) { return listed == *value; });
  };
  switch (requirement.op) {
    case Operator::equals:
    case Operator::in:
      return is_listed();
    case Operator::not_equals:
    case Operator::not_in:
      return !is_listed();
    case Operator::exists:
      return value.has_value();
    case Operator::not_exists:
      return !value.has_value();
    case Operator::greater_than:
    case Operator::less_than: {
      const auto number = value ? LabelSelectorParser::integer_of(*value) : std::nullopt;
      const auto limit = LabelSelectorParser::integer_of(requirement.values.front());
      if (!number || !limit) return false;
      return requirement.op == Operator::greater_than ? *number > *limit : *number < *limit;
    }
  }
  std::unreachable();
}

std::string joined(const std::vector<std::string>& values) {
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i) text += (i == 0 ? "" : ",") + values[i];
  return text;
}

std::string to_text(const Requirement& requirement) {
  switch (requirement.op) {
    case Operator::equals:
      return requirement.key + "=" + requirement.values.front();
    case Operator::not_equals:
      return requirement.key + "!=" + requirement.values.front();
    case Operator::in:
      return requirement.key + " in (" + joined(requirement.values) + ")";
    case Operator::not_in:
      return requirement.key + " notin (" + joined(requirement.values) + ")";
    case Operator::exists:
      return requirement.key;
    case Operator::not_exists:
      return "!" + requirement.key;
    case Operator::greater_than:
      return requirement.key + ">" + requirement.values.front();
    case Operator::less_than:
      return requirement.key + "<" + requirement.values.front();
  }
  std::unreachable();
}

core::Result<Requirement> requirement_of_expression(const json::value& expression) {
  Requirement requirement;
  requirement.key = core::find_string(expression, {"key"});
  if (Complaint complaint = check_label_key(requirement.key)) {
    return core::fail(core::ErrorKind::invalid,
                      "matchExpressions: key \"" + requirement.key + "\": " + *complaint);
  }
  const std::string_view op = core::find_string(expression, {"operator"});
  if (op == "In") {
    requirement.op = Operator::in;
  } else if (op == "NotIn") {
    requirement.op = Operator::not_in;
  } else if (op == "Exists") {
    requirement.op = Operator::exists;
  } else if (op == "DoesNotExist") {
    requirement.op = Operator::not_exists;
  } else {
    return core::fail(core::ErrorKind::invalid, "matchExpressions: operator \"" + std::string(op) +
                                                    "\" must be In, NotIn, Exists or DoesNotExist");
  }
  if (const json::array* values = core::find_array(expression, {"values"})) {
    for (const json::value& value : *values) {
      if (!value.is_string())
        return core::fail(core::ErrorKind::invalid, "matchExpressions: values must be strings");
      requirement.values.emplace_back(value.get_string());
    }
  }
  const bool takes_values = requirement.op == Operator::in || requirement.op == Operator::not_in;
  if (takes_values == requirement.values.empty()) {
    return core::fail(core::ErrorKind::invalid, "matchExpressions: operator " + std::string(op) +
                                                    (takes_values ? " needs values" : " takes no values"));
  }
  return requirement;
}

// --- field selectors ---

// Splits at unescaped commas.
std::vector<std::string_view> terms_of(std::string_view text) {
  std::vector<std::string_view> terms;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == ',') {
      terms.push_back(text.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  terms.push_back(text.substr(begin));
  return terms;
}

std::optional<std::string> unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '=' || text[i] == ',') return std::nullopt;
    if (text[i] == '\\') {
      ++i;
      if (i == text.size() || !std::string_view("\\,=").contains(text[i])) return std::nullopt;
    }
    result.push_back(text[i]);
  }
  return result;
}

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\' || c == ',' || c == '=') result.push_back('\\');
    result.push_back(c);
  }
  return result;
}

std::string field_text(const json::object& object, std::string_view path) {
  const json::object* at = &object;
  while (true) {
    const std::size_t dot = path.find('.');
    const json::value* const value = at->if_contains(path.substr(0, dot));
    if (value == nullptr || value->is_null()) return {};
    if (dot == std::string_view::npos) {
      return value->is_string() ? std::string(value->get_string()) : core::to_text(*value);
    }
    at = value->if_object();
    if (at == nullptr) return {};
    path.remove_prefix(dot + 1);
  }
}

}  // namespace

core::Result<LabelSelector> LabelSelector::parse(std::string_view text) {
  core::Result<std::vector<Requirement>> requirements = LabelSelectorParser(text).parse();
  if (!requirements) return core::fail(std::move(requirements.error()));
  LabelSelector selector;
  selector.requirements_ = std::move(*requirements);
  return selector;
}

core::Result<LabelSelector> LabelSelector::from_json(const json::object& selector_json) {
  LabelSelector selector;
  if (const json::object* labels = core::find_object(selector_json, {"matchLabels"})) {
    for (const auto& [key, value] : *labels) {
      if (!value.is_string()) {
        return core::fail(core::ErrorKind::invalid,
                          "matchLabels: the value of \"" + std::string(key) + "\" must be a string");
      }
      selector.requirements_.push_back(
          {.key = key, .op = Operator::equals, .values = {std::string(value.get_string())}});
    }
  }
  if (const json::array* expressions = core::find_array(selector_json, {"matchExpressions"})) {
    for (const json::value& expression : *expressions) {
      core::Result<Requirement> requirement = requirement_of_expression(expression);
      if (!requirement) return core::fail(std::move(requirement.error()));
      selector.requirements_.push_back(std::move(*requirement));
    }
  }
  return selector;
}

bool LabelSelector::matches(const json::object& object) const {
  if (requirements_.empty()) return true;
  const json::object* const labels = core::find_object(object, {"metadata", "labels"});
  return matches([labels](std::string_view key) -> std::optional<std::string_view> {
    const json::value* const value = labels != nullptr ? labels->if_contains(key) : nullptr;
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string_view(value->get_string());
  });
}

bool LabelSelector::matches(const ValueOf& value_of) const {
  return std::ranges::all_of(requirements_, [&](const Requirement& requirement) {
    return holds(requirement, value_of(requirement.key));
  });
}

std::string LabelSelector::to_string() const {
  std::string text;
  for (const Requirement& requirement : requirements_)
    text += (text.empty() ? "" : ",") + to_text(requirement);
  return text;
}

core::Result<FieldSelector> FieldSelector::parse(std::string_view text) {
  FieldSelector selector;
  for (const std::string_view term : terms_of(text)) {
    if (term.empty()) continue;
    const auto refuse = [&](std::string_view why) {
      return core::fail(core::ErrorKind::invalid, "field selector \"" + std::string(text) + "\": \"" +
                                                      std::string(term) + "\" " + std::string(why));
    };
    const std::size_t sign = term.find('=');
    if (sign == std::string_view::npos) return refuse("has no operator (=, == or !=)");
    const bool equal = sign == 0 || term[sign - 1] != '!';
    std::string_view value = term.substr(sign + 1);
    if (equal && value.starts_with('=')) value.remove_prefix(1);
    const std::string_view path = term.substr(0, equal ? sign : sign - 1);
    if (path.empty()) return refuse("has no field before its operator");
    std::optional<std::string> plain = unescaped(value);
    if (!plain) return refuse("has a value with an unescaped '=' or a broken escape (allowed: \\\\ \\, \\=)");
    selector.requirements_.push_back({.path = std::string(path), .equal = equal, .value = std::move(*plain)});
  }
  return selector;
}

bool FieldSelector::matches(const json::object& object) const {
  return std::ranges::all_of(requirements_, [&](const Requirement& requirement) {
    return (field_text(object, requirement.path) == requirement.value) == requirement.equal;
  });
}

std::optional<std::string_view> FieldSelector::required_value(std::string_view path) const {
  for (const Requirement& requirement : requirements_) {
    if (requirement.equal && requirement.path == path) return requirement.value;
  }
  return std::nullopt;
}

std::string FieldSelector::to_string() const {
  std::string text;
  for (const Requirement& requirement : requirements_) {
    text += (text.empty() ? "" : ",") + requirement.path + (requirement.equal ? "=" : "!=") +
            escaped(requirement.value);
  }
  return text;
}

}  // namespace kube
