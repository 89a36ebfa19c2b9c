// What is refused before it is stored, so that it can be worked with afterwards: numbers, sizes, the
// namespaces that stay.
#include "api_server.hpp"

namespace apiserver {
namespace {

using testing::HasSubstr;

class Limits : public ApiServer {
 protected:
  net::Reply send(std::string method, std::string target, std::string body = {},
                  const std::string& type = "application/json") {
    net::Request request{.method = std::move(method), .target = std::move(target)};
    request.headers.set("Content-Type", type);
    request.body = std::move(body);
    return call(std::move(request));
  }
  static std::string boat_of(std::size_t bytes) {
    return R"({"metadata":{"name":"heavy"},"spec":{"name":"heavy","cargo":{"a":")" + std::string(bytes, 'x') +
           R"("}}})";
  }
};

constexpr const char* all = "/apis/harbour.example/v1/namespaces/default/boats";
constexpr const char* heavy = "/apis/harbour.example/v1/namespaces/default/boats/heavy";
constexpr const char* merge = "application/merge-patch+json";

TEST_F(Limits, numbers_that_cannot_be_kept_are_refused_with_their_path_however_they_come) {
  create(boats, boat("heavy"));
  const struct {
    const char *method, *target, *type, *body, *path;
  } cases[] = {
      {"POST", all, "application/json",
       R"({"metadata":{"name":"x"},"spec":{"name":"xx","cargo":{"a":1e400}}})", "spec.cargo.a"},
      {"POST", all, "application/yaml", "metadata: {name: x}\nspec: {name: xx, cargo: {a: 1e400}}", "line 2"},
      {"POST", all, "application/yaml", "metadata: {name: x}\nspec: {name: xx, cargo: {a: .nan}}", "line 2"},
      {"PUT", heavy, "application/json",
       R"({"metadata":{"name":"heavy"},"spec":{"name":"xx","cargo":{"a":-1e999}}})", "spec.cargo.a"},
      {"PATCH", heavy, merge, R"({"spec":{"cargo":{"a":1e400}}})", "spec.cargo.a"},
      {"PATCH", heavy, merge, R"({"spec":{"cargo":{"a":18446744073709551616}}})", "spec.cargo.a"},
      {"PATCH", heavy, "application/json-patch+json",
       R"([{"op":"add","path":"/spec/cargo","value":{"a":1e400}}])", "[0].value.a"},
      {"PATCH", "/api/v1/namespaces/default", "application/strategic-merge-patch+json",
       R"({"spec":{"x":1e400}})", "spec.x"},
      {"PATCH", "/apis/harbour.example/v1/namespaces/default/boats/heavy?fieldManager=me",
       "application/apply-patch+yaml", "spec: {name: xx, cargo: {a: 1e400}}", "line 1"},
      {"PATCH", "/apis/harbour.example/v1/namespaces/default/boats/heavy/status", merge,
       R"({"status":{"place":1e400}})", "status.place"},
  };
  for (const auto& [method, target, type, body, path] : cases) {
    const net::Reply reply = send(method, target, body, type);
    EXPECT_EQ(reply.status, 400) << body << ": " << reply.body;
    EXPECT_THAT(reply.body, HasSubstr(path)) << body;
    EXPECT_THAT(reply.body, HasSubstr("in quotes")) << body;
  }
  EXPECT_EQ(run(client_->list(boats, "", {}))->items.size(), 1U);
}

TEST_F(Limits, an_object_that_is_taken_leaves_room_for_its_status_and_can_be_deleted) {
  const net::Reply too_large = send("POST", all, boat_of(1'600'000));
  EXPECT_EQ(too_large.status, 413) << too_large.body;
  EXPECT_THAT(too_large.body, HasSubstr("limit is 1572864"));
  ASSERT_EQ(send("POST", all, boat_of(1'500'000)).status, 201);
  EXPECT_EQ(send("PATCH", heavy, R"({"metadata":{"finalizers":["harbour.example/crew"]}})", merge).status,
            200);
  const std::string status = R"({"status":{"place":")" + std::string(1'200'000, 'y') + R"("}})";
  EXPECT_EQ(send("PATCH", std::string(heavy) + "/status", status, merge).status, 200);
  EXPECT_EQ(send("PATCH", heavy, R"({"metadata":{"labels":{"a":"b"}}})", merge).status, 200)
      << "status is not the user's";
  EXPECT_EQ(send("PATCH", heavy, boat_of(1'600'000), merge).status, 413);
  EXPECT_EQ(send("PATCH", std::string(heavy) + "/status", R"({"status":{"place":"x"}})", merge).status, 200);
  EXPECT_EQ(send("DELETE", heavy).status, 200);
  EXPECT_EQ(send("PATCH", heavy, R"({"metadata":{"finalizers":null}})", merge).status, 200);
  EXPECT_EQ(get(heavy).status, 404);
}

TEST_F(Limits, namespaces_that_the_cluster_lives_on_stay) {
  create(namespaces, {{"metadata", {{"name", "kube-public"}}}});
  create(namespaces, {{"metadata", {{"name", "mine"}}}});
  for (const char* name : {"default", "kube-system", "kube-public"}) {
    const net::Reply reply = send("DELETE", "/api/v1/namespaces/" + std::string(name));
    EXPECT_EQ(reply.status, 403) << name;
    EXPECT_THAT(reply.body, HasSubstr("namespaces \\\"" + std::string(name) +
                                      "\\\" is forbidden: this namespace may not be deleted"));
  }
  EXPECT_EQ(send("DELETE", "/api/v1/namespaces").status, 403);
  EXPECT_TRUE(until([&] { return get("/api/v1/namespaces/mine").status == 404; }));
  EXPECT_EQ(get("/api/v1/namespaces/default").status, 200);
  EXPECT_THAT(get("/api/v1/namespaces/default").body, HasSubstr("Active"));
}

// A hundred bytes of patch, a gigabyte of object.
TEST_F(Limits, patches_that_copy_without_end_are_refused) {
  create(boats,
         boat("heavy", R"({"name": "heavy", "cargo": {"a": "0123456789012345678901234567890123456789"}})"));
  std::string patch = "[";
  for (int i = 0; i < 30; ++i)
    patch += (i > 0 ? "," : "") + std::string(R"({"op":"copy","from":"/spec/cargo","path":"/spec/cargo/)") +
             std::to_string(i) + "\"}";
  EXPECT_EQ(send("PATCH", heavy, patch + "]", "application/json-patch+json").status, 413);
}

}  // namespace
}  // namespace apiserver
