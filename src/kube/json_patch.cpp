// RFC 6902.
#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "kube/patch.hpp"

namespace kube {
namespace {

using core::ErrorKind;

constexpr std::size_t max_operations = 10'000;
// Copies can make a small patch build a huge or endlessly deep document: both are bounded, as kube-apiserver
// bounds the bytes. So is the work of all operations together: comparisons, and elements that move to make
// room.
constexpr std::size_t max_copied_bytes = 3 * 1024 * 1024;
constexpr std::size_t max_work = 20'000'000;
constexpr std::size_t max_depth = 128;

struct Weight {
  std::size_t nodes = 1;
  std::size_t depth = 1;
  std::size_t bytes = 8;  // about what it is when written
};

Weight weigh(const json::value& value) {
  Weight weight;
  const auto add = [&](const json::value& child) {
    const Weight inner = weigh(child);
    weight.nodes += inner.nodes;
    weight.bytes += inner.bytes;
    weight.depth = std::max(weight.depth, inner.depth + 1);
  };
  if (const json::object* object = value.if_object()) {
    for (const auto& member : *object) {
      weight.bytes += member.key().size();
      add(member.value());
    }
  } else if (const json::array* array = value.if_array()) {
    for (const json::value& element : *array) add(element);
  } else if (const json::string* text = value.if_string()) {
    weight.bytes += text->size();
  }
  return weight;
}

// RFC 6901: "/metadata/labels/a~1b" → metadata, labels, a/b. nullopt where it is no pointer.
std::optional<std::vector<std::string>> tokens_of(std::string_view pointer) {
  std::vector<std::string> tokens;
  if (pointer.empty()) return tokens;
  if (pointer.front() != '/') return std::nullopt;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      tokens.emplace_back();
    } else if (pointer[i] != '~') {
      tokens.back().push_back(pointer[i]);
    } else {
      ++i;
      const char escaped = i < pointer.size() ? pointer[i] : ' ';
      if (escaped != '0' && escaped != '1') return std::nullopt;
      tokens.back().push_back(escaped == '0' ? '~' : '/');
    }
  }
  return tokens;
}

// No sign, no leading zero.
std::optional<std::size_t> index_of(std::string_view token) {
  if (token.empty() || (token.size() > 1 && token.front() == '0')) return std::nullopt;
  std::size_t index = 0;
  const auto [end, problem] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (problem != std::errc() || end != token.data() + token.size()) return std::nullopt;
  return index;
}

json::value* child_of(json::value& parent, const std::string& token) {
  if (json::object* object = parent.if_object()) return object->if_contains(token);
  if (json::array* array = parent.if_array()) {
    const std::optional<std::size_t> index = index_of(token);
    if (index && *index < array->size()) return &(*array)[*index];
  }
  return nullptr;
}

class JsonPatch {
 public:
  explicit JsonPatch(json::value& document) : document_(document) {}

  core::Result<> apply(const json::value& operation) {
    if (auto fits = check_work(); !fits) return fits;
    if (!operation.is_object()) return refuse("must be an object");
    const std::string_view op = core::find_string(operation, {"op"});
    const core::Result<Pointer> path = pointer(operation, "path");
    if (!path) return core::fail(path.error());
    if (op == "remove") {
      core::Result<json::value> removed = remove(*path);
      return removed ? core::Result<>() : core::fail(std::move(removed.error()));
    }
    if (op == "move" || op == "copy") return move_or_copy(operation, *path, op == "move");
    if (op != "add" && op != "replace" && op != "test") {
      return refuse("op \"" + std::string(op) + "\" must be add, remove, replace, move, copy or test");
    }
    const json::value* const value = operation.get_object().if_contains("value");
    if (value == nullptr) return refuse(std::string(op) + " needs a value");
    if (op == "add") return add(*path, *value);
    return op == "replace" ? replace(*path, *value) : test(*path, *value);
  }

 private:
  struct Pointer {
    std::string text;
    std::vector<std::string> tokens;
  };

  static core::Result<Pointer> pointer(const json::value& operation, std::string_view member) {
    const json::value* const text = operation.get_object().if_contains(member);
    if (text == nullptr || !text->is_string())
      return refuse("\"" + std::string(member) + "\" must be a JSON pointer");
    Pointer result{.text = std::string(text->get_string()), .tokens = {}};
    auto tokens = tokens_of(result.text);
    if (!tokens)
      return refuse("\"" + std::string(member) + "\" is not a JSON pointer: \"" + result.text + "\"");
    if (tokens->size() > max_depth) return refuse("\"" + std::string(member) + "\" is too deep");
    result.tokens = std::move(*tokens);
    return result;
  }

  json::value* find(const Pointer& at, std::size_t leave_out_last = 0) {
    json::value* value = &document_;
    for (std::size_t i = 0; value != nullptr && i + leave_out_last < at.tokens.size(); ++i) {
      value = child_of(*value, at.tokens[i]);
    }
    return value;
  }

