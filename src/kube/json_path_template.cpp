#include "kube/json_path_template.hpp"

#include <utility>

#include "core/text.hpp"

namespace kube {

namespace {

constexpr std::size_t deepest_range = 8;
constexpr std::size_t longest_text = 1024 * 1024;

std::unexpected<core::Error> invalid(std::string_view template_text, std::string_view why) {
  return core::fail(core::ErrorKind::invalid,
                    "JSONPath template \"" + std::string(template_text) + "\": " + std::string(why));
}

std::unexpected<core::Error> too_long() {
  return core::fail(core::ErrorKind::too_large, "the text is longer than 1 MiB");
}

std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      ++i;
      plain += text[i] == 'n' ? '\n' : text[i] == 't' ? '\t' : text[i] == 'r' ? '\r' : text[i];
    } else {
      plain += text[i];
    }
  }
  return plain;
}

}  // namespace

struct JsonPathTemplate::Parser {
  std::string_view text;
  std::size_t at = 0;

  // The inside of the braces that begin here; a brace within quotes does not end them.
  core::Result<std::string_view> take_action() {
    char quote = '\0';
    for (std::size_t end = at + 1; end < text.size(); ++end) {
      const char c = text[end];
      if (quote != '\0') {
        if (c == '\\')
          ++end;
        else if (c == quote)
          quote = '\0';
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '}') {
        const std::size_t start = std::exchange(at, end + 1) + 1;
        return core::trimmed(text.substr(start, end - start));
      }
    }
    return invalid(text, "a '{' has no '}'");
  }

  core::Result<std::vector<Node>> parse(std::size_t depth) {
    std::vector<Node> nodes;
    while (at < text.size()) {
      if (text[at] != '{') {
        const std::size_t end = std::min(text.find('{', at), text.size());
        const std::size_t start = std::exchange(at, end);
        nodes.push_back({.text = std::string(text.substr(start, end - start))});
        continue;
      }
      auto action = take_action();
      if (!action) return core::fail(action.error());
      if (*action == "end") {
        if (depth == 0) return invalid(text, "{end} without {range}");
        return nodes;
      }
      auto node = parse_action(*action, depth);
      if (!node) return core::fail(node.error());
      nodes.push_back(std::move(*node));
    }
    if (depth > 0) return invalid(text, "{range} without {end}");
    return nodes;
  }

  core::Result<Node> parse_action(std::string_view action, std::size_t depth) {
    if (action.size() >= 2 && (action.front() == '"' || action.front() == '\'')) {
      if (action.back() != action.front()) return invalid(text, "a quote is not closed");
      return Node{.text = unescaped(action.substr(1, action.size() - 2))};
    }
    const bool is_range = action.starts_with("range ");
    if (is_range) action = core::trimmed(action.substr(6));
    if (action.empty()) return invalid(text, "{} has no path");
    auto path = JsonPath::parse(action);
    if (!path) return core::fail(path.error());
    Node node{.kind = is_range ? Node::Kind::range : Node::Kind::path, .path = std::move(*path)};
    if (!is_range) return node;
    if (depth == deepest_range) return invalid(text, "too many nested {range}");
    auto body = parse(depth + 1);
    if (!body) return core::fail(body.error());
    node.body = std::move(*body);
    return node;
  }
};

core::Result<JsonPathTemplate> JsonPathTemplate::parse(std::string_view text) {
  Parser parser{.text = text};
  auto nodes = parser.parse(0);
  if (!nodes) return core::fail(nodes.error());
  JsonPathTemplate parsed;
  parsed.nodes_ = std::move(*nodes);
  return parsed;
}

core::Result<> JsonPathTemplate::write(const std::vector<Node>& nodes, const json::value& value,
                                       JsonPathBudget& budget, std::string& text) {
  for (const Node& node : nodes) {
    if (text.size() > longest_text) return too_long();
    if (node.kind == Node::Kind::text) {
      text += node.text;
      continue;
    }
    auto found = node.path.find_existing(value, budget);
    if (!found) return core::fail(found.error());
    bool first = true;
    for (const json::value* each : *found) {
      if (node.kind == Node::Kind::range) {
        if (auto written = write(node.body, *each, budget, text); !written) return written;
        continue;
      }
      if (!std::exchange(first, false)) text += ' ';
      text += each->is_string() ? std::string(each->get_string()) : core::to_text(*each);
      if (text.size() > longest_text) return too_long();
    }
  }
  return {};
}

core::Result<std::string> JsonPathTemplate::evaluate(const json::value& value) const {
  std::string text;
  JsonPathBudget budget;
  if (auto written = write(nodes_, value, budget, text); !written) return core::fail(written.error());
  if (text.size() > longest_text) return too_long();
  return text;
}

}  // namespace kube
