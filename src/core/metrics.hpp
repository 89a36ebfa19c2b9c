// Prometheus metrics. One Metrics object per process, made in apps/ and handed down; `render` is what GET
// /metrics answers.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace core {

class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The family is made at its first use; the same name always has the same help and kind.
  void increment(const std::string& name, const std::string& help, const Labels& labels, double by = 1.0);
  void set_gauge(const std::string& name, const std::string& help, const Labels& labels, double value);
  // What it was about is gone: /metrics shows it no more. Nothing happens where it never was.
  void forget_gauge(const std::string& name, const Labels& labels);
  // Buckets in seconds from 1 ms to 60 s.
  void observe_seconds(const std::string& name, const std::string& help, const Labels& labels,
                       double seconds);

  // `fill` is called before each render(), as long as the handle lives: for what is counted only when
  // somebody looks.
  [[nodiscard]] std::shared_ptr<void> before_render(std::function<void()> fill);
  [[nodiscard]] std::string render() const;  // text format 0.0.4

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace core
