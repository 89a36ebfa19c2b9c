// parse_json(): boost::json's parser with a handler of our own, which sees the text of each number and knows
// where it stands.
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include <boost/json/basic_parser_impl.hpp>

#include "core/json.hpp"

namespace core {

namespace {

constexpr std::size_t deepest_nesting = 512;  // boost's parser and what walks values are recursive
constexpr std::string_view deep_mark = "1e8192";
constexpr std::size_t most_problems = 10'000;

// "1200" and "1.2e+03" → "12": what a number's digits are without sign, point, exponent and zeros around.
std::string significant_digits(std::string_view text) {
  std::string digits;
  for (const char c : text.substr(0, text.find_first_of("eE"))) {
    if (c >= '0' && c <= '9' && !(c == '0' && digits.empty())) digits += c;
  }
  digits.erase(digits.find_last_not_of('0') + 1);
  return digits;
}

// An integer that is a double's shortest text followed by zeros is what Go and JavaScript write for that
// double.
bool keeps_digits(std::string_view integer, double number) {
  std::array<char, 64> shortest{};
  const auto [end, problem] = std::to_chars(shortest.data(), shortest.data() + shortest.size(), number,
                                            std::chars_format::scientific);
  if (problem != std::errc()) return false;
  return significant_digits(integer) == significant_digits({shortest.data(), end});
}

struct Number {
  double value = 0;
  const char* problem = nullptr;
};

// `approximate` tells an overflow from an underflow, which is 0 as everywhere else.
Number number_of(std::string_view text, double approximate) {
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status == std::errc::result_out_of_range) value = approximate;
  if (!std::isfinite(value)) {
    return {.problem =
                "the number is outside the range of a double (-1.8e308 to 1.8e308): write a smaller "
                "number, or put it in quotes"};
  }
  if (text.find_first_of(".eE") == std::string_view::npos && !keeps_digits(text, value)) {
    return {.problem =
                "the number has more digits than a 64-bit integer or a double can keep: write a smaller "
                "number, or put it in quotes"};
  }
  return {.value = value};
}

class Handler {
 public:
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  explicit Handler(std::vector<JsonProblem>* problems) : problems_(problems) { stack_.reset(); }

  [[nodiscard]] json::value release() { return stack_.release(); }
  [[nodiscard]] const std::optional<JsonProblem>& failure() const { return failure_; }

