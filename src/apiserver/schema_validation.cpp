#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <unordered_set>

#include "apiserver/schema.hpp"
#include "core/hash.hpp"
#include "core/pattern.hpp"
#include "core/time.hpp"
#include "core/uuid.hpp"

namespace apiserver::schema {

namespace {

constexpr std::size_t most_causes = 20;
constexpr std::size_t most_shown = 20;  // values of an enum
// A step is about what one keyword costs. The largest object and a schema of a thousand properties take
// fewer.
constexpr std::size_t most_steps = 5'000'000;
constexpr std::size_t bytes_a_step = 64;

std::string quoted(std::string_view text) {
  return core::to_text(json::value(text));
}

std::string_view type_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "boolean";
    case json::kind::int64:
    case json::kind::uint64:
      return "integer";
    case json::kind::double_:
      return "number";
    case json::kind::string:
      return "string";
    case json::kind::array:
      return "array";
    case json::kind::object:
      return "object";
  }
  std::unreachable();
}

bool is_integer(const json::value& value) {
  return value.is_int64() || value.is_uint64() ||
         (value.is_double() && value.get_double() == std::floor(value.get_double()));
}

bool has_type(const json::value& value, std::string_view type) {
  if (type == "integer") return is_integer(value);
  if (type == "number") return value.is_number();
  return type_of(value) == type;
}

// Patterns are few and small: each is compiled once. One that cannot be read restricts nothing.
const core::Result<core::Pattern>& compiled_pattern(std::string_view pattern) {
  static std::map<std::string, core::Result<core::Pattern>, std::less<>> compiled;
  auto known = compiled.find(pattern);
  if (known == compiled.end()) known = compiled.emplace(pattern, core::Pattern::compile(pattern)).first;
  return known->second;
}

bool has_format(std::string_view text, std::string_view format) {
  if (format == "date-time") return core::parse_rfc3339(text).has_value();
  if (format == "byte") return core::base64_decode(text).has_value();
  if (format == "uuid") return core::Uuid::parse(text).has_value();
  return true;
}

std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  return count;
}

class Validator {
 public:
  explicit Validator(std::size_t& steps_left) : left_(steps_left) {}
  std::vector<kube::StatusCause> causes;

  void validate(const json::value& value, const json::object& schema, const std::string& path,
                bool is_root = false) {
    if (causes.size() >= most_causes || !spend(1 + path.size() / bytes_a_step, path)) return;
    if (value.is_null() && flag(schema, "nullable")) return;
    if (!check_type(value, schema, path)) return;
    check_enum(value, schema, path);
    if (const json::string* text = value.if_string()) check_string(*text, schema, path);
    if (value.is_number()) check_number(value, schema, path);
    if (const json::array* list = value.if_array()) check_array(*list, schema, path);
    if (const json::object* object = value.if_object()) check_object(*object, schema, path, is_root);
    check_combinations(value, schema, path);
  }

 private:
  // False where the budget is used up, which is a cause of its own.
  bool spend(std::size_t steps, const std::string& path) {
    if (left_ >= steps) {
      left_ -= steps;
      return true;
    }
    left_ = 0;
    causes.assign(most_causes, {.reason = "FieldValueInvalid",
                                .message = "Invalid value: the schema takes more than " +
                                           std::to_string(most_steps) + " steps to check this object",
                                .field = path});
    return false;
  }
  void complain(std::string reason, std::string message, const std::string& path) {
    causes.push_back({.reason = std::move(reason), .message = std::move(message), .field = path});
  }
  void invalid(const std::string& shown, const std::string& path, const std::string& what) {
    complain("FieldValueInvalid", "Invalid value: " + shown + ": " + path + " in body " + what, path);
  }

  bool check_type(const json::value& value, const json::object& schema, const std::string& path) {
    if (flag(schema, "x-kubernetes-int-or-string")) {
      if (is_integer(value) || value.is_string()) return true;
      complain("FieldValueTypeInvalid",
               "Invalid value: " + quoted(type_of(value)) + ": " + path +
                   " in body must be of type integer,string: " + quoted(type_of(value)),
               path);
      return false;
    }
    const std::string_view type = core::find_string(schema, {"type"});
    if (type.empty() || has_type(value, type)) return true;
    complain("FieldValueTypeInvalid",
             "Invalid value: " + quoted(type_of(value)) + ": " + path + " in body must be of type " +
                 std::string(type) + ": " + quoted(type_of(value)),
             path);
    return false;
  }

