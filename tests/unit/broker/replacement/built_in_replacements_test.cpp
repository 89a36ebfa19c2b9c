// What updates of the built-in classes would lose, beside what tests/replacement_oracle.py has found in
// another way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/replacement/replacement.hpp"
#include "broker/template_set.hpp"
#include "core/file.hpp"
#include "testing/source_dir.hpp"

namespace broker {
namespace {

namespace json = boost::json;

const json::object& expected_losses() {
  static const json::object expected =
      core::parse_json(*core::read_file(fakes::source_path("tests/data/replacements.json")))->as_object();
  return expected;
}
const TemplateSet& built_in_set() {
  static const TemplateSet loaded = load_built_in("");
  return loaded;
}
std::vector<std::string> class_names() {
  std::vector<std::string> names;
  for (const auto& entry : expected_losses()) names.emplace_back(entry.key());
  return names;
}

const std::string* value_in(const std::vector<std::pair<std::string, std::string>>& pairs,
                            const std::string& name) {
  for (const auto& [key, value] : pairs) {
    if (key == name) return &value;
  }
  return nullptr;
}

class BuiltInReplacements : public testing::TestWithParam<std::string> {
 protected:
  const Template& service_ = *built_in_set().find(GetParam());
  json::object document_ = *document_of(service_);

  // The values of a plan under what a user gives; as the oracle makes them.
  Values values_of(const TemplatePlan& plan, const Values& given) const {
    Values values;
    for (const TemplateParameter& each : service_.parameters) {
      const std::string first = each.allowed_values.empty() ? "x" : each.allowed_values.front();
      values[each.name] = each.default_value.value_or(first);
      if (const std::string* value = value_in(plan.defaults, each.name)) values[each.name] = *value;
      if (const auto own = given.find(each.name); own != given.end()) values[each.name] = own->second;
      if (const std::string* value = value_in(plan.prescribed, each.name)) values[each.name] = *value;
    }
    return values;
  }
  static std::string another(const TemplateParameter& parameter, const std::string& value) {
    for (std::size_t i = parameter.allowed_values.size(); i-- > 0;) {
      if (parameter.allowed_values[i] != value) return parameter.allowed_values[i];
    }
    if (!parameter.allowed_values.empty()) return value;
    if (parameter.is_list) return "one,two,three";
    const bool is_digits =
        !value.empty() && std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
    return is_digits ? std::to_string(std::stoll(value) + 1) : value + "x";
  }
  json::array lost(const Values& before, const Values& after) const {
    json::array lines;
    for (const Replacement& loss : find_replacements({.document = document_, .parameters = before},
                                                     {.document = document_, .parameters = after}, {})) {
      const char* kind = loss.kind == Replacement::Kind::replaced  ? " replaced"
                         : loss.kind == Replacement::Kind::deleted ? " deleted"
                                                                   : " unclear";
      lines.emplace_back(loss.resource + kind);
      EXPECT_FALSE(loss.parameters.empty()) << loss.resource;
      EXPECT_FALSE(loss.holds.empty()) << loss.resource;
    }
    return lines;
  }

  json::object found() const {
    json::object cases;
    for (const TemplatePlan& plan : service_.plans) {
      const Values plain = values_of(plan, {});
      Values chosen;
      for (const TemplateParameter& each : service_.parameters) {
        if (value_in(plan.prescribed, each.name) == nullptr)
          chosen[each.name] = another(each, plain.at(each.name));
      }
      for (const bool by_user : {false, true}) {
        const Values given = by_user ? chosen : Values();
        for (const TemplatePlan& other : service_.plans) {
          if (other.name == plan.name) continue;
          const std::string name =
              plan.name + " to " + other.name + (by_user ? ", with values of the user" : "");
          cases[name] = lost(values_of(plan, given), values_of(other, given));
        }
      }
      for (const std::string& name : service_.updatable_parameters) {
        if (!chosen.contains(name)) continue;
        Values changed = plain;
        changed[name] = chosen.at(name);
        const std::string there = plain.at(name) + " to " + chosen.at(name);
        const std::string back = chosen.at(name) + " to " + plain.at(name);
        cases[plan.name + ": " + name + " " + there] = lost(plain, changed);
        cases[plan.name + ": " + name + " " + back] = lost(changed, plain);
      }
    }
    return cases;
  }
};
INSTANTIATE_TEST_SUITE_P(, BuiltInReplacements, testing::ValuesIn(class_names()),
                         [](const auto& info) { return info.param; });

TEST_P(BuiltInReplacements, are_those_that_the_schemas_say) {
  const json::object& expected = expected_losses().at(GetParam()).as_object();
  const json::object cases = found();
  for (const auto& [name, losses] : expected) {
    ASSERT_TRUE(cases.contains(name)) << name;
    EXPECT_EQ(cases.at(name), losses) << name;
  }
  EXPECT_EQ(cases.size(), expected.size());
}

}  // namespace
}  // namespace broker
