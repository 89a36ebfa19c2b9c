#include "simulation/kernel/process.hpp"

#include <exception>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/log.hpp"

namespace simulation {

namespace asio = boost::asio;

namespace {

Process*& current() {
  static Process* process = nullptr;
  return process;
}

}  // namespace

Process* current_process() {
  return current();
}

async::Task<> ProcessClock::rest_until(TimePoint when) {
  // Never expires by itself: the timeline's cancel() is the signal.
  auto timer = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor,
                                                    asio::steady_timer::time_point::max());
  timeline_.at(when, [waiting = std::weak_ptr(timer)] {
    if (const auto still = waiting.lock()) still->cancel();
  });
  boost::system::error_code woken;
  co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

Process::Process(std::string name, Timeline& timeline, MakeProgram make)
    : name_(std::move(name)), clock_(timeline), make_(std::move(make)) {}

Process::~Process() {
  kill();
}

void Process::start() {
  kill();
  ++life_;
  is_doomed_ = is_paused_ = has_ended_ = false;
  loop_ = std::make_unique<Loop>();
  current() = this;
  program_ = make_(*this);
  asio::co_spawn(*loop_, program_->run(), [this](const std::exception_ptr& failure) {
    has_ended_ = true;
    if (!failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      core::log::error("The program has failed", {{"error", error.what()}});
    }
  });
  current() = nullptr;
}

void Process::kill() {
  if (!loop_) return;
  current() = this;
  loop_->stop();
  loop_->shutdown();
  program_.reset();
  loop_.reset();
  current() = nullptr;
  is_doomed_ = has_ended_ = false;
}

void Process::doom() {
  is_doomed_ = true;
  if (current() == this) loop_->stop();
}

std::size_t Process::run_ready(std::size_t most) {
  if (!loop_ || is_paused_) return 0;
  std::size_t steps = 0;
  current() = this;
  if (most >= whole_turn) {
    steps = loop_->poll();  // doom() stops it
  } else {
    while (steps < most && !is_doomed_ && loop_->poll_one() > 0) ++steps;
  }
  // A loop that once had nothing to do has stopped.
  if (loop_->stopped()) loop_->restart();
  current() = nullptr;
  return steps;
}

}  // namespace simulation