  bool on_document_begin(boost::system::error_code&) { return true; }
  bool on_document_end(boost::system::error_code&) { return true; }
  bool on_object_begin(boost::system::error_code&) { return open(false); }
  bool on_array_begin(boost::system::error_code&) { return open(true); }
  bool on_object_end(std::size_t size, boost::system::error_code&) {
    --depth_;
    stack_.push_object(size);
    return true;
  }
  bool on_array_end(std::size_t size, boost::system::error_code&) {
    --depth_;
    stack_.push_array(size);
    return true;
  }
  bool on_key_part(std::string_view part, std::size_t, boost::system::error_code&) {
    key_ += part;
    stack_.push_chars(part);
    return true;
  }
  bool on_key(std::string_view rest, std::size_t, boost::system::error_code&) {
    key_ += rest;
    steps_[depth_ - 1].key.swap(key_);
    key_.clear();
    stack_.push_key(rest);
    return true;
  }
  bool on_string_part(std::string_view part, std::size_t, boost::system::error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_string(std::string_view rest, std::size_t, boost::system::error_code&) {
    count_value();
    stack_.push_string(rest);
    return true;
  }
  bool on_number_part(std::string_view, boost::system::error_code&) { return true; }
  bool on_int64(std::int64_t number, std::string_view, boost::system::error_code&) {
    count_value();
    stack_.push_int64(number);
    return true;
  }
  bool on_uint64(std::uint64_t number, std::string_view, boost::system::error_code&) {
    count_value();
    stack_.push_uint64(number);
    return true;
  }
  bool on_double(double approximate, std::string_view text, boost::system::error_code& error) {
    count_value();
    Number number = number_of(text, approximate);
    if (number.problem != nullptr && text == deep_mark) number.problem = "is nested too deep";
    if (number.problem == nullptr) {
      stack_.push_double(number.value);
      return true;
    }
    if (!tolerate(number.problem, error)) return false;
    stack_.push_null();
    return true;
  }
  bool on_bool(bool flag, boost::system::error_code&) {
    count_value();
    stack_.push_bool(flag);
    return true;
  }
  bool on_null(boost::system::error_code&) {
    count_value();
    stack_.push_null();
    return true;
  }
  bool on_comment_part(std::string_view, boost::system::error_code&) { return true; }
  bool on_comment(std::string_view, boost::system::error_code&) { return true; }

 private:
  struct Step {
    bool is_array = false;
    std::size_t count = 0;  // of elements so far
    std::string key;
  };

  void count_value() {
    if (depth_ > 0 && steps_[depth_ - 1].is_array) ++steps_[depth_ - 1].count;
  }

  bool open(bool is_array) {
    count_value();
    if (steps_.size() < ++depth_) steps_.emplace_back();
    Step& step = steps_[depth_ - 1];
    step.is_array = is_array;
    step.count = 0;
    return true;
  }

  bool tolerate(const char* why, boost::system::error_code& error) {
    JsonProblem problem = problem_here(why);
    if (problems_ == nullptr || problems_->size() == most_problems) {
      failure_ = std::move(problem);
      error = json::error::exponent_overflow;  // any: failure_ is what is told
      return false;
    }
    problems_->push_back(std::move(problem));
    return true;
  }

  [[nodiscard]] JsonProblem problem_here(const char* why) const {
    JsonProblem problem;
    std::string shown;
    for (std::size_t i = 0; i < depth_; ++i) {
      const Step& step = steps_[i];
      if (step.is_array) {
        const std::string index = std::to_string(step.count - 1);
        problem.pointer += "/" + index;
        shown += "[" + index + "]";
        continue;
      }
      problem.pointer += '/';
      for (const char c : step.key) problem.pointer += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
      shown += (shown.empty() ? "" : ".") + step.key;
    }
    constexpr std::size_t longest = 300;  // bytes
    if (shown.size() > longest) shown = shown.substr(0, shown.find_last_of(".[", longest)) + "…";
    problem.message = (shown.empty() ? "" : shown + ": ") + why;
    return problem;
  }

  json::value_stack stack_;
  std::vector<Step> steps_;
  std::size_t depth_ = 0;
  std::string key_;
  std::vector<JsonProblem>* problems_;
  std::optional<JsonProblem> failure_;
};

// The text with a mark in the place of each value that begins below the depth. Not recursive: what sends it
// may nest it as deep as its size allows.
std::string cut_below(std::string_view text, std::size_t max_depth) {
  std::string kept;
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool was_kept = depth <= max_depth;
    if (in_string) {
      if (c == '"') in_string = false;
      if (was_kept) kept += c;
      if (c == '\\' && ++i < text.size() && was_kept) kept += text[i];
      continue;
    }
    if (c == '"') in_string = true;
    if ((c == '{' || c == '[') && ++depth == max_depth + 1) kept += deep_mark;
    const bool is_end = (c == '}' || c == ']') && depth > 0;
    if (was_kept && depth <= max_depth) kept += c;
    if (is_end) --depth;
  }
  return kept;
}

Result<json::value> read(std::string_view text, const JsonLimits& limits, std::vector<JsonProblem>* problems,
                         bool is_cut = false) {
  if (text.size() > limits.max_bytes) {
    return fail(ErrorKind::too_large, "JSON of " + std::to_string(text.size()) +
                                          " bytes is larger than the limit of " +
                                          std::to_string(limits.max_bytes));
  }
  json::parse_options options;
  options.max_depth = std::min(limits.max_depth, deepest_nesting);
  json::basic_parser<Handler> parser(options, problems);
  boost::system::error_code error;
  const std::size_t consumed = parser.write_some(false, text.data(), text.size(), error);
  if (!error && text.find_first_not_of(" \t\r\n", consumed) != std::string_view::npos)
    error = json::error::extra_data;
  if (const auto& failure = parser.handler().failure()) return fail(ErrorKind::invalid, failure->message);
  if (error == json::error::too_deep && problems != nullptr && !is_cut) {
    problems->clear();
    return read(cut_below(text, options.max_depth), limits, problems, true);
  }
  if (error == json::error::too_deep) {
    return fail(ErrorKind::invalid,
                "JSON is nested deeper than " + std::to_string(options.max_depth) + " levels");
  }
  if (error == json::error::exponent_overflow) {
    return fail(ErrorKind::invalid, "malformed JSON at byte " + std::to_string(consumed) + ": " +
                                        number_of("1e999", INFINITY).problem);
  }
  if (error) {
    return fail(ErrorKind::invalid,
                "malformed JSON at byte " + std::to_string(consumed) + ": " + error.message());
  }
  return parser.handler().release();
}

}  // namespace

Result<json::value> parse_json(std::string_view text, const JsonLimits& limits) {
  return read(text, limits, nullptr);
}

Result<json::value> parse_json(std::string_view text, const JsonLimits& limits,
                               std::vector<JsonProblem>& problems) {
  return read(text, limits, &problems);
}

std::optional<std::string> problem_of_number(std::string_view text) {
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;  // no number at all
  if (text.find_first_of(".eE") == std::string_view::npos) {
    std::uint64_t whole = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), whole).ec == std::errc()) return std::nullopt;
  }
  const Number number = number_of(text, std::strtod(std::string(text).c_str(), nullptr));
  if (number.problem == nullptr) return std::nullopt;
  return number.problem;
}

}  // namespace core
