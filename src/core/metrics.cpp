#include "core/metrics.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace core {

namespace {

constexpr std::array latency_buckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                     0.5,   1.0,    2.5,   5.0,  10.0,  30.0, 60.0};

enum class Kind { counter, gauge, histogram };

struct Series {
  double value = 0;  // of a histogram: the sum of what was observed
  std::uint64_t count = 0;
  std::array<std::uint64_t, latency_buckets.size()> at_most{};  // how many were observed in each bucket alone
};

struct Family {
  Kind kind = Kind::counter;
  std::string help;
  std::map<Metrics::Labels, Series> series;
};

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::counter:
      return "counter";
    case Kind::gauge:
      return "gauge";
    case Kind::histogram:
      return "histogram";
  }
  return "untyped";
}

// The shortest text that reads back as the same number.
std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end.ptr};
}

std::string escaped(std::string_view text, bool with_quotes) {
  std::string result;
  for (const char each : text) {
    if (each == '\\') {
      result += "\\\\";
    } else if (each == '\n') {
      result += "\\n";
    } else if (each == '"' && with_quotes) {
      result += "\\\"";
    } else {
      result += each;
    }
  }
  return result;
}

void add_line(std::string& text, const std::string& name, const Metrics::Labels& labels,
              const std::string& value, const std::string& le = "") {
  text += name;
  char separator = '{';
  const auto add_label = [&](std::string_view label, std::string_view of_label) {
    text.append(1, separator).append(label).append("=\"").append(escaped(of_label, true)).append("\"");
    separator = ',';
  };
  for (const auto& [label, of_label] : labels) add_label(label, of_label);
  if (!le.empty()) add_label("le", le);
  if (separator == ',') text += "}";
  text.append(" ").append(value).append("\n");
}

void add_histogram(std::string& text, const std::string& name, const Metrics::Labels& labels,
                   const Series& series) {
  add_line(text, name + "_count", labels, std::to_string(series.count));
  add_line(text, name + "_sum", labels, number(series.value));
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < latency_buckets.size(); ++i) {
    so_far += series.at_most.at(i);
    add_line(text, name + "_bucket", labels, std::to_string(so_far), number(latency_buckets.at(i)));
  }
  add_line(text, name + "_bucket", labels, std::to_string(series.count), "+Inf");
}

}  // namespace

struct Metrics::State {
  std::map<std::string, Family> families;
  std::vector<std::weak_ptr<std::function<void()>>> fills;

  Series& series(const std::string& name, Kind kind, const std::string& help, const Labels& labels) {
    auto found = families.find(name);
    if (found == families.end())
      found = families.emplace(name, Family{.kind = kind, .help = help, .series = {}}).first;
    return found->second.series[labels];
  }
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

void Metrics::increment(const std::string& name, const std::string& help, const Labels& labels, double by) {
  state_->series(name, Kind::counter, help, labels).value += by;
}

void Metrics::set_gauge(const std::string& name, const std::string& help, const Labels& labels,
                        double value) {
  state_->series(name, Kind::gauge, help, labels).value = value;
}

void Metrics::forget_gauge(const std::string& name, const Labels& labels) {
  if (const auto family = state_->families.find(name); family != state_->families.end())
    family->second.series.erase(labels);
}

void Metrics::observe_seconds(const std::string& name, const std::string& help, const Labels& labels,
                              double seconds) {
  Series& series = state_->series(name, Kind::histogram, help, labels);
  series.value += seconds;
  ++series.count;
  for (std::size_t i = 0; i < latency_buckets.size(); ++i) {
    if (seconds > latency_buckets.at(i)) continue;
    ++series.at_most.at(i);
    break;
  }
}

std::shared_ptr<void> Metrics::before_render(std::function<void()> fill) {
  auto handle = std::make_shared<std::function<void()>>(std::move(fill));
  state_->fills.emplace_back(handle);
  return handle;
}

std::string Metrics::render() const {
  std::erase_if(state_->fills, [](const auto& fill) { return fill.expired(); });
  for (const auto& entry : state_->fills) {
    if (const auto fill = entry.lock()) (*fill)();
  }
  std::string text;
  for (const auto& [name, family] : state_->families) {
    if (family.series.empty()) continue;
    text.append("# HELP ").append(name).append(" ").append(escaped(family.help, false)).append("\n# TYPE ");
    text.append(name).append(" ").append(name_of(family.kind)).append("\n");
    for (const auto& [labels, series] : family.series) {
      if (family.kind == Kind::histogram) {
        add_histogram(text, name, labels, series);
      } else {
        add_line(text, name, labels, number(series.value));
      }
    }
  }
  return text;
}

}  // namespace core
