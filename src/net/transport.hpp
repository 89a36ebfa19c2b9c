// How requests leave: over a socket (client.hpp), to a handler in the same process
// (in_process_transport.hpp), or to a fake of a test.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "async/task.hpp"
#include "net/http.hpp"

namespace net {

struct CallOptions {
  std::chrono::milliseconds timeout{60'000};  // of the whole exchange; of the head only for open()
  std::size_t max_body = 16 * 1024 * 1024;    // of the answer read by send(); more is Error{too_large}
};

// A body that is read while it arrives. Destroying it closes the connection.
class IncomingBody {
 public:
  virtual ~IncomingBody() = default;
  // The next piece (any size > 0); empty at the regular end. Errors: unavailable (connection lost), protocol.
  [[nodiscard]] virtual async::Task<core::Result<std::string>> read_some() = 0;
};

struct IncomingReply {
  int status = 0;
  Headers headers;
  std::unique_ptr<IncomingBody> body;
};

// Errors of both calls: unavailable (refused, unknown host, TLS: the message says which and for what
// address), timeout, too_large, protocol. Any HTTP status is a value, no error. Cancelling the calling task
// closes the connection.
class Transport {
 public:
  virtual ~Transport() = default;
  [[nodiscard]] virtual async::Task<core::Result<Reply>> send(Request request, CallOptions options) = 0;
  [[nodiscard]] virtual async::Task<core::Result<IncomingReply>> open(Request request,
                                                                      CallOptions options) = 0;
};

}  // namespace net
