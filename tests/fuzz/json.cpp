// JSON and YAML of others: what is read can be written and read again as the same, whatever the numbers in
// it; a schema of others checks a value of others within its budget.
#include <cstdlib>

#include "core/schema.hpp"
#include "core/yaml.hpp"

namespace {

namespace json = boost::json;

// Deeper than the reader: what was read tolerantly is within its limit.
constexpr core::JsonLimits limits{.max_bytes = 1 << 24, .max_depth = 64};

void must_read_again(const json::value& value) {
  for (const std::string& text :
       {core::to_text(value), core::to_canonical_text(value), core::to_pretty_text(value)}) {
    const auto again = core::parse_json(text, limits);
    if (!again || *again != value) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = core::parse_json(text, limits);
  if (value) must_read_again(*value);
  if (!value && value.error().message.empty()) std::abort();

  std::vector<core::JsonProblem> problems;
  const auto tolerated = core::parse_json(text, limits, problems);
  if (value && (!tolerated || *tolerated != *value || !problems.empty())) std::abort();
  if (tolerated) {
    must_read_again(*tolerated);
    for (const core::JsonProblem& problem : problems) {
      boost::system::error_code error;
      const json::value* found = tolerated->find_pointer(problem.pointer, error);
      // A key may stand twice: the last one counts.
      if (found == nullptr && error != json::error::not_found && error != json::error::value_is_scalar &&
          error != json::error::past_the_end && error != json::error::token_not_number)
        std::abort();
    }
  }

  const auto yaml = core::parse_yaml(text, core::YamlTags::reject, limits);
  if (yaml) must_read_again(*yaml);
  if (!tolerated || !tolerated->is_object()) return 0;
  if (const auto schema = core::JsonSchema::compile(*tolerated)) std::ignore = schema->validate(*tolerated);
  return 0;
}
