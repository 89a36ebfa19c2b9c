// Structural schemas, as a client meets them: what is filled in, dropped, refused, and in what words.
#include "api_server.hpp"

namespace apiserver {
namespace {

using testing::HasSubstr;

struct Refusal {
  const char* spec;
  const char* field;
  const char* message;
};

class Refused : public ApiServer, public testing::WithParamInterface<Refusal> {};

TEST_P(Refused, is_told_with_its_field) {
  const auto created = run(client_->create(boats, boat("b", GetParam().spec)));
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().code, "Invalid");
  EXPECT_THAT(created.error().message, HasSubstr(GetParam().field));
  EXPECT_THAT(created.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, Refused,
    testing::Values(
        Refusal{R"({})", "spec.name", "Required value"},
        Refusal{R"({"name": null})", "spec.name", "Required value"},
        Refusal{R"({"name": 5})", "spec.name", "must be of type string: \"integer\""},
        Refusal{R"({"name": "x"})", "spec.name", "at least 2 chars long"},
        Refusal{R"({"name": "abcdefghijk"})", "spec.name", "Too long: may not be more than 10"},
        Refusal{R"({"name": "UPPER"})", "spec.name", "should match '^[a-z]+$'"},
        Refusal{R"({"name": "ab", "flag": "red"})", "spec.flag",
                "Unsupported value: \"red\": supported values: \"blue\", \"white\""},
        Refusal{R"({"name": "ab", "masts": 0})", "spec.masts", "should be greater than or equal to 1"},
        Refusal{R"({"name": "ab", "masts": 5})", "spec.masts", "should be less than or equal to 4"},
        Refusal{R"({"name": "ab", "masts": 1.5})", "spec.masts", "must be of type integer"},
        Refusal{R"({"name": "ab", "masts": "2"})", "spec.masts", "must be of type integer"},
        Refusal{R"({"name": "ab", "depth": true})", "spec.depth", "must be of type integer,string"},
        Refusal{R"({"name": "ab", "crew": [{"role": "cook"}]})", "spec.crew[0].name", "Required value"},
        Refusal{R"({"name": "ab", "crew": [{"name": "a"}, {"name": "a"}]})", "spec.crew[1]",
                "Duplicate value"},
        Refusal{R"({"name": "ab", "crew": [{"name":"a"},{"name":"b"},{"name":"c"},{"name":"d"}]})",
                "spec.crew", "must have at most 3 items"},
        Refusal{R"({"name": "ab", "crew": {"name": "a"}})", "spec.crew", "must be of type array"},
        Refusal{R"([])", "spec", "must be of type object"}));

class Schemas : public ApiServer {};

TEST_F(Schemas, fill_in_defaults_and_drop_what_they_do_not_know) {
  const json::object made = create(
      boats, boat("b", R"({"name": "titanic", "colour": "red", "cargo": {"deep": {"coal": 7}}, "log": null,
                           "depth": "10m", "crew": [{"name": "ann", "age": 4}]})"));
  EXPECT_EQ(made.at("spec"),
            *core::parse_json(R"({"name": "titanic", "flag": "blue", "log": null, "depth": "10m",
    "cargo": {"deep": {"coal": 7}}, "crew": [{"name": "ann", "role": "sailor"}]})"));
}

TEST_F(Schemas, can_be_strict_or_warn_about_unknown_fields) {
  const auto post = [&](const char* query) {
    return call({.method = "POST",
                 .target = std::string("/apis/harbour.example/v1/namespaces/default/boats") + query,
                 .headers = {{"Content-Type", "application/json"}},
                 .body = core::to_text(boat("b", R"({"name": "titanic", "colour": "red"})"))});
  };
  const net::Reply refused = post("?fieldValidation=Strict");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("spec.colour"));
  const net::Reply warned = post("?fieldValidation=Warn");
  EXPECT_EQ(warned.status, 201);
  EXPECT_THAT(std::string(warned.headers.get("Warning")), HasSubstr("spec.colour"));
}

TEST_F(Schemas, tell_everything_that_is_wrong_at_once) {
  const auto created = run(client_->create(boats, boat("b", R"({"flag": "red", "masts": 9})")));
  ASSERT_FALSE(created);
  for (const char* field : {"spec.name", "spec.flag", "spec.masts"})
    EXPECT_THAT(created.error().message, HasSubstr(field));
}

TEST_F(Schemas, do_not_follow_bottomless_objects) {
  std::string deep = R"({"name": "ab", "cargo": )";
  for (int i = 0; i < 5000; ++i) deep += R"({"a":)";
  const net::Reply reply =
      call({.method = "POST",
            .target = "/apis/harbour.example/v1/namespaces/default/boats",
            .headers = {{"Content-Type", "application/json"}},
            .body = R"({"metadata": {"name": "b"}, "spec": )" + deep + "1" + std::string(5002, '}')});
  EXPECT_EQ(reply.status, 400) << reply.body;
}

TEST_F(Schemas, of_definitions_have_to_be_structural) {
  const char* wrong = R"({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    "metadata": {"name": "cars.harbour.example"},
    "spec": {"group": "harbour.example", "scope": "Namespaced", "names": {"kind": "Car", "plural": "cars"},
      "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema":
        {"type": "object", "properties": {"spec": {"properties": {"a": {"type": "colour"}}}}}}}]}})";
  const net::Reply reply = call({.method = "POST",
                                 .target = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                                 .headers = {{"Content-Type", "application/json"}},
                                 .body = wrong});
  EXPECT_EQ(reply.status, 422) << reply.body;
  EXPECT_THAT(reply.body, HasSubstr("openAPIV3Schema.properties.spec.type: Required value"));
}

}  // namespace
}  // namespace apiserver
