#include "simulation/aws/dynamodb/expressions.hpp"

#include <algorithm>
#include <charconv>
#include <variant>

#include "core/text.hpp"
#include "simulation/aws/dynamodb/tokens.hpp"

namespace simulation {

namespace json = boost::json;

ExpressionTokens::ExpressionTokens(std::string_view text) {
  const auto is_word = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '#' || c == ':' || c == '-';
  };
  std::size_t i = 0;
  while (i < text.size()) {
    if (std::isspace(static_cast<unsigned char>(text[i])) != 0) {
      ++i;
      continue;
    }
    std::size_t length = 1;
    if (is_word(static_cast<unsigned char>(text[i])) && text[i] != '-') {
      while (i + length < text.size() && is_word(static_cast<unsigned char>(text[i + length])) &&
             text[i + length] != '-')
        ++length;
    } else if (i + 1 < text.size() &&
               (text.substr(i, 2) == "<>" || text.substr(i, 2) == "<=" || text.substr(i, 2) == ">=")) {
      length = 2;
    }
    tokens_.push_back(text.substr(i, length));
    i += length;
  }
}

bool ExpressionTokens::is(std::string_view word) const {
  return core::equal_ignoring_case(peek(), word);
}

std::optional<int> compare_attributes(const json::value& left, const json::value& right) {
  for (const char* type : {"S", "B"}) {
    const auto* a = core::find(left, {type});
    const auto* b = core::find(right, {type});
    if (a != nullptr && b != nullptr) {
      const int order =
          std::string_view(core::find_string(left, {type})).compare(core::find_string(right, {type}));
      return order < 0 ? -1 : order > 0 ? 1 : 0;
    }
  }
  if (core::find(left, {"N"}) == nullptr || core::find(right, {"N"}) == nullptr) return std::nullopt;
  const auto number = [](std::string_view text) {
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  };
  const double a = number(core::find_string(left, {"N"}));
  const double b = number(core::find_string(right, {"N"}));
  return a < b ? -1 : a > b ? 1 : 0;
}

namespace {

bool equal(const json::value& left, const json::value& right) {
  const auto order = compare_attributes(left, right);
  return order ? *order == 0 : left == right;
}

// A path to an attribute, or a value of the request.
struct Operand {
  std::vector<std::string> path;
  std::optional<json::value> value;  // nullopt: there is no such attribute
};

class Parser {
 public:
  Parser(std::string_view text, const json::object& item, const ExpressionInput& input)
      : tokens_(text), item_(item), input_(input) {}

  bool disjunction() {
    bool value = conjunction();
    while (tokens_.accept("OR")) value = conjunction() || value;
    return value;
  }
  Operand operand();
  Operand sum();

