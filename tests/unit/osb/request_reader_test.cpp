// The platform's requests: what is read of them, and what is refused with the name of the field.
#include "osb/request_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/hash.hpp"

namespace osb {
namespace {

using core::ErrorKind;
using testing::HasSubstr;

const net::PathParameters instance_path{{"instance", "i"}};
const net::PathParameters binding_path{{"binding", "b"}, {"instance", "i"}};

net::Request with_body(std::string body, std::string target = "/", net::Headers headers = {}) {
  return {.method = "PUT",
          .target = std::move(target),
          .headers = std::move(headers),
          .body = std::move(body),
          .peer = {}};
}

json::object provision_fields() {
  return {{"service_id", "s"}, {"plan_id", "p"}, {"organization_guid", "o"}, {"space_guid", "n"}};
}

// The error's message, or "" where the request was read.
template <class T>
std::string refusal(const core::Result<T>& result) {
  if (result) return {};
  EXPECT_EQ(result.error().kind, ErrorKind::invalid);
  return result.error().message;
}

TEST(RequestReader, reads_all_of_a_provision) {
  json::object body = provision_fields();
  body["context"] = {{"platform", "kubernetes"}};
  body["parameters"] = {{"size", 3}};
  body["maintenance_info"] = {{"version", "1.0.0"}};
  const auto read =
      read_provision(with_body(core::to_text(body), "/?accepts_incomplete=true"), instance_path);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->instance_id, "i");
  EXPECT_EQ(read->service_id, "s");
  EXPECT_EQ(read->plan_id, "p");
  EXPECT_EQ(read->organization_guid, "o");
  EXPECT_EQ(read->space_guid, "n");
  EXPECT_EQ(core::to_text(read->context), R"({"platform":"kubernetes"})");
  EXPECT_EQ(core::to_text(read->parameters), R"({"size":3})");
  EXPECT_EQ(core::to_text(read->maintenance_info), R"({"version":"1.0.0"})");
  EXPECT_TRUE(read->accepts_incomplete);
}

TEST(RequestReader, names_each_field_of_a_provision_that_is_missing_empty_or_of_another_type) {
  for (const char* field : {"service_id", "plan_id", "organization_guid", "space_guid"}) {
    for (const json::value& wrong :
         {json::value(), json::value(""), json::value(7), json::value(json::array{}),
          json::value(json::object{}), json::value(true)}) {
      json::object body = provision_fields();
      body[field] = wrong;
      EXPECT_THAT(refusal(read_provision(with_body(core::to_text(body)), instance_path)),
                  HasSubstr("\"" + std::string(field) + "\""))
          << core::to_text(body);
    }
    json::object body = provision_fields();
    body.erase(field);
    EXPECT_THAT(refusal(read_provision(with_body(core::to_text(body)), instance_path)),
                HasSubstr("\"" + std::string(field) + "\" is required"));
  }
  for (const char* field : {"context", "parameters", "maintenance_info"}) {
    for (const json::value& wrong : {json::value("x"), json::value(7), json::value(json::array{})}) {
      json::object body = provision_fields();
      body[field] = wrong;
      EXPECT_THAT(refusal(read_provision(with_body(core::to_text(body)), instance_path)),
                  HasSubstr("\"" + std::string(field) + "\" must be an object"));
    }
  }
}

TEST(RequestReader, tells_what_an_update_leaves_as_it_is) {
  for (const char* body :
       {R"({"service_id": "s"})", R"({"service_id": "s", "plan_id": null, "parameters": null})"}) {
    const auto read = read_update(with_body(body), instance_path);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->plan_id, std::nullopt);
    EXPECT_TRUE(read->parameters.is_null());
    EXPECT_FALSE(read->accepts_incomplete);
  }
  const auto changed = read_update(
      with_body(
          R"({"service_id": "s", "plan_id": "q", "parameters": {}, "previous_values": {"plan_id": "p"}})"),
      instance_path);
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->plan_id, "q");
  EXPECT_TRUE(changed->parameters.is_object()) << "an empty object is not the same as none";
  EXPECT_EQ(core::find_string(changed->previous_values, {"plan_id"}), "p");
}

