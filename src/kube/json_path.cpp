#include "kube/json_path.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_set>

namespace kube {

struct JsonPath::Parser {
  std::string_view text;
  std::size_t at = 0;

  [[nodiscard]] bool at_end() const { return at == text.size(); }
  bool take(std::string_view token) {
    if (!text.substr(at).starts_with(token)) return false;
    at += token.size();
    return true;
  }
  std::string_view take_until(std::string_view stops) {
    const std::size_t end = std::min(text.find_first_of(stops, at), text.size());
    const std::size_t start = std::exchange(at, end);
    return text.substr(start, end - start);
  }
  std::optional<std::string> take_quoted() {
    const char quote = at_end() ? '\0' : text[at];
    if (quote != '\'' && quote != '"') return std::nullopt;
    const std::size_t end = text.find(quote, at + 1);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view inner = text.substr(at + 1, end - at - 1);
    at = end + 1;
    return std::string(inner);
  }
  [[nodiscard]] std::unexpected<core::Error> expected(std::string_view what) const {
    return core::fail(core::ErrorKind::invalid, "JSON path \"" + std::string(text) + "\": expected " +
                                                    std::string(what) + " at position " +
                                                    std::to_string(at + 1));
  }

  static bool to_number(std::string_view digits, std::int64_t& number, bool may_be_empty) {
    if (digits.empty()) return may_be_empty;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return problem == std::errc() && end == digits.data() + digits.size();
  }

  core::Result<Step> parse_filter() {
    Step step{.kind = Step::Kind::filter};
    take("@.");
    step.name = take_until("=!) ");
    take_until("=!)");
    if (take("!=")) {
      step.equal = false;
    } else if (!take("==")) {
      return expected("== or !=");
    }
    while (take(" ")) {
    }
    if (auto quoted = take_quoted()) {
      step.value = std::move(*quoted);
    } else {
      step.value = take_until(") ");
    }
    while (take(" ")) {
    }
    if (!take(")]")) return expected("')]'");
    return step;
  }

  core::Result<Step> parse_bracket() {
    if (take("?(")) return parse_filter();
    Step step;
    if (take("*")) {
      step.kind = Step::Kind::every;
    } else if (auto quoted = take_quoted()) {
      step.name = std::move(*quoted);
    } else {
      const std::string_view range = take_until("]");
      const std::size_t colon = range.find(':');
      step.kind = colon == std::string_view::npos ? Step::Kind::index : Step::Kind::slice;
      bool valid = to_number(range.substr(0, colon), step.index, step.kind == Step::Kind::slice);
      if (step.kind == Step::Kind::slice && colon + 1 < range.size())
        valid = valid && to_number(range.substr(colon + 1), step.end.emplace(), false);
      if (!valid) return expected("an index, a slice, '*', a quoted name or a filter");
    }
    if (!take("]")) return expected("']'");
    return step;
  }
};

core::Result<JsonPath> JsonPath::parse(std::string_view text) {
  Parser parser{.text = text};
  JsonPath path;
  if (!parser.take("$")) parser.take("@");
  while (!parser.at_end()) {
    if (parser.take("[")) {
      auto step = parser.parse_bracket();
      if (!step) return core::fail(std::move(step.error()));
      path.steps_.push_back(std::move(*step));
    } else if (parser.take(".")) {
      if (parser.at_end()) break;  // "." is the whole
      if (parser.take(".")) path.steps_.push_back({.kind = Step::Kind::every_below});
      if (!parser.at_end() && parser.text[parser.at] == '[') continue;
      Step step;
      // A dot in a name is written "\.".
      while (true) {
        step.name += parser.take_until(".[\\");
        if (!parser.take("\\")) break;
        if (!parser.at_end()) step.name += parser.text[parser.at++];
      }
      if (step.name.empty()) return parser.expected("a name");
      if (step.name == "*") step.kind = Step::Kind::every;
      path.steps_.push_back(std::move(step));
    } else {
      return parser.expected("'.' or '['");
    }
  }
  return path;
}

// One step from many values.
struct JsonPath::Search {
  JsonPathBudget& budget;
  bool once = false;  // ways that meet again count once
  std::vector<const json::value*> found = {};
  std::unordered_set<const json::value*> seen = {};
  bool exhausted = false;

