// A session of AWS whose requests the test answers, in its own process.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>

#include "aws/session.hpp"
#include "net/in_process_transport.hpp"

namespace broker::test {

// `key`: the access key's id. The clock outlives the session.
inline aws::SessionOptions answered_session(const boost::asio::any_io_executor& executor, async::Clock& clock,
                                            std::string region, std::string key, net::Handler answer) {
  aws::Identity identity{.access_key_id = std::move(key),
                         .secret_access_key = "s",
                         .session_token = {},
                         .expires = {},
                         .source = {}};
  return {.region = std::move(region),
          .credentials = std::make_shared<aws::StaticCredentials>(std::move(identity)),
          .transports = [executor, answer = std::move(answer)](
                            const aws::Endpoint&) -> core::Result<std::unique_ptr<net::Transport>> {
            return std::make_unique<net::InProcessTransport>(executor, answer);
          },
          .clock = &clock,
          .environment = [](const std::string&) { return std::string(); },
          .observer = {},
          .retries = {}};
}

}  // namespace broker::test
