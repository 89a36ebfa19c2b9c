#include "async/timeout.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace async {

Task<bool> run_until(Clock& clock, milliseconds limit, Task<> operation) {
  using boost::asio::experimental::awaitable_operators::operator||;
  const auto first = co_await (std::move(operation) || clock.sleep_for(limit));
  co_return first.index() == 0;
}

}  // namespace async
