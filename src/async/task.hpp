// The coroutine type of the whole program. One io_context on one thread runs every Task; what blocks goes to
// a BlockingPool (blocking_pool.hpp), so no Task needs a lock.
#pragma once

#include <boost/asio/awaitable.hpp>

namespace async {

namespace asio = boost::asio;

template <class T = void>
using Task = asio::awaitable<T>;

}  // namespace async