  bool spend() {
    exhausted = exhausted || budget.values == 0;
    if (!exhausted) --budget.values;
    return !exhausted;
  }
  // False where it is there already.
  bool add(const json::value* value) {
    if (!spend() || (once && !seen.insert(value).second)) return false;
    found.push_back(value);
    return true;
  }

  void follow(const Step& step, const json::value& value) {
    if (!spend()) return;
    const json::array* const list = value.if_array();
    switch (step.kind) {
      case Step::Kind::member:
        if (const json::value* member = core::find(value, {step.name})) add(member);
        return;
      case Step::Kind::index: {
        if (list == nullptr) return;
        const auto size = static_cast<std::int64_t>(list->size());
        const std::int64_t index = step.index < 0 ? size + step.index : step.index;
        if (index >= 0 && index < size) add(&(*list)[static_cast<std::size_t>(index)]);
        return;
      }
      case Step::Kind::slice: {
        if (list == nullptr) return;
        const auto size = static_cast<std::int64_t>(list->size());
        auto place = [size](std::int64_t index) {
          return std::clamp<std::int64_t>(index < 0 ? size + index : index, 0, size);
        };
        const std::int64_t end = place(step.end.value_or(size));
        for (std::int64_t index = place(step.index); index < end; ++index)
          add(&(*list)[static_cast<std::size_t>(index)]);
        return;
      }
      case Step::Kind::every_below:
        if (!add(&value)) return;
        if (list != nullptr) {
          for (const json::value& element : *list) follow(step, element);
        } else if (const json::object* object = value.if_object()) {
          for (const auto& [name, member] : *object) follow(step, member);
        }
        return;
      case Step::Kind::every:
        if (list != nullptr) {
          for (const json::value& element : *list) add(&element);
        } else if (const json::object* object = value.if_object()) {
          for (const auto& [name, member] : *object) add(&member);
        }
        return;
      case Step::Kind::filter:
        if (list == nullptr) return;
        for (const json::value& element : *list) {
          const json::value* const member = core::find(element, {step.name});
          if (member == nullptr) continue;
          const std::string text =
              member->is_string() ? std::string(member->get_string()) : core::to_text(*member);
          if ((text == step.value) == step.equal) add(&element);
        }
        return;
    }
  }
};

std::vector<const json::value*> JsonPath::find(const json::object& object) const {
  if (steps_.empty()) return {};
  std::vector<const json::value*> found;
  JsonPathBudget budget;
  if (steps_.front().kind == Step::Kind::member) {
    if (const json::value* member = object.if_contains(steps_.front().name)) found.push_back(member);
  }
  bool below = false;
  for (std::size_t i = 1; i < steps_.size(); ++i) {
    below = below || steps_[i].kind == Step::Kind::every_below;
    Search search{.budget = budget, .once = below};
    for (const json::value* value : found) search.follow(steps_[i], *value);
    if (search.exhausted) return {};
    found = std::move(search.found);
  }
  return found;
}

core::Result<std::vector<const json::value*>> JsonPath::find_existing(const json::value& value,
                                                                      JsonPathBudget& budget) const {
  std::vector<const json::value*> found{&value};
  bool must_exist = true;  // of what ".." finds, not each has the member
  bool below = false;
  for (const Step& step : steps_) {
    below = below || step.kind == Step::Kind::every_below;
    Search search{.budget = budget, .once = below};
    for (const json::value* from : found) {
      const std::size_t before = search.found.size();
      search.follow(step, *from);
      if (search.exhausted)
        return core::fail(core::ErrorKind::too_large,
                          "the path looks at too many values: name the members instead of using .. and [*]");
      const bool missing = search.found.size() == before && must_exist;
      if (missing && step.kind == Step::Kind::member)
        return core::fail(core::ErrorKind::invalid, "there is no \"" + step.name + "\"");
      if (missing && step.kind == Step::Kind::index)
        return core::fail(core::ErrorKind::invalid, "there is no element " + std::to_string(step.index));
    }
    must_exist = step.kind != Step::Kind::every_below;
    found = std::move(search.found);
  }
  return found;
}

}  // namespace kube