  void check_enum(const json::value& value, const json::object& schema, const std::string& path) {
    const json::array* const allowed = core::find_array(schema, {"enum"});
    if (allowed == nullptr || !spend(allowed->size(), path)) return;
    if (std::ranges::find(*allowed, value) != allowed->end()) return;
    std::string list;
    for (std::size_t i = 0; i < std::min(allowed->size(), most_shown); ++i)
      list += (list.empty() ? "" : ", ") + core::to_text((*allowed)[i]);
    if (allowed->size() > most_shown)
      list += " and " + std::to_string(allowed->size() - most_shown) + " more";
    complain("FieldValueNotSupported",
             "Unsupported value: " + core::to_text(value) + ": supported values: " + list, path);
  }

  void check_string(std::string_view text, const json::object& schema, const std::string& path) {
    if (!spend(text.size() / bytes_a_step, path)) return;
    const auto size = static_cast<std::int64_t>(characters(text));
    if (const auto most = core::find_int(schema, {"maxLength"}); most && size > *most) {
      complain("FieldValueTooLong", "Too long: may not be more than " + std::to_string(*most) + " bytes",
               path);
    }
    if (const auto least = core::find_int(schema, {"minLength"}); least && size < *least)
      invalid(quoted(text), path, "should be at least " + std::to_string(*least) + " chars long");
    if (const std::string_view pattern = core::find_string(schema, {"pattern"}); !pattern.empty()) {
      const auto& compiled = compiled_pattern(pattern);
      if (compiled && !spend(text.size() * compiled->size() / 1024, path)) return;
      if (compiled && !compiled->is_found_in(text))
        invalid(quoted(text), path, "should match '" + std::string(pattern) + "'");
    }
    if (const std::string_view format = core::find_string(schema, {"format"}); !has_format(text, format))
      invalid(quoted(text), path, "must be of type " + std::string(format) + ": " + quoted(text));
  }

  void check_number(const json::value& value, const json::object& schema, const std::string& path) {
    const auto number = value.to_number<double>();
    const auto bound = [&](std::string_view name) -> std::optional<double> {
      const json::value* const limit = schema.if_contains(name);
      return limit != nullptr && limit->is_number() ? std::optional(limit->to_number<double>())
                                                    : std::nullopt;
    };
    const std::string shown = core::to_text(value);
    if (const auto least = bound("minimum")) {
      const bool exclusive = flag(schema, "exclusiveMinimum");
      if (exclusive ? number <= *least : number < *least)
        invalid(shown, path,
                std::string("should be greater than ") + (exclusive ? "" : "or equal to ") +
                    core::to_text(*schema.if_contains("minimum")));
    }
    if (const auto most = bound("maximum")) {
      const bool exclusive = flag(schema, "exclusiveMaximum");
      if (exclusive ? number >= *most : number > *most)
        invalid(shown, path,
                std::string("should be less than ") + (exclusive ? "" : "or equal to ") +
                    core::to_text(*schema.if_contains("maximum")));
    }
    if (const auto step = bound("multipleOf"); step && *step > 0 && std::fmod(number, *step) != 0)
      invalid(shown, path, "should be a multiple of " + core::to_text(*schema.if_contains("multipleOf")));
  }

  void check_array(const json::array& list, const json::object& schema, const std::string& path) {
    const auto size = static_cast<std::int64_t>(list.size());
    if (const auto most = core::find_int(schema, {"maxItems"}); most && size > *most) {
      complain(
          "FieldValueTooMany",
          "Too many: " + std::to_string(size) + ": must have at most " + std::to_string(*most) + " items",
          path);
    }
    if (const auto least = core::find_int(schema, {"minItems"}); least && size < *least)
      invalid(std::to_string(size), path, "should have at least " + std::to_string(*least) + " items");
    check_duplicates(list, schema, path);
    if (const json::object* items = of_items(schema)) {
      for (std::size_t i = 0; i < list.size(); ++i)
        validate(list[i], *items, path + "[" + std::to_string(i) + "]");
    }
  }

