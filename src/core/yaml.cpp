#include "core/yaml.hpp"

#include <charconv>
#include <map>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace core {

namespace {

// Both are counted after aliases are followed.
constexpr std::size_t max_nodes = 200'000;
constexpr std::size_t max_text_bytes = 16 * 1024 * 1024;

struct YamlFault {
  YAML::Mark mark;
  std::string what;
};

std::optional<json::value> plain_integer(const std::string& text) {
  const bool negative = text[0] == '-';
  std::string_view digits = text;
  if (text[0] == '-' || text[0] == '+') digits.remove_prefix(1);
  int base = 10;
  if (digits.starts_with("0x")) {
    base = 16;
    digits.remove_prefix(2);
  } else if (digits.starts_with("0o")) {
    base = 8;
    digits.remove_prefix(2);
  } else if (digits.size() > 1 && digits[0] == '0') {
    base = 8;  // as YAML 1.1 and so kubectl has it: defaultMode: 0644
    digits.remove_prefix(1);
  }
  std::uint64_t magnitude = 0;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude, base);
  if (digits.empty() || status != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (negative && magnitude <= static_cast<std::uint64_t>(INT64_MAX))
    return json::value(-static_cast<std::int64_t>(magnitude));
  if (negative) return std::nullopt;
  if (magnitude <= static_cast<std::uint64_t>(INT64_MAX))
    return json::value(static_cast<std::int64_t>(magnitude));
  return json::value(magnitude);
}

std::optional<json::value> plain_float(const std::string& text) {
  if (text.find_first_not_of("+-.0123456789eE") != std::string::npos) return std::nullopt;
  if (text.find_first_of("0123456789") == std::string::npos) return std::nullopt;
  const char* start = text.data() + (text[0] == '+' ? 1 : 0);
  double number = 0;
  const auto [end, status] = std::from_chars(start, text.data() + text.size(), number);
  if (status != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return json::value(number);
}

// .inf and .nan are numbers that JSON does not have; a number that JSON cannot keep is no number in YAML
// either.
std::optional<std::string> problem_of_plain(const std::string& text) {
  std::string_view word = text;
  if (word.starts_with('+') || word.starts_with('-')) word.remove_prefix(1);
  if (word == ".inf" || word == ".Inf" || word == ".INF" || text == ".nan" || text == ".NaN" ||
      text == ".NAN")
    return text + " is not a number in JSON: put it in quotes if it is meant as text";
  return problem_of_number(word);
}

// YAML 1.2's core schema.
json::value plain_scalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (auto number = plain_integer(text)) return *number;
  if (auto number = plain_float(text)) return *number;
  return json::value(text);
}

class JsonBuilder final : public YAML::EventHandler {
 public:
  JsonBuilder(YamlTags tags, std::size_t max_depth) : tags_(tags), max_depth_(max_depth) {}

