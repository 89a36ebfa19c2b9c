#include "kube/watch_decoder.hpp"

#include <gtest/gtest.h>

namespace kube {
namespace {

constexpr std::string_view two_events =
    R"({"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"1"}}})"
    "\n"
    R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"5"}}})"
    "\n";

TEST(WatchDecoder, gives_the_same_events_for_pieces_of_any_size) {
  for (std::size_t piece_size = 1; piece_size <= two_events.size(); ++piece_size) {
    WatchDecoder decoder;
    std::vector<WatchEvent> events;
    for (std::size_t begin = 0; begin < two_events.size(); begin += piece_size) {
      decoder.feed(two_events.substr(begin, piece_size));
      while (true) {
        auto event = decoder.next();
        ASSERT_TRUE(event) << event.error().message;
        if (!*event) break;
        events.push_back(std::move(**event));
      }
    }
    ASSERT_EQ(events.size(), 2U) << "pieces of " << piece_size;
    EXPECT_EQ(events[0].type, WatchEvent::Type::added);
    EXPECT_EQ(name_of(events[0].object), "a");
    EXPECT_EQ(events[1].type, WatchEvent::Type::bookmark);
    EXPECT_EQ(resource_version_of(events[1].object), "5");
    EXPECT_TRUE(decoder.finish());
  }
}

TEST(WatchDecoder, skips_empty_lines_and_takes_line_ends_with_carriage_returns) {
  WatchDecoder decoder;
  decoder.feed("\n\r\n{\"type\":\"DELETED\",\"object\":{}}\r\n");
  EXPECT_EQ(decoder.next().value()->type, WatchEvent::Type::deleted);
  EXPECT_FALSE(decoder.next().value().has_value());
}

TEST(WatchDecoder, makes_an_error_event_the_error_that_its_status_says) {
  const auto event = decode_watch_event(
      R"json({"type":"ERROR","object":{"kind":"Status","status":"Failure","reason":"Expired","code":410,)json"
      R"json("message":"too old resource version: 1 (9)"}})json");
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().kind, core::ErrorKind::gone);
  EXPECT_EQ(event.error().http_status, 410);
  EXPECT_EQ(event.error().code, "Expired");
  EXPECT_EQ(event.error().message, "too old resource version: 1 (9)");
}

TEST(WatchDecoder, refuses_what_is_no_event) {
  for (const std::string_view line :
       {"no json", "[]", "{}", R"({"type":"ADDED"})", R"({"type":"ADDED","object":3})",
        R"({"type":"RENAMED","object":{}})", R"({"object":{}})"}) {
    const auto event = decode_watch_event(line);
    ASSERT_FALSE(event) << line;
    EXPECT_EQ(event.error().kind, core::ErrorKind::protocol) << line;
  }
}

TEST(WatchDecoder, refuses_a_line_that_is_too_long_before_it_is_complete) {
  WatchDecoder decoder(100);
  decoder.feed(std::string(100, 'x'));
  EXPECT_TRUE(decoder.next());
  decoder.feed("x");
  EXPECT_EQ(decoder.next().error().kind, core::ErrorKind::too_large);
}

TEST(WatchDecoder, tells_when_the_body_ends_inside_an_event) {
  WatchDecoder decoder;
  decoder.feed(two_events.substr(0, two_events.size() - 1));
  ASSERT_TRUE(decoder.next().value().has_value());
  EXPECT_FALSE(decoder.next().value().has_value());
  EXPECT_EQ(decoder.finish().error().kind, core::ErrorKind::protocol);
}

// It must not end the watch of the others; of what is deleted the name is enough.
TEST(WatchDecoder, leaves_out_an_object_that_cannot_be_read) {
  const std::string deep = std::string(300, '[') + std::string(300, ']');
  const auto event = [](const char* type, const std::string& name, const std::string& value) {
    return R"({"type":")" + std::string(type) + R"(","object":{"metadata":{"name":")" + name +
           R"("},"spec":)" + value + "}}\n";
  };
  WatchDecoder decoder;
  decoder.feed(event("ADDED", "deep", deep) + event("MODIFIED", "number", "1e400") +
               event("ADDED", "good", "1") + event("DELETED", "gone", deep));
  for (const char* name : {"good", "gone"}) {
    const auto next = decoder.next();
    ASSERT_TRUE(next) << next.error().message;
    ASSERT_TRUE(next->has_value());
    EXPECT_EQ(name_of((*next)->object), name);
  }
  EXPECT_FALSE(decoder.next()->has_value());
}

}  // namespace
}  // namespace kube