  void fail(std::string message) {
    if (!failure_) failure_ = Failure{.code = "ValidationException", .message = std::move(message)};
  }
  [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
  ExpressionTokens& tokens() { return tokens_; }

 private:
  bool conjunction() {
    bool value = negation();
    while (tokens_.accept("AND")) value = negation() && value;
    return value;
  }
  bool negation() { return tokens_.accept("NOT") ? !negation() : primary(); }
  bool primary();
  bool function(std::string_view name);
  std::string name_of(std::string_view token);
  [[nodiscard]] const json::value* at(const std::vector<std::string>& path) const;
  void expect(std::string_view token) {
    if (!tokens_.accept(token))
      fail("Invalid expression: Syntax error; token: \"" + std::string(tokens_.peek()) + "\"");
  }

  ExpressionTokens tokens_;
  const json::object& item_;
  const ExpressionInput& input_;
  std::optional<Failure> failure_;
};

std::string Parser::name_of(std::string_view token) {
  if (!token.starts_with('#')) return std::string(token);
  const std::string name(input_.names == nullptr ? std::string_view()
                                                 : core::find_string(*input_.names, {token}));
  if (name.empty())
    fail(
        "Invalid expression: An expression attribute name used in the document path is not defined; "
        "attribute name: " +
        std::string(token));
  return name;
}

const json::value* Parser::at(const std::vector<std::string>& path) const {
  const json::value* found = item_.if_contains(path.front());
  for (std::size_t i = 1; i < path.size() && found != nullptr; ++i) {
    if (const auto* list = core::find_array(*found, {"L"})) {
      const auto index = static_cast<std::size_t>(std::atoi(path[i].c_str()));
      found = index < list->size() ? &(*list)[index] : nullptr;
    } else {
      found = core::find(*found, {"M", path[i]});
    }
  }
  return found;
}

Operand Parser::operand() {
  const std::string_view token = tokens_.take();
  if (token.starts_with(':')) {
    const json::value* value = input_.values == nullptr ? nullptr : input_.values->if_contains(token);
    if (value == nullptr) {
      fail(
          "Invalid expression: An expression attribute value used in expression is not defined; "
          "attribute value: " +
          std::string(token));
      return {};
    }
    return {.path = {}, .value = *value};
  }
  if (core::equal_ignoring_case(token, "size") && tokens_.accept("(")) {
    const Operand of = operand();
    expect(")");
    if (!of.value) return {};
    std::size_t size = core::find_string(*of.value, {"S"}).size();
    if (const auto* list = core::find_array(*of.value, {"L"})) size = list->size();
    if (const auto* map = core::find_object(*of.value, {"M"})) size = map->size();
    return {.path = {}, .value = json::object{{"N", std::to_string(size)}}};
  }
  if (core::equal_ignoring_case(token, "if_not_exists") && tokens_.accept("(")) {
    Operand first = operand();
    expect(",");
    Operand second = sum();
    expect(")");
    return first.value ? std::move(first) : std::move(second);
  }
  if (core::equal_ignoring_case(token, "list_append") && tokens_.accept("(")) {
    const Operand first = operand();
    expect(",");
    const Operand second = operand();
    expect(")");
    json::array joined;
    for (const Operand* each : {&first, &second})
      if (const auto* list = each->value ? core::find_array(*each->value, {"L"}) : nullptr)
        joined.insert(joined.end(), list->begin(), list->end());
    return {.path = {}, .value = json::object{{"L", std::move(joined)}}};
  }
  if (token.empty() ||
      (std::isalpha(static_cast<unsigned char>(token[0])) == 0 && token[0] != '#' && token[0] != '_')) {
    fail("Invalid expression: Syntax error; token: \"" + std::string(token) + "\"");
    return {};
  }
  Operand found{.path = {name_of(token)}, .value = {}};
  while (tokens_.is(".") || tokens_.is("[")) {
    const bool is_index = tokens_.take() == "[";
    found.path.push_back(name_of(tokens_.take()));
    if (is_index) expect("]");
  }
  if (const json::value* value = at(found.path)) found.value = *value;
  return found;
}

Operand Parser::sum() {
  Operand left = operand();
  while (tokens_.is("+") || tokens_.is("-")) {
    const bool adds = tokens_.take() == "+";
    const Operand right = operand();
    if (!left.value || !right.value) {
      fail("The provided expression refers to an attribute that does not exist in the item");
      return {};
    }
    const auto number = [](const json::value& of) {
      const std::string_view text = core::find_string(of, {"N"});
      std::int64_t value = 0;
      std::from_chars(text.data(), text.data() + text.size(), value);
      return value;
    };
    const std::int64_t by = number(*right.value);
    left = {.path = {},
            .value = json::object{{"N", std::to_string(number(*left.value) + (adds ? by : -by))}}};
  }
  return left;
}

bool Parser::function(std::string_view name) {
  expect("(");
  const Operand first = operand();
  if (name == "attribute_exists" || name == "attribute_not_exists") {
    expect(")");
    return first.value.has_value() == (name == "attribute_exists");
  }
  expect(",");
  const Operand second = operand();
  expect(")");
  if (!first.value || !second.value) return false;
  if (name == "attribute_type")
    return first.value->is_object() &&
           first.value->get_object().contains(core::find_string(*second.value, {"S"}));
  const std::string_view text = core::find_string(*first.value, {"S"});
  const std::string_view part = core::find_string(*second.value, {"S"});
  if (name == "begins_with") return core::find(*first.value, {"S"}) != nullptr && text.starts_with(part);
  if (core::find(*first.value, {"S"}) != nullptr) return text.contains(part);
  if (const auto* list = core::find_array(*first.value, {"L"}))
    return std::ranges::any_of(*list, [&](const json::value& each) { return equal(each, *second.value); });
  const auto* set = core::find_array(*first.value, {"SS"});
  return set != nullptr && std::ranges::any_of(*set, [&](const json::value& each) {
           return each.is_string() && std::string_view(each.get_string()) == part;
         });
}

bool Parser::primary() {
  if (tokens_.accept("(")) {
    const bool value = disjunction();
    expect(")");
    return value;
  }
  for (const char* name :
       {"attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains"})
    if (tokens_.is(name) && tokens_.peek(1) == "(") {
      tokens_.take();
      return function(name);
    }
  const Operand left = operand();
  const std::string_view sign = tokens_.take();
  if (core::equal_ignoring_case(sign, "BETWEEN")) {
    const Operand least = operand();
    expect("AND");
    const Operand most = operand();
    if (!left.value || !least.value || !most.value) return false;
    const auto low = compare_attributes(*left.value, *least.value);
    const auto high = compare_attributes(*left.value, *most.value);
    return low && high && *low >= 0 && *high <= 0;
  }
  if (core::equal_ignoring_case(sign, "IN")) {
    expect("(");
    bool found = false;
    do {
      const Operand each = operand();
      found = found || (left.value && each.value && equal(*left.value, *each.value));
    } while (tokens_.accept(","));
    expect(")");
    return found;
  }
  const Operand right = operand();
  if (sign == "=") return left.value && right.value && equal(*left.value, *right.value);
  if (sign == "<>") return !(left.value && right.value && equal(*left.value, *right.value));
  if (sign != "<" && sign != "<=" && sign != ">" && sign != ">=") {
    fail("Invalid expression: Syntax error; token: \"" + std::string(sign) + "\"");
    return false;
  }
  if (!left.value || !right.value) return false;
  const auto order = compare_attributes(*left.value, *right.value);
  if (!order) return false;
  if (sign == "<") return *order < 0;
  if (sign == "<=") return *order <= 0;
  return sign == ">" ? *order > 0 : *order >= 0;
}

json::value* place(json::object& item, const std::vector<std::string>& path, bool makes) {
  json::object* map = &item;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    json::value* next = map->if_contains(path[i]);
    json::value* inner = next != nullptr && next->is_object() ? next->get_object().if_contains("M") : nullptr;
    if (inner == nullptr || !inner->is_object()) return nullptr;
    map = &inner->get_object();
  }
  return makes ? &(*map)[path.back()] : map->if_contains(path.back());
}

void remove_at(json::object& item, const std::vector<std::string>& path) {
  if (path.size() == 1) {
    item.erase(path[0]);
    return;
  }
  json::value* parent = place(item, {path.begin(), path.end() - 1}, false);
  json::value* inner =
      parent != nullptr && parent->is_object() ? parent->get_object().if_contains("M") : nullptr;
  if (inner != nullptr && inner->is_object()) inner->get_object().erase(path.back());
}

}  // namespace