TEST(RequestReader, names_each_wrong_field_of_an_update_and_a_bind) {
  struct Case {
    const char* field;
    const char* value;
    bool also_of_a_bind;
  };
  for (const Case& each :
       {Case{"service_id", "null", true}, Case{"service_id", "[]", true}, Case{"plan_id", "7", true},
        Case{"context", "\"x\"", true}, Case{"parameters", "[]", true}, Case{"previous_values", "1", false},
        Case{"maintenance_info", "\"1.0.0\"", false}}) {
    json::object body{{"service_id", "s"}, {"plan_id", "p"}};
    body[each.field] = *core::parse_json(each.value);
    const std::string quoted = "\"" + std::string(each.field) + "\"";
    const std::string text = core::to_text(body);
    EXPECT_THAT(refusal(read_update(with_body(text), instance_path)), HasSubstr(quoted)) << text;
    if (each.also_of_a_bind)
      EXPECT_THAT(refusal(read_bind(with_body(text), binding_path)), HasSubstr(quoted)) << text;
  }
  for (const char* body :
       {R"({"service_id": "s", "plan_id": "p", "app_guid": 1})",
        R"({"service_id": "s", "plan_id": "p", "bind_resource": []})", R"({"predecessor_binding_id": {}})"}) {
    EXPECT_NE(refusal(read_bind(with_body(body), binding_path)), "") << body;
  }
}

TEST(RequestReader, reads_all_of_a_bind) {
  const auto read = read_bind(
      with_body(
          R"({"service_id": "s", "plan_id": "p", "app_guid": "a", "bind_resource": {"app_guid": "a"},
              "context": {"platform": "x"}, "parameters": {"k": null}, "predecessor_binding_id": "old"})",
          "/?accepts_incomplete=true"),
      binding_path);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->binding_id, "b");
  EXPECT_EQ(read->app_guid, "a");
  EXPECT_EQ(core::find_string(read->bind_resource, {"app_guid"}), "a");
  EXPECT_EQ(core::to_text(read->parameters), R"({"k":null})");
  EXPECT_EQ(read->predecessor_binding_id, "old");
  EXPECT_TRUE(read->accepts_incomplete);
}

TEST(RequestReader, ignores_fields_it_does_not_know) {
  json::object body = provision_fields();
  body["x-vendor"] = {1, 2};
  body["service_ID"] = 5;
  EXPECT_TRUE(
      read_provision(with_body(core::to_text(body), "/?x-vendor=1&accepts_incomplete=false"), instance_path));
  EXPECT_TRUE(read_update(with_body(R"({"service_id": "s", "later": {}})"), instance_path));
  EXPECT_TRUE(read_bind(with_body(R"({"service_id": "s", "plan_id": "p", "later": 1})"), binding_path));
}

TEST(RequestReader, refuses_a_body_that_is_no_json_object_or_goes_beyond_the_limits) {
  const std::string fits(1000, 'x');
  const std::string too_long(1024 * 1024, 'x');
  for (const std::string& body :
       {std::string(), std::string("{"), std::string("[]"), std::string("null"), std::string("\"text\""),
        std::string("{\"service_id\": \"s\"} trailing"), std::string("{\"service_id\": \"\xff\xfe\"}"),
        std::string("{'service_id': 's'}"),
        "{\"parameters\": " + std::string(40, '[') + std::string(40, ']') + "}",
        "{\"x\": \"" + too_long + "\"}"}) {
    for (const std::string& said : {refusal(read_provision(with_body(body), instance_path)),
                                    refusal(read_update(with_body(body), instance_path)),
                                    refusal(read_bind(with_body(body), binding_path))}) {
      EXPECT_THAT(said, HasSubstr("body")) << body.substr(0, 100);
      EXPECT_LT(said.size(), 500U) << "the body is not repeated";
    }
  }
  EXPECT_TRUE(read_update(with_body(R"({"service_id": "s", "x": ")" + fits + "\"}"), instance_path));
}

