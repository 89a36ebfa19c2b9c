#include "kube/watch_decoder.hpp"

#include "core/log.hpp"
#include "kube/status.hpp"

namespace kube {
namespace {

// Objects may hold parameters as deep as a server takes them.
constexpr std::size_t max_answer_depth = 256;
constexpr std::string_view unreadable_object = "UnreadableObject";

std::optional<WatchEvent::Type> type_of(std::string_view text) {
  if (text == "ADDED") return WatchEvent::Type::added;
  if (text == "MODIFIED") return WatchEvent::Type::modified;
  if (text == "DELETED") return WatchEvent::Type::deleted;
  if (text == "BOOKMARK") return WatchEvent::Type::bookmark;
  return std::nullopt;
}

}  // namespace

core::Result<WatchEvent> decode_watch_event(std::string_view line) {
  std::vector<core::JsonProblem> problems;
  core::Result<json::value> event =
      core::parse_json(line, {.max_bytes = line.size(), .max_depth = max_answer_depth}, problems);
  if (!event)
    return core::fail(core::ErrorKind::protocol, "a watch event is not JSON: " + event.error().message);
  json::object* const members = event->if_object();
  json::value* const object_value = members != nullptr ? members->if_contains("object") : nullptr;
  json::object* const object = object_value != nullptr ? object_value->if_object() : nullptr;
  if (object == nullptr) return core::fail(core::ErrorKind::protocol, "a watch event has no object");

  const std::string_view type = core::find_string(*event, {"type"});
  if (type == "ERROR") return core::fail(error_of_status(*object));
  const std::optional<WatchEvent::Type> known = type_of(type);
  if (!known)
    return core::fail(core::ErrorKind::protocol,
                      "a watch event has the unknown type \"" + std::string(type) + "\"");
  // Of what is deleted the name is enough.
  if (!problems.empty() && *known != WatchEvent::Type::deleted) {
    return core::fail({.kind = core::ErrorKind::invalid,
                       .message = key_of(*object).to_string() + ": " + problems.front().message,
                       .code = std::string(unreadable_object)});
  }
  return WatchEvent{.type = *known, .object = std::move(*object)};
}

void WatchDecoder::feed(std::string_view piece) {
  if (begin_ > 0) {
    buffer_.erase(0, begin_);
    scanned_ -= begin_;
    begin_ = 0;
  }
  buffer_.append(piece);
}

core::Result<std::optional<WatchEvent>> WatchDecoder::next() {
  while (true) {
    const std::size_t end = buffer_.find('\n', scanned_);
    const std::size_t line_size = (end == std::string::npos ? buffer_.size() : end) - begin_;
    if (line_size > max_line_bytes_) {
      return core::fail(core::ErrorKind::too_large,
                        "a watch event is longer than " + std::to_string(max_line_bytes_) + " bytes");
    }
    if (end == std::string::npos) {
      scanned_ = buffer_.size();
      return std::nullopt;
    }
    const std::string_view line = std::string_view(buffer_).substr(begin_, line_size);
    begin_ = scanned_ = end + 1;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    core::Result<WatchEvent> event = decode_watch_event(line);
    if (!event && event.error().code == unreadable_object) {  // it must not end the watch of the others
      core::log::error("An object of the API server cannot be read and is ignored: change or delete it",
                       {{"error", event.error().message}});
      continue;
    }
    if (!event) return core::fail(std::move(event.error()));
    return std::move(*event);
  }
}

core::Result<> WatchDecoder::finish() const {
  if (begin_ == buffer_.size()) return {};
  return core::fail(core::ErrorKind::protocol, "the watch ended inside an event");
}

}  // namespace kube
