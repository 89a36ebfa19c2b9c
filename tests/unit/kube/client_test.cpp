#include "kube/client.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "testing/fake_kube_api.hpp"
#include "testing/run.hpp"

namespace kube {
namespace {

using core::ErrorKind;

class ClientTest : public testing::Test {
 protected:
  template <class T>
  T run(async::Task<T> task) {
    return fakes::run(io_, std::move(task));
  }
  static std::string page(std::string_view names, std::string_view continue_token,
                          std::string_view version = "7") {
    json::array items;
    for (const char name : names)
      items.push_back(json::object{{"metadata", {{"name", std::string(1, name)}}}});
    return core::to_text(
        json::object{{"metadata", {{"resourceVersion", version}, {"continue", continue_token}}},
                     {"items", std::move(items)}});
  }
  static std::string names_of(const List& list) {
    std::string names;
    for (const json::object& item : list.items) names += name_of(item);
    return names;
  }
  const net::Request& last_request() const { return api_.requests().back(); }

  boost::asio::io_context io_;
  fakes::FakeKubeApi api_{io_.get_executor()};
  Client client_{api_, "chandlery/test"};
};

TEST_F(ClientTest, creates_reads_patches_replaces_and_removes) {
  const auto created =
      run(client_.create(resources::secrets, {{"metadata", {{"name", "a"}, {"namespace", "demo"}}}}));
  ASSERT_TRUE(created) << created.error().message;
  EXPECT_EQ(run(client_.get(resources::secrets, {"demo", "a"})).value(), *created);
  const auto patched =
      run(client_.patch(resources::secrets, {"demo", "a"}, PatchType::merge, {{"data", {{"k", "dg=="}}}}));
  EXPECT_EQ(core::find_string(patched.value(), {"data", "k"}), "dg==");
  EXPECT_EQ(run(client_.replace(resources::secrets, *created)).error().kind, ErrorKind::conflict);
  EXPECT_TRUE(run(client_.replace(resources::secrets, *patched)));
  EXPECT_EQ(run(client_.remove(resources::secrets, {"demo", "a"}, {.uid = "another"})).error().kind,
            ErrorKind::conflict);
  EXPECT_TRUE(run(client_.remove(resources::secrets, {"demo", "a"}, {.uid = std::string(uid_of(*created))})));
  EXPECT_EQ(run(client_.get(resources::secrets, {"demo", "a"})).error().kind, ErrorKind::not_found);
}

TEST_F(ClientTest, says_who_it_is_and_asks_for_the_token_before_every_request) {
  int asked = 0;
  Client client(
      api_, "chandlery/test",
      [&asked]() -> core::Result<std::string> { return "Bearer " + std::to_string(++asked); },
      std::chrono::seconds(1), "/k8s/clusters/c-1");
  for (const char* token : {"Bearer 1", "Bearer 2"}) {
    api_.answer_next(200, "{}");
    EXPECT_TRUE(run(client.get(resources::namespaces, {"", "demo"})));
    EXPECT_EQ(last_request().headers.get("Authorization"), token);
  }
  EXPECT_EQ(last_request().headers.get("User-Agent"), "chandlery/test");
  EXPECT_EQ(last_request().headers.get("Accept"), "application/json");
  EXPECT_EQ(last_request().target, "/k8s/clusters/c-1/api/v1/namespaces/demo");
}

TEST_F(ClientTest, sends_nothing_without_the_token_that_it_should_have) {
  Client client(api_, "t", [] {
    return core::Result<std::string>(core::fail(ErrorKind::unavailable, "token: no such file"));
  });
  const auto answer = run(client.get(resources::namespaces, {"", "demo"}));
  EXPECT_EQ(answer.error().message, "getting credentials for the API server: token: no such file");
  EXPECT_FALSE(run(client.watch(resources::secrets, "", {})));
  EXPECT_TRUE(api_.requests().empty());
}

TEST_F(ClientTest, reads_all_pages_of_a_list_and_gives_each_item_its_type) {
  api_.answer_next(200, page("ab", "more", "7"));
  api_.answer_next(200, page("c", "", "7"));
  const auto list = run(client_.list(resources::secrets, "demo", {.limit = 2}));
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(names_of(*list), "abc");
  EXPECT_EQ(list->resource_version, "7");
  EXPECT_EQ(core::find_string(list->items[2], {"kind"}), "Secret");
  EXPECT_EQ(core::find_string(list->items[2], {"apiVersion"}), "v1");
  EXPECT_EQ(last_request().target, "/api/v1/namespaces/demo/secrets?limit=2&continue=more");
}

TEST_F(ClientTest, lists_all_at_once_where_the_pages_have_expired) {
  api_.answer_next(200, page("ab", "more"));
  api_.answer_next(
      410, R"({"kind":"Status","reason":"Expired","code":410,"message":"the continue token is too old"})");
  api_.answer_next(200, page("bcd", "", "9"));
  const auto list = run(client_.list(resources::secrets, "demo", {.limit = 2}));
  EXPECT_EQ(names_of(list.value()), "bcd");
  EXPECT_EQ(list->resource_version, "9");
  EXPECT_EQ(last_request().target, "/api/v1/namespaces/demo/secrets");
}

TEST_F(ClientTest, tells_what_is_wrong_with_an_answer) {
  struct Case {
    int status;
    std::string body;
    ErrorKind kind;
    std::string message;
  };
  const std::vector<Case> cases{
      {200, "<html>", ErrorKind::protocol, "the API server's answer is not JSON"},
      {200, "[]", ErrorKind::protocol, "not a JSON object"},
      {401, R"({"kind":"Status","reason":"Unauthorized","code":401,"message":"Unauthorized"})",
       ErrorKind::unauthenticated, "Unauthorized"},
      {403, R"({"kind":"Status","reason":"Forbidden","code":403,"message":"secrets is forbidden"})",
       ErrorKind::forbidden, "secrets is forbidden"},
      {409, R"({"kind":"Status","reason":"AlreadyExists","code":409,"message":"exists"})",
       ErrorKind::already_exists, "exists"},
      {422, R"({"kind":"Status","reason":"Invalid","code":422,"message":"bad"})", ErrorKind::invalid, "bad"},
      {429, "", ErrorKind::throttled, "429"},
      {503, "upstream connect error", ErrorKind::unavailable, "upstream connect error"},
  };
  for (const Case& test : cases) {
    api_.answer_next(test.status, test.body);
    const auto answer = run(client_.get(resources::secrets, {"demo", "a"}));
    ASSERT_FALSE(answer) << test.body;
    EXPECT_EQ(answer.error().kind, test.kind) << test.body;
    EXPECT_NE(answer.error().message.find(test.message), std::string::npos) << answer.error().message;
  }
  api_.answer_next(200, R"({"metadata": {}})");
  EXPECT_EQ(run(client_.list(resources::secrets, "")).error().kind, ErrorKind::protocol);
  api_.fail_next({.kind = ErrorKind::unavailable, .message = "connection refused"});
  EXPECT_EQ(run(client_.get(resources::secrets, {"demo", "a"})).error().message, "connection refused");
}

TEST_F(ClientTest, watches_from_a_version_on) {
  api_.put("/api/v1/secrets", {{"metadata", {{"name", "a"}, {"namespace", "demo"}}}});
  WatchOptions options;
  options.resource_version = "100";
  auto watch = run(client_.watch(resources::secrets, "demo", options));
  ASSERT_TRUE(watch) << watch.error().message;
  api_.put("/api/v1/secrets", {{"metadata", {{"name", "elsewhere"}, {"namespace", "other"}}}});
  api_.erase("/api/v1/secrets", "demo", "a");
  const auto added = run((*watch)->next());
  EXPECT_EQ(added.value()->type, WatchEvent::Type::added);
  EXPECT_EQ(run((*watch)->next()).value()->type, WatchEvent::Type::deleted);
  api_.end_watches();
  EXPECT_FALSE(run((*watch)->next()).value().has_value());
  watch->reset();
  EXPECT_EQ(api_.watches(), 0U);
}

TEST_F(ClientTest, tells_that_a_watch_comes_too_late_or_that_its_connection_was_lost) {
  api_.put("/api/v1/secrets", {{"metadata", {{"name", "a"}, {"namespace", "demo"}}}});
  api_.compact();
  WatchOptions options;
  options.resource_version = "100";
  auto late = run(client_.watch(resources::secrets, "demo", options));
  EXPECT_EQ(run((*late)->next()).error().kind, ErrorKind::gone);
  options.resource_version = "101";
  auto watch = run(client_.watch(resources::secrets, "demo", options));
  api_.break_watches();
  EXPECT_EQ(run((*watch)->next()).error().kind, ErrorKind::unavailable);
}

TEST_F(ClientTest, tells_why_a_watch_is_refused) {
  api_.answer_next(403,
                   R"({"kind":"Status","reason":"Forbidden","code":403,"message":"secrets is forbidden"})");
  const auto refused = run(client_.watch(resources::secrets, "", {}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::forbidden);
  EXPECT_EQ(refused.error().message, "secrets is forbidden");
}

TEST_F(ClientTest, reads_anything_else_as_it_is) {
  api_.answer_next(200, R"({"gitVersion": "v1.36.0"})");
  EXPECT_EQ(core::find_string(run(client_.get_raw("/version")).value(), {"gitVersion"}), "v1.36.0");
}

TEST_F(ClientTest, leaves_out_of_a_list_what_cannot_be_read) {
  const std::string deep = std::string(300, '[') + std::string(300, ']');
  api_.answer_next(
      200,
      R"({"metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"},"x":)" +
          deep + R"(},{"metadata":{"name":"c"},"y":1e400},{"metadata":{"name":"d"}}]})");
  const auto list = run(client_.list(resources::secrets, "demo", {}));
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(names_of(*list), "ad");
}

}  // namespace
}  // namespace kube
