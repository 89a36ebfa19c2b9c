// Connections that are used again: when, when not, and what a client does where the server has given one up.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/net/scripted_server.hpp"

namespace net {
namespace {

using core::ErrorKind;
using namespace std::chrono_literals;
using testing::ElementsAre;

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const CallOptions in_time{.timeout = 5000ms};
const CallOptions soon{.timeout = 150ms};

TEST(KeepAlive, uses_a_connection_again_after_an_answer_that_allows_it) {
  struct Case {
    const char* name;
    std::string method;
    std::string answer;
    int connections;
  };
  const std::string close = "Connection: close\r\n";
  for (const Case& each :
       {Case{"a length", "GET", ok, 1},
        Case{"chunks", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 1},
        Case{"chunks and trailers", "GET",
             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nok\r\n0\r\nA: b\r\n\r\n", 1},
        Case{"no content", "PUT", "HTTP/1.1 204 No Content\r\n\r\n", 1},
        Case{"not modified", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n", 1},
        Case{"HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", 1},
        Case{"an empty body", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 1},
        Case{"an error", "GET", "HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nok", 1},
        Case{"close", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + close + "\r\nok", 2},
        Case{"HTTP/1.0", "GET", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 2},
        Case{"more than was asked for", "GET", ok + ok, 2}}) {
    ScriptedTalk talk({{each.answer}, {each.answer}});
    const auto replies = talk.send({each.method, each.method}, in_time);
    for (const auto& reply : replies) ASSERT_TRUE(reply) << each.name << reply.error().message;
    EXPECT_EQ(replies[1]->status, replies[0]->status) << each.name;
    EXPECT_EQ(replies[1]->body, replies[0]->body) << each.name;
    EXPECT_EQ(talk.server.connections(), each.connections) << each.name;
  }
}

// The server reads the second request and closes: it may or may not have acted on it.
TEST(KeepAlive, sends_again_only_what_may_be_done_twice) {
  for (const char* method : {"GET", "HEAD", "PUT", "DELETE"}) {
    ScriptedTalk talk({{ok}, {"", true}, {"HTTP/1.1 204 No Content\r\n\r\n"}});
    const auto replies = talk.send({"GET", method}, in_time);
    ASSERT_TRUE(replies[1]) << method << replies[1].error().message;
    EXPECT_EQ(replies[1]->status, 204) << method;
    EXPECT_EQ(talk.server.requests().size(), 3U) << method;
  }
  for (const char* method : {"POST", "PATCH"}) {
    ScriptedTalk talk({{ok}, {"", true}, {ok}});
    const auto replies = talk.send({"GET", method}, in_time);
    ASSERT_FALSE(replies[1]) << method;
    EXPECT_EQ(replies[1].error().kind, ErrorKind::unavailable) << method;
    EXPECT_EQ(talk.server.requests().size(), 2U) << method;
  }
}

TEST(KeepAlive, sends_nothing_again_on_a_new_connection) {
  ScriptedTalk talk({{"", true}, {ok}});
  const auto replies = talk.send({"GET"}, in_time);
  ASSERT_FALSE(replies[0]);
  EXPECT_EQ(replies[0].error().kind, ErrorKind::unavailable);
  EXPECT_EQ(talk.server.requests().size(), 1U);
}

TEST(KeepAlive, sends_nothing_again_once_an_answer_has_begun) {
  ScriptedTalk talk({{ok}, {"HTTP/1.1 20", true}, {ok}});
  const auto replies = talk.send({"GET", "GET"}, in_time);
  ASSERT_FALSE(replies[1]);
  EXPECT_EQ(replies[1].error().kind, ErrorKind::unavailable);
  EXPECT_EQ(talk.server.requests().size(), 2U);
}

TEST(KeepAlive, takes_a_new_connection_where_the_server_has_closed) {
  ScriptedTalk talk({{ok, true}, {ok, true}, {ok}});
  const auto replies = talk.send({"POST", "POST", "POST"}, in_time);
  for (const auto& reply : replies) EXPECT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(talk.server.connections(), 3);
  EXPECT_EQ(talk.server.requests().size(), 3U);
}

TEST(KeepAlive, takes_no_connection_that_was_idle_for_too_long) {
  ScriptedTalk talk({{ok}, {ok}}, {.idle_timeout = -1ms});
  talk.send({"GET", "GET"}, in_time);
  EXPECT_EQ(talk.server.connections(), 2);
}

TEST(KeepAlive, keeps_to_the_deadline_on_a_connection_that_was_used_before) {
  ScriptedTalk talk({{ok}});
  const auto replies = talk.send({"GET", "GET"}, soon);
  ASSERT_TRUE(replies[0]);
  ASSERT_FALSE(replies[1]);
  EXPECT_EQ(replies[1].error().kind, ErrorKind::timeout) << replies[1].error().message;
  EXPECT_THAT(talk.server.requests(), ElementsAre("GET / HTTP/1.1", "GET / HTTP/1.1"));
}

TEST(KeepAlive, uses_no_connection_again_that_a_call_gave_up) {
  ScriptedTalk talk({{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"}, {ok}});
  const auto replies = talk.send({"GET", "GET"}, soon);
  EXPECT_EQ(replies[0].error().kind, ErrorKind::timeout);
  ASSERT_TRUE(replies[1]);
  EXPECT_EQ(replies[1]->body, "ok");
  EXPECT_EQ(talk.server.connections(), 2);
}

TEST(KeepAlive, passes_over_interim_answers) {
  const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
  for (const std::string& answer : {interim + ok, "HTTP/1.1 100 Continue\r\n\r\n" + interim + ok}) {
    ScriptedTalk talk({{answer}, {ok}});
    const auto replies = talk.send({"GET", "GET"}, in_time);
    ASSERT_TRUE(replies[0]) << replies[0].error().message;
    EXPECT_EQ(replies[0]->status, 200);
    EXPECT_EQ(replies[0]->body, "ok");
    EXPECT_EQ(replies[0]->headers.find("Link"), std::nullopt);
    EXPECT_EQ(talk.server.connections(), 1);
  }
}

TEST(KeepAlive, refuses_to_switch_protocols_and_endless_interim_answers) {
  std::string endless;
  for (int i = 0; i < 1000; ++i) endless += "HTTP/1.1 100 Continue\r\n\r\n";
  for (const std::string& answer :
       {std::string("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"), endless}) {
    ScriptedTalk talk({{answer}});
    const auto replies = talk.send({"GET"}, in_time);
    ASSERT_FALSE(replies[0]);
    EXPECT_EQ(replies[0].error().kind, ErrorKind::protocol);
  }
}

}  // namespace
}  // namespace net