Answer<bool> holds(std::string_view condition, const json::object& item, const ExpressionInput& input) {
  Parser parser(condition, item, input);
  const bool value = parser.disjunction();
  if (!parser.failure() && !parser.tokens().at_end())
    parser.fail("Invalid expression: Syntax error; token: \"" + std::string(parser.tokens().peek()) + "\"");
  if (parser.failure()) return std::unexpected(*parser.failure());
  return value;
}

Answer<const json::value*> equality_of(std::string_view condition, std::string_view attribute,
                                       const ExpressionInput& input) {
  ExpressionTokens tokens(condition);
  while (!tokens.at_end()) {
    std::string_view name = tokens.take();
    if (name.starts_with('#') && input.names != nullptr) name = core::find_string(*input.names, {name});
    if (name != attribute || !tokens.is("=")) continue;
    tokens.take();
    const json::value* value = input.values == nullptr ? nullptr : input.values->if_contains(tokens.take());
    if (value == nullptr)
      return refuse("ValidationException",
                    "Invalid KeyConditionExpression: an expression attribute value is not defined");
    return value;
  }
  return nullptr;
}

Answer<> apply_update(std::string_view update, json::object& item, const ExpressionInput& input) {
  const json::object before = item;
  Parser parser(update, before, input);
  ExpressionTokens& tokens = parser.tokens();
  while (!tokens.at_end() && !parser.failure()) {
    const std::string clause = core::to_lower(tokens.take());
    if (clause != "set" && clause != "remove" && clause != "add" && clause != "delete") {
      parser.fail("Invalid UpdateExpression: Syntax error; token: \"" + clause + "\"");
      break;
    }
    do {
      const Operand target = parser.operand();
      if (target.path.empty()) {
        parser.fail("Invalid UpdateExpression: Syntax error");
      } else if (clause == "remove") {
        remove_at(item, target.path);
      } else {
        if (clause == "set" && !tokens.accept("="))
          parser.fail("Invalid UpdateExpression: Syntax error; token: \"=\"");
        Operand value = clause == "set" ? parser.sum() : parser.operand();
        if (!value.value)
          parser.fail("The provided expression refers to an attribute that does not exist in the item");
        json::value* where = parser.failure() ? nullptr : place(item, target.path, true);
        if (where == nullptr) {
          parser.fail("The document path provided in the update expression is invalid for update");
        } else if (clause == "set") {
          *where = std::move(*value.value);
        } else {
          // Numbers are added to, sets of texts united or made smaller.
          const std::string_view number = core::find_string(*value.value, {"N"});
          if (!number.empty()) {
            std::int64_t sum = 0;
            for (const std::string_view each : {core::find_string(*where, {"N"}), number}) {
              std::int64_t one = 0;
              std::from_chars(each.data(), each.data() + each.size(), one);
              sum += one;
            }
            *where = json::object{{"N", std::to_string(sum)}};
          } else if (const auto* given = core::find_array(*value.value, {"SS"})) {
            json::array set = core::find_array(*where, {"SS"}) == nullptr ? json::array()
                                                                          : *core::find_array(*where, {"SS"});
            for (const json::value& each : *given) {
              const auto found = std::ranges::find(set, each);
              if (clause == "add" && found == set.end()) set.push_back(each);
              if (clause == "delete" && found != set.end()) set.erase(found);
            }
            if (set.empty()) {
              remove_at(item, target.path);
            } else {
              *where = json::object{{"SS", std::move(set)}};
            }
          } else {
            parser.fail("An operand in the update expression has an incorrect data type");
          }
        }
      }
    } while (!parser.failure() && tokens.accept(","));
  }
  if (parser.failure()) return std::unexpected(*parser.failure());
  return Reply{};
}

Answer<json::object> project(std::string_view projection, const json::object& item,
                             const ExpressionInput& input) {
  if (projection.empty()) return item;
  json::object kept;
  Parser parser(projection, item, input);
  do {
    const Operand part = parser.operand();
    if (!part.path.empty() && part.value) kept[part.path.front()] = item.at(part.path.front());
  } while (!parser.failure() && parser.tokens().accept(","));
  if (parser.failure()) return std::unexpected(*parser.failure());
  return kept;
}

}  // namespace simulation
