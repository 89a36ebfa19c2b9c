#include "core/schema.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <unordered_set>

#include "core/hash.hpp"
#include "core/pattern.hpp"
#include "core/text.hpp"

namespace core {

namespace {

constexpr std::size_t max_violations = 20;
constexpr std::size_t max_steps = 200'000;
// A step is about what one keyword costs; what costs more counts as several.
constexpr std::size_t bytes_a_step = 64;
constexpr std::size_t steps_of_compiling = 500;
constexpr std::size_t longest_path = 200;  // bytes
constexpr std::size_t most_shown = 20;     // values of an enum in a message

// The beginning is enough, and all that is written: the value may be large.
std::string quoted(const json::value& value) {
  std::array<char, 101> buffer{};
  json::serializer serializer;
  serializer.reset(&value);
  const std::string_view text = serializer.read(buffer.data(), buffer.size());
  return shortened(text, 100);
}

std::string escape_pointer(std::string_view token) {
  std::string out;
  for (const char c : token) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::optional<double> as_number(const json::value& value) {
  if (!value.is_number()) return std::nullopt;
  return value.to_number<double>();
}

bool is_integral(const json::value& value) {
  if (value.is_int64() || value.is_uint64()) return true;
  return value.is_double() && std::isfinite(value.get_double()) &&
         std::floor(value.get_double()) == value.get_double();
}

bool has_type(const json::value& value, std::string_view type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_bool();
  if (type == "null") return value.is_null();
  if (type == "number") return value.is_number();
  if (type == "integer") return is_integral(value);
  return false;
}

class Validation {
 public:
  explicit Validation(const json::value& root) : root_(root) {}

  // Where the budget was used up: what was found until then says nothing.
  [[nodiscard]] const std::optional<std::string>& exhausted_at() const { return exhausted_at_; }

  // Reports into `violations`; true where the value is valid.
  bool check(const json::value& schema, const json::value& value, const std::string& path,
             std::vector<SchemaViolation>& violations);

 private:
  using Violations = std::vector<SchemaViolation>;
  bool quiet_check(const json::value& schema, const json::value& value, const std::string& path) {
    Violations ignored;
    return check(schema, value, path, ignored);
  }
  static void add(Violations& violations, const std::string& path, std::string message) {
    if (violations.size() < max_violations)
      violations.push_back({.path = path, .message = std::move(message)});
  }
  void check_any(const json::object& schema, const json::value& value, const std::string& path,
                 Violations& violations);
  void check_number(const json::object& schema, const json::value& value, const std::string& path,
                    Violations& violations);
  void check_string(const json::object& schema, const json::string& text, const std::string& path,
                    Violations& violations);
  void check_array(const json::object& schema, const json::array& array, const std::string& path,
                   Violations& violations);
  void check_object(const json::object& schema, const json::value& value, const std::string& path,
                    Violations& violations);
  void check_combined(const json::object& schema, const json::value& value, const std::string& path,
                      Violations& violations);
  void check_dependencies(const json::object& schema, const json::value& value, const std::string& path,
                          Violations& violations);
  bool matches(std::string_view pattern, std::string_view subject, const std::string& path);
  const json::value* resolve(std::string_view reference) const;

  // False where the budget is used up.
  bool spend(std::size_t steps, const std::string& path);
  bool equal(const json::value& left, const json::value& right, const std::string& path);
  void write_identity(const json::value& value, const std::string& path, std::string& out);

  const json::value& root_;
  std::map<std::string, Result<Pattern>, std::less<>> patterns_;
  std::size_t depth_ = 0;
  std::size_t left_ = max_steps;
  std::optional<std::string> exhausted_at_;
};

const json::value* Validation::resolve(std::string_view reference) const {
  if (reference == "#" || reference == "#/") return &root_;
  if (!reference.starts_with("#/")) return nullptr;
  const auto pointer = percent_decode(reference.substr(1));  // a URI fragment
  if (!pointer) return nullptr;
  boost::system::error_code error;
  return root_.find_pointer(*pointer, error);
}

bool Validation::spend(std::size_t steps, const std::string& path) {
  if (exhausted_at_) return false;
  if (steps <= left_) {
    left_ -= steps;
    return true;
  }
  exhausted_at_ = path;
  return false;
}

// JSON Schema compares numbers by value: 1 equals 1.0.
bool Validation::equal(const json::value& left, const json::value& right, const std::string& path) {
  if (!spend(1, path)) return false;
  if (left.is_number() && right.is_number()) return *as_number(left) == *as_number(right);
  if (const auto* array = left.if_array()) {
    const auto* other = right.if_array();
    return other != nullptr && std::ranges::equal(*array, *other, [&](const auto& one, const auto& two) {
             return equal(one, two, path);
           });
  }
  if (const auto* object = left.if_object()) {
    const auto* other = right.if_object();
    if (other == nullptr || object->size() != other->size()) return false;
    return std::ranges::all_of(*object, [&](const auto& entry) {
      const json::value* value = other->if_contains(entry.key());
      return value != nullptr && equal(entry.value(), *value, path);
    });
  }
  if (const auto* text = left.if_string())
    return right.is_string() && spend(text->size() / bytes_a_step, path) && *text == right.get_string();
  return left == right;
}

// A text that two values have in common when they are equal: to find a duplicate without comparing each with
// each.
void Validation::write_identity(const json::value& value, const std::string& path, std::string& out) {
  if (!spend(1, path)) return;
  if (value.is_number()) {
    out += to_text(json::value(*as_number(value)));
  } else if (const auto* array = value.if_array()) {
    out += '[';
    for (const json::value& each : *array) {
      write_identity(each, path, out);
      out += ',';
    }
    out += ']';
  } else if (const auto* object = value.if_object()) {
    std::map<std::string_view, const json::value*> members;
    for (const auto& entry : *object) members.emplace(entry.key(), &entry.value());
    out += '{';
    for (const auto& [key, member] : members) {
      out += to_text(json::value(key)) + ':';
      write_identity(*member, path, out);
      out += ',';
    }
    out += '}';
  } else {
    const std::string text = to_text(value);
    if (spend(text.size() / bytes_a_step, path)) out += text;
  }
}

bool Validation::matches(std::string_view pattern, std::string_view subject, const std::string& path) {
  auto found = patterns_.find(pattern);
  if (found == patterns_.end()) {
    if (!spend(steps_of_compiling, path)) return false;
    found = patterns_.emplace(std::string(pattern), Pattern::compile(pattern)).first;
  }
  if (!found->second) return false;
  if (!spend(1 + subject.size() * found->second->size() / 1024, path)) return false;
  return found->second->is_found_in(subject);
}

bool Validation::check(const json::value& schema, const json::value& value, const std::string& path,
                       Violations& violations) {
  // Deeper than any reader lets a value or a schema be: only references lead there.
  constexpr std::size_t deepest = 600;
  if (!spend(depth_ < deepest ? 1 + path.size() / bytes_a_step : max_steps + 1, path)) return false;
  const std::size_t before = violations.size();
  if (const bool* always = schema.if_bool()) {
    if (!*always) add(violations, path, "is not allowed");
    return *always;
  }
  const json::object* object = schema.if_object();
  if (object == nullptr) return true;
  ++depth_;
  if (const auto* reference = object->if_contains("$ref"); reference != nullptr && reference->is_string()) {
    const json::value* target = resolve(reference->get_string());
    const bool valid = target == nullptr || check(*target, value, path, violations);
    --depth_;
    return valid;  // one that leads nowhere asks for nothing
  }
  check_any(*object, value, path, violations);
  if (value.is_number()) check_number(*object, value, path, violations);
  if (const auto* text = value.if_string()) check_string(*object, *text, path, violations);
  if (const auto* array = value.if_array()) check_array(*object, *array, path, violations);
  if (value.is_object()) check_object(*object, value, path, violations);
  check_combined(*object, value, path, violations);
  --depth_;
  return violations.size() == before && !exhausted_at_;
}

void Validation::check_any(const json::object& schema, const json::value& value, const std::string& path,
                           Violations& violations) {
  if (const auto* type = schema.if_contains("type")) {
    bool fits = false;
    std::string wanted;
    if (const auto* name = type->if_string()) {
      fits = has_type(value, *name);
      wanted = std::string(*name);
    } else if (const auto* names = type->if_array()) {
      for (const json::value& each : *names) {
        if (!each.is_string()) continue;
        fits = fits || has_type(value, each.get_string());
        wanted += (wanted.empty() ? "" : " or ") + std::string(each.get_string());
      }
    }
    if (!fits) add(violations, path, "must be of type " + wanted + ", not " + quoted(value));
  }
  if (const auto* allowed = find_array(schema, {"enum"})) {
    const bool found =
        std::ranges::any_of(*allowed, [&](const json::value& each) { return equal(each, value, path); });
    if (!found && violations.size() < max_violations) {
      std::string list;
      for (std::size_t i = 0; i < std::min(allowed->size(), most_shown); ++i)
        list += (list.empty() ? "" : ", ") + quoted((*allowed)[i]);
      if (allowed->size() > most_shown)
        list += " and " + std::to_string(allowed->size() - most_shown) + " more";
      add(violations, path, "must be one of " + list + ", not " + quoted(value));
    }
  }
  if (const auto* constant = schema.if_contains("const");
      constant != nullptr && !equal(*constant, value, path)) {
    add(violations, path, "must be " + quoted(*constant));
  }
}

void Validation::check_number(const json::object& schema, const json::value& value, const std::string& path,
                              Violations& violations) {
  const double number = *as_number(value);
  const auto limit = [&](const char* key) -> std::optional<double> {
    const json::value* found = schema.if_contains(key);
    return found != nullptr ? as_number(*found) : std::nullopt;
  };
  // Draft 4 has exclusive… as a flag beside the limit, draft 6 as a limit of its own.
  const bool exclusive_maximum = find_bool(schema, {"exclusiveMaximum"}).value_or(false);
  const bool exclusive_minimum = find_bool(schema, {"exclusiveMinimum"}).value_or(false);
  if (const auto most = limit("maximum");
      most && (number > *most || (exclusive_maximum && number == *most))) {
    add(violations, path,
        (exclusive_maximum ? "must be less than " : "must be at most ") +
            quoted(*schema.if_contains("maximum")));
  }
  if (const auto least = limit("minimum");
      least && (number < *least || (exclusive_minimum && number == *least))) {
    add(violations, path,
        (exclusive_minimum ? "must be greater than " : "must be at least ") +
            quoted(*schema.if_contains("minimum")));
  }
  if (const auto most = limit("exclusiveMaximum"); most && number >= *most) {
    add(violations, path, "must be less than " + quoted(*schema.if_contains("exclusiveMaximum")));
  }
  if (const auto least = limit("exclusiveMinimum"); least && number <= *least) {
    add(violations, path, "must be greater than " + quoted(*schema.if_contains("exclusiveMinimum")));
  }
  if (const auto divisor = limit("multipleOf"); divisor && *divisor > 0) {
    const double quotient = number / *divisor;
    if (!std::isfinite(quotient) ||
        std::abs(quotient - std::round(quotient)) > 1e-9 * std::max(1.0, std::abs(quotient))) {
      add(violations, path, "must be a multiple of " + quoted(*schema.if_contains("multipleOf")));
    }
  }
}

void Validation::check_string(const json::object& schema, const json::string& text, const std::string& path,
                              Violations& violations) {
  const std::string_view view = text;
  if (!spend(view.size() / bytes_a_step, path)) return;
  const auto length = static_cast<std::int64_t>(count_code_points(view));
  if (const auto most = find_int(schema, {"maxLength"}); most && length > *most) {
    add(violations, path, "must be at most " + std::to_string(*most) + " characters long");
  }
  if (const auto least = find_int(schema, {"minLength"}); least && length < *least) {
    add(violations, path, "must be at least " + std::to_string(*least) + " characters long");
  }
  if (const auto* pattern = schema.if_contains("pattern"); pattern != nullptr && pattern->is_string()) {
    if (!matches(pattern->get_string(), view, path)) {
      add(violations, path, "must match the pattern " + quoted(*pattern));
    }
  }
}

void Validation::check_array(const json::object& schema, const json::array& array, const std::string& path,
                             Violations& violations) {
  const auto size = static_cast<std::int64_t>(array.size());
  if (const auto most = find_int(schema, {"maxItems"}); most && size > *most) {
    add(violations, path, "must have at most " + std::to_string(*most) + " items");
  }
  if (const auto least = find_int(schema, {"minItems"}); least && size < *least) {
    add(violations, path, "must have at least " + std::to_string(*least) + " items");
  }
  if (find_bool(schema, {"uniqueItems"}).value_or(false)) {
    std::unordered_set<std::string> seen;
    for (std::size_t i = 0; i < array.size() && !exhausted_at_; ++i) {
      std::string identity;
      write_identity(array[i], path, identity);
      if (seen.insert(std::move(identity)).second || exhausted_at_) continue;
      add(violations, path + "/" + std::to_string(i), "stands twice, but the items must be unique");
      break;
    }
  }
  const json::value* items = schema.if_contains("items");
  const json::array* tuple = items != nullptr ? items->if_array() : nullptr;
  const json::value* additional = schema.if_contains("additionalItems");
  for (std::size_t i = 0; i < array.size(); ++i) {
    const json::value* item_schema = items;
    if (tuple != nullptr) item_schema = i < tuple->size() ? &(*tuple)[i] : additional;
    if (exhausted_at_) return;
    if (item_schema != nullptr) check(*item_schema, array[i], path + "/" + std::to_string(i), violations);
  }
  if (const auto* contained = schema.if_contains("contains")) {
    const bool found = std::ranges::any_of(
        array, [&](const json::value& item) { return exhausted_at_ || quiet_check(*contained, item, path); });
    if (!found) add(violations, path, "must contain an item of the form that the schema asks for");
  }
}

void Validation::check_object(const json::object& schema, const json::value& value, const std::string& path,
                              Violations& violations) {
  const json::object& object = value.get_object();
  const auto size = static_cast<std::int64_t>(object.size());
  if (const auto most = find_int(schema, {"maxProperties"}); most && size > *most) {
    add(violations, path, "must have at most " + std::to_string(*most) + " properties");
  }
  if (const auto least = find_int(schema, {"minProperties"}); least && size < *least) {
    add(violations, path, "must have at least " + std::to_string(*least) + " properties");
  }
  if (const auto* required = find_array(schema, {"required"})) {
    for (const json::value& name : *required) {
      if (!spend(1, path)) return;
      if (name.is_string() && !object.contains(name.get_string())) {
        add(violations, path + "/" + escape_pointer(name.get_string()), "is required");
      }
    }
  }
  const json::object* properties = find_object(schema, {"properties"});
  const json::object* by_pattern = find_object(schema, {"patternProperties"});
  const json::value* additional = schema.if_contains("additionalProperties");
  const json::value* names = schema.if_contains("propertyNames");
  for (const auto& entry : object) {
    if (!spend(1 + path.size() / bytes_a_step, path)) return;
    const std::string at = path + "/" + escape_pointer(entry.key());
    bool known = false;
    if (properties != nullptr) {
      if (const json::value* property = properties->if_contains(entry.key())) {
        known = true;
        check(*property, entry.value(), at, violations);
      }
    }
    if (by_pattern != nullptr) {
      for (const auto& rule : *by_pattern) {
        if (!matches(rule.key(), entry.key(), at)) continue;
        known = true;
        check(rule.value(), entry.value(), at, violations);
      }
    }
    if (!known && additional != nullptr) {
      if (const bool* allowed = additional->if_bool(); allowed != nullptr && !*allowed) {
        add(violations, at, "is not known");
      } else {
        check(*additional, entry.value(), at, violations);
      }
    }
    if (names != nullptr && !quiet_check(*names, json::value(json::string(entry.key())), at)) {
      add(violations, at, "is not allowed as a name");
    }
  }
  check_dependencies(schema, value, path, violations);
}

void Validation::check_dependencies(const json::object& schema, const json::value& value,
                                    const std::string& path, Violations& violations) {
  const json::object& object = value.get_object();
  const json::object* dependencies = find_object(schema, {"dependencies"});
  if (dependencies == nullptr) return;
  for (const auto& rule : *dependencies) {
    if (!spend(1, path)) return;
    if (!object.contains(rule.key())) continue;
    const json::array* needed = rule.value().if_array();
    if (needed == nullptr) {
      check(rule.value(), value, path, violations);
      continue;
    }
    for (const json::value& name : *needed) {
      if (!spend(1, path)) return;
      if (name.is_string() && !object.contains(name.get_string())) {
        add(violations, path + "/" + escape_pointer(name.get_string()),
            "is required where " + std::string(rule.key()) + " is given");
      }
    }
  }
}

void Validation::check_combined(const json::object& schema, const json::value& value, const std::string& path,
                                Violations& violations) {
  if (const auto* all = find_array(schema, {"allOf"})) {
    for (const json::value& each : *all) check(each, value, path, violations);
  }
  if (const auto* any = find_array(schema, {"anyOf"})) {
    const bool found =
        std::ranges::any_of(*any, [&](const json::value& each) { return quiet_check(each, value, path); });
    if (!found) add(violations, path, "fits none of the forms that the schema allows");
  }
  if (const auto* one = find_array(schema, {"oneOf"})) {
    const auto count =
        std::ranges::count_if(*one, [&](const json::value& each) { return quiet_check(each, value, path); });
    if (count != 1)
      add(violations, path,
          "must fit exactly one of the forms that the schema allows, but fits " + std::to_string(count));
  }
  if (const auto* forbidden = schema.if_contains("not");
      forbidden != nullptr && quiet_check(*forbidden, value, path)) {
    add(violations, path, "has a form that the schema forbids");
  }
}

}  // namespace

std::vector<SchemaViolation> JsonSchema::validate(const json::value& value) const {
  std::vector<SchemaViolation> violations;
  Validation validation(schema_);
  validation.check(schema_, value, "", violations);
  if (const auto& path = validation.exhausted_at()) {
    return {{.path = shortened(*path, longest_path),
             .message = "cannot be checked: the schema takes more than " + std::to_string(max_steps) +
                        " steps for this value. Use a smaller value, or ask the provider of the plan for a "
                        "simpler schema"}};
  }
  return violations;
}

}  // namespace core