  bool is_too_deep(const Pointer& path, const json::value& value) {
    const Weight weight = weigh(value);
    work_ += weight.nodes;
    return path.tokens.size() + weight.depth > max_depth;
  }

  core::Result<> check_work() const {
    if (work_ <= max_work) return {};
    return core::fail(ErrorKind::too_large, "the patch takes too many steps: send fewer operations");
  }

  core::Result<> add(const Pointer& path, json::value value) {
    if (is_too_deep(path, value)) return refuse("add " + path.text + ": the result is too deep");
    if (path.tokens.empty()) {
      document_ = std::move(value);
      return {};
    }
    json::value* const parent = find(path, 1);
    const std::string& last = path.tokens.back();
    if (parent != nullptr && parent->is_object()) {
      parent->get_object()[last] = std::move(value);
      return {};
    }
    if (parent != nullptr && parent->is_array()) {
      json::array& array = parent->get_array();
      const std::optional<std::size_t> index = last == "-" ? array.size() : index_of(last);
      if (!index || *index > array.size())
        return impossible("add " + path.text + ": not an index of a list of " + std::to_string(array.size()));
      work_ += array.size() - *index;
      if (auto fits = check_work(); !fits) return fits;
      array.insert(array.begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
      return {};
    }
    return impossible("add " + path.text + ": what should hold it does not exist");
  }

  core::Result<json::value> remove(const Pointer& path) {
    json::value* const target = find(path);
    if (target == nullptr) return impossible("remove " + path.text + ": does not exist");
    json::value removed = std::move(*target);
    if (path.tokens.empty()) {
      document_ = nullptr;
      return removed;
    }
    json::value* const parent = find(path, 1);
    if (json::object* object = parent->if_object()) {
      object->erase(path.tokens.back());
    } else {
      json::array& array = parent->get_array();
      work_ += array.size();
      array.erase(array.begin() + (target - array.data()));
    }
    return removed;
  }

  core::Result<> replace(const Pointer& path, const json::value& value) {
    json::value* const target = find(path);
    if (target == nullptr) return impossible("replace " + path.text + ": does not exist");
    if (is_too_deep(path, value)) return refuse("replace " + path.text + ": the result is too deep");
    *target = value;
    return {};
  }

  core::Result<> test(const Pointer& path, const json::value& value) {
    const json::value* const target = find(path);
    // An absent member passes as null, as the API server has it.
    if (target == nullptr && value.is_null()) return {};
    if (target == nullptr) return impossible("test " + path.text + ": does not exist");
    work_ += weigh(value).nodes + weigh(value).bytes / 64;
    if (*target != value) return impossible("test " + path.text + ": has another value");
    return {};
  }

  core::Result<> move_or_copy(const json::value& operation, const Pointer& path, bool move) {
    const core::Result<Pointer> from = pointer(operation, "from");
    if (!from) return core::fail(from.error());
    const std::string what = (move ? "move " : "copy ") + from->text + " to " + path.text;
    const json::value* const source = find(*from);
    if (source == nullptr) return impossible(what + ": does not exist");
    const bool into_itself = path.tokens.size() > from->tokens.size() &&
                             std::equal(from->tokens.begin(), from->tokens.end(), path.tokens.begin());
    if (move && into_itself) return impossible(what + ": a value cannot be moved into itself");
    const Weight weight = weigh(*source);
    work_ += weight.nodes;
    if (!move) copied_bytes_ += weight.bytes;
    if (copied_bytes_ > max_copied_bytes)
      return core::fail(ErrorKind::too_large,
                        what + ": the patch copies more than " + std::to_string(max_copied_bytes) + " bytes");
    if (!move) return add(path, *source);
    core::Result<json::value> value = remove(*from);
    if (!value) return core::fail(std::move(value.error()));
    return add(path, std::move(*value));
  }

  static std::unexpected<core::Error> refuse(std::string message) {
    return core::fail(ErrorKind::invalid, std::move(message));
  }
  static std::unexpected<core::Error> impossible(std::string message) {
    return core::fail(ErrorKind::unprocessable, std::move(message));
  }

  json::value& document_;
  std::size_t copied_bytes_ = 0;
  std::size_t work_ = 0;
};

}  // namespace

core::Result<json::value> apply_json_patch(json::value document, const json::value& patch) {
  const json::array* const operations = patch.if_array();
  if (operations == nullptr)
    return core::fail(ErrorKind::invalid, "a JSON patch must be a list of operations");
  if (operations->size() > max_operations) {
    return core::fail(ErrorKind::too_large,
                      "a JSON patch may have at most " + std::to_string(max_operations) + " operations");
  }
  JsonPatch json_patch(document);
  for (std::size_t i = 0; i < operations->size(); ++i) {
    if (core::Result<> applied = json_patch.apply((*operations)[i]); !applied) {
      return core::fail(applied.error().with_context("operation " + std::to_string(i + 1)));
    }
  }
  return document;
}

}  // namespace kube
