// A watch's body (one JSON event a line) as events, from pieces of any size. Pure: no I/O, no clock.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "kube/client.hpp"

namespace kube {

class WatchDecoder {
 public:
  explicit WatchDecoder(std::size_t max_line_bytes = 8UL * 1024 * 1024) : max_line_bytes_(max_line_bytes) {}

  void feed(std::string_view piece);
  // The next event; nullopt where more bytes are needed. After an error the decoder is of no use any more.
  // Errors: what an ERROR event's Status says (410 → gone), protocol (no JSON, unknown type, no object),
  // too_large (a line).
  [[nodiscard]] core::Result<std::optional<WatchEvent>> next();
  // The body has ended: error protocol where it ended inside a line.
  [[nodiscard]] core::Result<> finish() const;

 private:
  std::size_t max_line_bytes_;
  std::string buffer_;
  std::size_t begin_ = 0;    // of the first line not yet taken
  std::size_t scanned_ = 0;  // no line end before this
};

// One line. Errors as above.
[[nodiscard]] core::Result<WatchEvent> decode_watch_event(std::string_view line);

}  // namespace kube
