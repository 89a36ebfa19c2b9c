// A bounded queue between tasks of the same loop.
#pragma once

#include <deque>
#include <optional>
#include <utility>

#include "async/event.hpp"

namespace async {

template <class T>
class BoundedQueue {
 public:
  BoundedQueue(asio::any_io_executor executor, std::size_t capacity)
      : capacity_(capacity), readable_(executor), writable_(executor) {}

  // False where the queue is full or closed; the item is then dropped.
  bool try_push(T item) {
    if (closed_ || items_.size() >= capacity_) return false;
    items_.push_back(std::move(item));
    readable_.notify();
    return true;
  }
  // Waits for room; false where the queue is closed.
  [[nodiscard]] Task<bool> push(T item) {
    while (!closed_ && items_.size() >= capacity_) co_await writable_.wait();
    co_return try_push(std::move(item));
  }
  // Waits for an item; nullopt where the queue is closed and empty.
  [[nodiscard]] Task<std::optional<T>> pop() {
    while (items_.empty() && !closed_) co_await readable_.wait();
    if (items_.empty()) co_return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    writable_.notify();
    co_return item;
  }
  void close() {
    closed_ = true;
    readable_.notify();
    writable_.notify();
  }
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] std::size_t size() const { return items_.size(); }

 private:
  std::size_t capacity_;
  std::deque<T> items_;
  bool closed_ = false;
  Event readable_;
  Event writable_;
};

}  // namespace async