  void check_duplicates(const json::array& list, const json::object& schema, const std::string& path) {
    const std::string_view list_type = core::find_string(schema, {"x-kubernetes-list-type"});
    const json::array* const keys = core::find_array(schema, {"x-kubernetes-list-map-keys"});
    if (list_type != "set" && (list_type != "map" || keys == nullptr)) return;
    std::unordered_set<std::string> seen;
    for (std::size_t i = 0; i < list.size(); ++i) {
      json::value identity = list[i];
      if (list_type == "map") {
        json::object named;
        for (const json::value& key : *keys) {
          const std::string_view name(key.as_string());
          const json::value* const part = core::find(list[i], {name});
          if (part != nullptr) named[name] = *part;
        }
        identity = std::move(named);
      }
      const std::string text = core::to_canonical_text(identity);
      if (!seen.insert(text).second)
        complain("FieldValueDuplicate", "Duplicate value: " + text, path + "[" + std::to_string(i) + "]");
    }
  }

  void check_object(const json::object& object, const json::object& schema, const std::string& path,
                    bool is_root) {
    const auto at = [&path](std::string_view name) {
      return path.empty() ? std::string(name) : path + "." + std::string(name);
    };
    if (const json::array* required = core::find_array(schema, {"required"})) {
      for (const json::value& name : *required) {
        if (!object.contains(name.as_string()))
          complain("FieldValueRequired", "Required value", at(name.as_string()));
      }
    }
    const auto size = static_cast<std::int64_t>(object.size());
    if (const auto most = core::find_int(schema, {"maxProperties"}); most && size > *most) {
      complain(
          "FieldValueTooMany",
          "Too many: " + std::to_string(size) + ": must have at most " + std::to_string(*most) + " items",
          path);
    }
    if (const auto least = core::find_int(schema, {"minProperties"}); least && size < *least)
      invalid(std::to_string(size), path, "should have at least " + std::to_string(*least) + " properties");
    for (const auto& [name, member] : object) {
      if (is_root && (name == "metadata" || name == "apiVersion" || name == "kind")) continue;
      if (const json::object* known = of_member(schema, name)) validate(member, *known, at(name));
    }
  }

  bool fits(const json::value& value, const json::value& schema, const std::string& path) {
    if (!schema.is_object()) return true;
    Validator validator(left_);
    validator.validate(value, schema.get_object(), path);
    return validator.causes.empty();
  }

  void check_combinations(const json::value& value, const json::object& schema, const std::string& path) {
    const auto count_fitting = [&](const json::array& schemas) {
      return std::ranges::count_if(schemas, [&](const json::value& one) { return fits(value, one, path); });
    };
    const auto refuse = [&](std::string_view what) {
      complain("FieldValueInvalid", "Invalid value: \"\": " + quoted(path) + " must " + std::string(what),
               path);
    };
    if (const json::array* all = core::find_array(schema, {"allOf"})) {
      for (const json::value& one : *all) {
        if (one.is_object()) validate(value, one.get_object(), path);
      }
    }
    if (const json::array* any = core::find_array(schema, {"anyOf"});
        any != nullptr && count_fitting(*any) == 0)
      refuse("validate at least one schema (anyOf)");
    if (const json::array* one = core::find_array(schema, {"oneOf"});
        one != nullptr && count_fitting(*one) != 1)
      refuse("validate one and only one schema (oneOf)");
    if (left_ == 0) {  // what did not fit may only not have been looked at
      spend(1, path);
      return;
    }
    if (const json::value* not_this = schema.if_contains("not");
        not_this != nullptr && fits(value, *not_this, path))
      refuse("not validate the schema (not)");
  }

  std::size_t& left_;
};

// The budget's cause stands so often that nothing comes after it.
std::vector<kube::StatusCause> causes_of(Validator validator) {
  const auto same = [](const kube::StatusCause& one, const kube::StatusCause& two) {
    return one.field == two.field && one.message == two.message;
  };
  auto repeated = std::ranges::unique(validator.causes, same);
  validator.causes.erase(repeated.begin(), repeated.end());
  return std::move(validator.causes);
}

}  // namespace

std::vector<kube::StatusCause> validate(const json::object& object, const json::object& schema) {
  std::size_t steps_left = most_steps;
  Validator validator(steps_left);
  validator.validate(json::value(object), schema, "", true);
  return causes_of(std::move(validator));
}

std::vector<kube::StatusCause> validate_part(const json::value& value, const json::object& schema,
                                             const std::string& path) {
  std::size_t steps_left = most_steps;
  Validator validator(steps_left);
  validator.validate(value, schema, path);
  return causes_of(std::move(validator));
}

}  // namespace apiserver::schema