  json::value take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(mark, anchor, nullptr, 1); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw YamlFault{mark, "an alias refers to a node that contains it"};
    copies_ = true;
    add(mark, 0, json::value(found->second.value), found->second.nodes);
    copies_ = false;
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    if (!stack_.empty() && stack_.back().expects_key) {
      take_key(mark, text);
      return;
    }
    add(mark, anchor, tagged(mark, tag, scalar(mark, tag, text), true), 1);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, json::array());
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, json::object());
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    json::value value;
    std::string tag;
    YAML::anchor_t anchor;
    YAML::Mark mark;
    std::size_t nodes = 1;
    bool expects_key = false;
    std::string key;
    std::set<std::string, std::less<>> own_keys;  // without those that "<<" brought
  };
  struct Anchored {
    json::value value;
    std::size_t nodes;
  };

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, json::value value) {
    if (!stack_.empty() && stack_.back().expects_key) throw YamlFault{mark, "a key must be a plain text"};
    if (stack_.size() >= max_depth_)
      throw YamlFault{mark, "nested deeper than " + std::to_string(max_depth_) + " levels"};
    const bool is_map = value.is_object();
    stack_.push_back({.value = std::move(value),
                      .tag = tag,
                      .anchor = anchor,
                      .mark = mark,
                      .expects_key = is_map,
                      .key = {},
                      .own_keys = {}});
  }

  void close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    const YAML::Mark mark = frame.mark;
    json::value value = tagged(mark, frame.tag, std::move(frame.value), false);
    add(mark, frame.anchor, std::move(value), frame.nodes);
  }

  void take_key(const YAML::Mark& mark, const std::string& text) {
    Frame& map = stack_.back();
    if (text != "<<" && !map.own_keys.insert(text).second)
      throw YamlFault{mark, "the key \"" + text + "\" is there twice"};
    map.key = text;
    map.expects_key = false;
  }

  void add(const YAML::Mark& mark, YAML::anchor_t anchor, json::value value, std::size_t nodes) {
    total_nodes_ += nodes;
    if (total_nodes_ > max_nodes) throw YamlFault{mark, "more than " + std::to_string(max_nodes) + " nodes"};
    count_text(mark, value);
    if (anchor != 0) anchors_.insert_or_assign(anchor, Anchored{.value = value, .nodes = nodes});
    if (stack_.empty()) {
      root_ = std::move(value);
      return;
    }
    Frame& frame = stack_.back();
    frame.nodes += nodes;
    if (auto* list = frame.value.if_array()) {
      list->push_back(std::move(value));
      return;
    }
    if (frame.expects_key) throw YamlFault{mark, "a key must be a plain text"};
    frame.expects_key = true;
    if (frame.key == "<<") {
      merge(mark, frame.value.get_object(), value);
    } else {
      frame.value.get_object().insert_or_assign(frame.key, std::move(value));
    }
  }

  // Of collections the texts have been counted one by one, unless an alias brings them again.
  void count_text(const YAML::Mark& mark, const json::value& value) {
    if (const auto* text = value.if_string()) text_bytes_ += text->size();
    if (copies_) text_bytes_ += text_within(value);
    if (text_bytes_ > max_text_bytes)
      throw YamlFault{
          mark, "more than " + std::to_string(max_text_bytes) + " bytes of text, with what aliases repeat"};
  }

  static std::size_t text_within(const json::value& value) {
    std::size_t bytes = 0;
    if (const auto* list = value.if_array()) {
      for (const json::value& each : *list)
        bytes += each.is_string() ? each.get_string().size() : text_within(each);
    } else if (const auto* map = value.if_object()) {
      for (const auto& entry : *map) {
        bytes += entry.key().size();
        bytes += entry.value().is_string() ? entry.value().get_string().size() : text_within(entry.value());
      }
    }
    return bytes;
  }

  static void merge(const YAML::Mark& mark, json::object& into, const json::value& from) {
    if (const auto* list = from.if_array()) {
      for (const json::value& element : *list) merge(mark, into, element);
      return;
    }
    if (!from.is_object()) throw YamlFault{mark, "the merge key << takes a map or a list of maps"};
    for (const auto& entry : from.get_object()) {
      if (!into.contains(entry.key())) into.emplace(entry.key(), entry.value());
    }
  }

  [[nodiscard]] json::value scalar(const YAML::Mark& mark, const std::string& tag,
                                   const std::string& text) const {
    constexpr std::string_view standard = "tag:yaml.org,2002:";
    if (tag == "?" || tag.empty()) return plain_value(mark, text);
    if (!tag.starts_with(standard)) return json::value(text);  // quoted ("!"), or a local tag
    const std::string_view type = std::string_view(tag).substr(standard.size());
    if (type == "str") return json::value(text);
    if (type == "binary") throw YamlFault{mark, "binary values are not supported"};
    return plain_value(mark, text);
  }

  // CloudFormation takes the text of what is written, whatever it looks like.
  [[nodiscard]] json::value plain_value(const YAML::Mark& mark, const std::string& text) const {
    const auto problem = problem_of_plain(text);
    if (!problem) return plain_scalar(text);
    if (tags_ == YamlTags::cloudformation) return json::value(text);
    throw YamlFault{mark, *problem};
  }

  json::value tagged(const YAML::Mark& mark, const std::string& tag, json::value value,
                     bool is_scalar) const {
    if (tag.size() < 2 || tag[0] != '!') return value;
    const std::string name = tag.substr(1);
    if (tags_ == YamlTags::reject) throw YamlFault{mark, "the tag " + tag + " is not known here"};
    if (name == "Ref" || name == "Condition") return json::object{{name, std::move(value)}};
    if (name == "GetAtt" && is_scalar && value.is_string()) {
      const std::string_view path = value.get_string();
      const std::size_t dot = path.find('.');
      if (dot == std::string_view::npos) throw YamlFault{mark, "!GetAtt takes Resource.Attribute"};
      return json::object{{"Fn::GetAtt", json::array{path.substr(0, dot), path.substr(dot + 1)}}};
    }
    return json::object{{"Fn::" + name, std::move(value)}};
  }

  YamlTags tags_;
  std::size_t max_depth_;
  std::size_t total_nodes_ = 0;
  std::size_t text_bytes_ = 0;
  bool copies_ = false;  // what is added comes from an alias
  std::vector<Frame> stack_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  json::value root_;
};

std::unexpected<Error> malformed(const YAML::Mark& mark, const std::string& what) {
  return fail(ErrorKind::invalid, "malformed YAML at line " + std::to_string(mark.line + 1) + ", column " +
                                      std::to_string(mark.column + 1) + ": " + what);
}

}  // namespace

Result<json::value> parse_yaml(std::string_view text, YamlTags tags, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return fail(ErrorKind::too_large, "YAML of " + std::to_string(text.size()) +
                                          " bytes is larger than the limit of " +
                                          std::to_string(limits.max_bytes));
  }
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    JsonBuilder builder(tags, limits.max_depth);
    if (!parser.HandleNextDocument(builder)) return json::value();
    JsonBuilder next(tags, limits.max_depth);
    if (parser.HandleNextDocument(next) && !next.take().is_null()) {
      return fail(ErrorKind::invalid, "one YAML document is expected, but there are more");
    }
    json::value value = builder.take();
    // yaml-cpp takes any bytes, and escapes that stand for half a surrogate pair.
    if (!parse_json(to_text(value), {.max_bytes = std::string::npos, .max_depth = limits.max_depth + 1}))
      return fail(ErrorKind::invalid, "the YAML holds text that is not UTF-8");
    return value;
  } catch (const YamlFault& fault) {
    return malformed(fault.mark, fault.what);
  } catch (const YAML::Exception& error) {
    return malformed(error.mark, error.msg);
  }
}

}  // namespace core
