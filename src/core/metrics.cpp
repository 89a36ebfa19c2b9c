#include "core/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace core {

namespace {

const prometheus::Histogram::BucketBoundaries latency_buckets{
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};

}  // namespace

struct Metrics::State {
  prometheus::Registry registry;
  std::map<std::string, prometheus::Family<prometheus::Counter>*> counters;
  std::map<std::string, prometheus::Family<prometheus::Gauge>*> gauges;
  std::map<std::string, prometheus::Family<prometheus::Histogram>*> histograms;
  std::vector<std::weak_ptr<std::function<void()>>> fills;
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

void Metrics::increment(const std::string& name, const std::string& help, const Labels& labels, double by) {
  auto*& family = state_->counters[name];
  if (family == nullptr)
    family = &prometheus::BuildCounter().Name(name).Help(help).Register(state_->registry);
  family->Add(labels).Increment(by);
}

void Metrics::set_gauge(const std::string& name, const std::string& help, const Labels& labels,
                        double value) {
  auto*& family = state_->gauges[name];
  if (family == nullptr) family = &prometheus::BuildGauge().Name(name).Help(help).Register(state_->registry);
  family->Add(labels).Set(value);
}

void Metrics::forget_gauge(const std::string& name, const Labels& labels) {
  const auto family = state_->gauges.find(name);
  if (family == state_->gauges.end() || !family->second->Has(labels)) return;
  family->second->Remove(&family->second->Add(labels));
}

void Metrics::observe_seconds(const std::string& name, const std::string& help, const Labels& labels,
                              double seconds) {
  auto*& family = state_->histograms[name];
  if (family == nullptr)
    family = &prometheus::BuildHistogram().Name(name).Help(help).Register(state_->registry);
  family->Add(labels, latency_buckets).Observe(seconds);
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
  return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace core