TEST(RequestReader, takes_json_by_its_media_type_or_by_none) {
  struct Case {
    const char* type;
    bool taken;
  };
  for (const Case& each :
       {Case{"", true}, Case{"application/json", true}, Case{"application/json; charset=utf-8", true},
        Case{"application/json;charset=UTF-8", true}, Case{"Application/JSON", true},
        Case{"application/json ; charset=utf-8", true}, Case{"text/plain", false},
        Case{"application/x-www-form-urlencoded", false}, Case{"application/json-patch+json", false},
        Case{"application/jsonl", false}}) {
    const auto read = read_update(
        with_body(R"({"service_id": "s"})", "/", net::Headers{{"Content-Type", each.type}}), instance_path);
    EXPECT_EQ(read.has_value(), each.taken) << each.type;
    if (!read) EXPECT_THAT(read.error().message, HasSubstr("Content-Type"));
  }
}

TEST(RequestReader, takes_only_the_word_true_for_accepts_incomplete) {
  for (const char* query : {"", "?accepts_incomplete", "?accepts_incomplete=", "?accepts_incomplete=false",
                            "?accepts_incomplete=1", "?Accepts_Incomplete=true"}) {
    const auto read =
        read_update(with_body(R"({"service_id": "s"})", "/" + std::string(query)), instance_path);
    ASSERT_TRUE(read);
    EXPECT_FALSE(read->accepts_incomplete) << query;
  }
}

TEST(RequestReader, asks_a_removal_for_service_and_plan) {
  for (const char* query :
       {"", "?service_id=s", "?plan_id=p", "?service_id=&plan_id=p", "?service_id=s&plan_id"}) {
    EXPECT_THAT(refusal(read_deprovision(with_body("", "/" + std::string(query)), instance_path)),
                HasSubstr("_id is required"));
    EXPECT_THAT(refusal(read_unbind(with_body("", "/" + std::string(query)), binding_path)),
                HasSubstr("_id is required"));
  }
  const auto read =
      read_unbind(with_body("", "/?plan_id=p%2F1&service_id=a+b&accepts_incomplete=true"), binding_path);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->service_id, "a b");
  EXPECT_EQ(read->plan_id, "p/1");
  EXPECT_TRUE(read->accepts_incomplete);
}

TEST(RequestReader, limits_ids_and_operations) {
  const std::string longest(255, 'a');
  EXPECT_TRUE(read_fetch_instance(with_body(""), {{"instance", longest}}));
  for (const std::string& id : {longest + "a", std::string("a b"), std::string("a\x7f"), std::string("a\tb"),
                                std::string("a\0b", 3), std::string("a\xff")}) {
    EXPECT_THAT(refusal(read_fetch_instance(with_body(""), {{"instance", id}})), HasSubstr("instance id"));
    EXPECT_THAT(refusal(read_fetch_binding(with_body(""), {{"binding", id}, {"instance", "i"}})),
                HasSubstr("binding id"));
    EXPECT_THAT(refusal(read_last_operation(with_body(""), {{"binding", id}, {"instance", "i"}})),
                HasSubstr("binding id"));
  }
  const std::string operation(10'000, 'o');
  const auto read = read_last_operation(with_body("", "/?operation=" + operation), instance_path);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->operation, operation);
  EXPECT_THAT(refusal(read_last_operation(with_body("", "/?operation=" + operation + "o"), instance_path)),
              HasSubstr("operation"));
}

TEST(RequestReader, makes_an_identity_for_a_request_that_has_none) {
  const auto first = read_context(with_body("", "/", {{"X-Broker-API-Version", "2.14"}}));
  const auto second = read_context(with_body("", "/", {{"X-Broker-API-Version", "2.14"}}));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->minor_version, 14);
  EXPECT_EQ(first->identity, std::nullopt);
  EXPECT_NE(first->request_id, second->request_id);
}

TEST(RequestReader, names_the_header_of_a_garbled_identity) {
  for (const std::string& header :
       {std::string(), std::string("kubernetes"), " " + core::base64_encode("{}"),
        "kubernetes " + core::base64_encode("7"), "kubernetes " + core::base64_encode("{"),
        std::string("kubernetes e30")}) {
    const auto context = read_context(with_body(
        "", "/", {{"X-Broker-API-Version", "2.17"}, {"X-Broker-API-Originating-Identity", header}}));
    EXPECT_THAT(refusal(context), HasSubstr("X-Broker-API-Originating-Identity")) << header;
  }
}

}  // namespace
}  // namespace osb
