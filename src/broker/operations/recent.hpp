// What was learnt of operations in progress, by instance, for as long as it is good enough: platforms poll as
// often as they like, stores and CloudFormation throttle.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <unordered_map>

#include "async/clock.hpp"

namespace broker {

template <class T>
class Recent {
 public:
  Recent(async::Clock& clock, std::chrono::seconds fresh) : clock_(clock), fresh_(fresh) {}

  // nullopt: it is older than `fresh`, or was never read.
  [[nodiscard]] std::optional<T> find(const std::string& key) const {
    const auto found = read_.find(key);
    if (found == read_.end() || clock_.now() - found->second.when >= fresh_) return std::nullopt;
    return found->second.value;
  }
  void put(const std::string& key, T value) {
    drop_old();
    read_.insert_or_assign(key, Read{.when = clock_.now(), .value = std::move(value)});
  }
  // The operation has ended.
  void forget(const std::string& key) { read_.erase(key); }

 private:
  // Of operations whose end nobody asks for.
  void drop_old() {
    const auto now = clock_.now();
    if (now - dropped_ < fresh_) return;
    dropped_ = now;
    std::erase_if(read_, [&](const auto& entry) { return now - entry.second.when >= fresh_; });
  }

  struct Read {
    async::Clock::TimePoint when;
    T value;
  };
  async::Clock& clock_;
  std::chrono::seconds fresh_;
  async::Clock::TimePoint dropped_{};
  std::unordered_map<std::string, Read> read_;
};

}  // namespace broker
