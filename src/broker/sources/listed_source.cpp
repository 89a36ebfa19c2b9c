#include "broker/sources/listed_source.hpp"

#include <boost/asio/this_coro.hpp>

#include "async/task_group.hpp"

namespace broker {

namespace {

constexpr std::size_t readers_at_once = 8;

}  // namespace

async::Task<core::Result<std::optional<TemplateSet>>> ListedSource::refresh() {
  auto listing = co_await list();
  if (!listing) co_return core::fail(std::move(listing.error()));
  std::deque<ListedTemplate> left = files_.changed(std::move(*listing));
  async::TaskGroup readers(co_await boost::asio::this_coro::executor);
  for (std::size_t i = 0; i < readers_at_once && i < left.size(); ++i)
    readers.spawn("template reader", read_all(left));
  co_await readers.join();
  TemplateSet now = files_.templates();
  if (last_ == now) co_return std::optional<TemplateSet>();
  last_ = now;
  co_return std::optional<TemplateSet>(std::move(now));
}

async::Task<> ListedSource::read_all(std::deque<ListedTemplate>& left) {
  while (!left.empty()) {
    const ListedTemplate next = std::move(left.front());
    left.pop_front();
    core::Result<std::string> body =
        core::fail(core::ErrorKind::too_large,
                   "it has " + std::to_string(next.size) + " bytes, more than CloudFormation accepts");
    if (next.size <= max_template_bytes) body = co_await read(next.name);
    files_.take(next, std::move(body));
  }
}

}  // namespace broker
