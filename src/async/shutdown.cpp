#include "async/shutdown.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "async/event.hpp"

namespace async {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds ask_again{1000};

std::atomic<int> signal_pipe{-1};  // the end that the handler writes to

// All that a signal handler may do.
void on_signal(int number) {
  const int saved = errno;
  const auto byte = static_cast<unsigned char>(number);
  std::ignore = ::write(signal_pipe.load(), &byte, 1);
  errno = saved;
}

void set_disposition(void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  for (const int number : {SIGINT, SIGTERM}) ::sigaction(number, &action, nullptr);
}

// What the loop and the thread share.
struct Shared {
  explicit Shared(asio::any_io_executor executor) : told(std::move(executor)) {}
  // The loop's.
  int received = 0;
  Event told;
  // Of both.
  std::mutex mutex;
  std::condition_variable changed;
  std::uint64_t answers = 0;
  bool ended = false;
};

class ShutdownWatch {
 public:
  ShutdownWatch(const asio::any_io_executor& executor, milliseconds patience)
      : executor_(executor), patience_(patience), shared_(std::make_shared<Shared>(executor)) {
    if (::pipe2(pipe_.data(), O_CLOEXEC) != 0)
      throw std::runtime_error(std::string("no pipe for signals: ") + std::strerror(errno));
    signal_pipe = pipe_[1];
    thread_ = std::thread([this] { watch(); });
    set_disposition(&on_signal);
  }
  ShutdownWatch(const ShutdownWatch&) = delete;
  ShutdownWatch& operator=(const ShutdownWatch&) = delete;
  ~ShutdownWatch() {
    set_disposition(SIG_DFL);
    {
      const std::lock_guard lock(shared_->mutex);
      shared_->ended = true;
    }
    shared_->changed.notify_all();
    on_signal(0);
    thread_.join();
    signal_pipe = -1;
    for (const int end : pipe_) ::close(end);
  }

  [[nodiscard]] const std::shared_ptr<Shared>& shared() const { return shared_; }

 private:
  void watch() {
    unsigned char number = 0;
    while (::read(pipe_[0], &number, 1) < 0 && errno == EINTR) {
    }
    if (number == 0) return;
    set_disposition(SIG_DFL);  // the next signal ends the process at once
    asio::post(executor_, [shared = shared_, number] {
      shared->received = number;
      shared->told.notify();
    });
    while (is_answered()) {
      std::unique_lock lock(shared_->mutex);
      if (shared_->changed.wait_for(lock, ask_again, [this] { return shared_->ended; })) return;
    }
    const std::lock_guard lock(shared_->mutex);
    if (shared_->ended) return;
    const std::string text = "The event loop has not answered for " + std::to_string(patience_.count()) +
                             " ms after signal " + std::to_string(number) +
                             ": the process ends without draining\n";
    std::ignore = ::write(STDERR_FILENO, text.data(), text.size());
    ::_exit(128 + number);
  }

  // True where the loop is alive, or has ended.
  bool is_answered() {
    std::unique_lock lock(shared_->mutex);
    const std::uint64_t before = shared_->answers;
    asio::post(executor_, [shared = shared_] {
      const std::lock_guard inner(shared->mutex);
      ++shared->answers;
      shared->changed.notify_all();
    });
    return shared_->changed.wait_for(lock, patience_,
                                     [&] { return shared_->ended || shared_->answers != before; });
  }

  asio::any_io_executor executor_;
  milliseconds patience_;
  std::shared_ptr<Shared> shared_;
  std::array<int, 2> pipe_{-1, -1};
  std::thread thread_;
};

std::unique_ptr<ShutdownWatch>& current_watch() {
  static std::unique_ptr<ShutdownWatch> watch;
  return watch;
}

}  // namespace

Task<int> wait_for_shutdown_signal(milliseconds patience) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  current_watch() = std::make_unique<ShutdownWatch>(executor, patience);
  const std::shared_ptr<Shared> shared = current_watch()->shared();
  while (shared->received == 0) co_await shared->told.wait();
  co_return shared->received;
}

void end_shutdown_watch() {
  current_watch().reset();
}

}  // namespace async
