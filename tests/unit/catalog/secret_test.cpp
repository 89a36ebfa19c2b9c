#include "catalog/policies/secret.hpp"

#include <gtest/gtest.h>

#include "core/hash.hpp"
#include "objects.hpp"

namespace catalog {
namespace {

json::object binding_with(std::string_view spec) {
  return binding(R"({"spec":)" + std::string(spec) + "}");
}

SecretContent content(std::string_view credentials) {
  return {.credentials = parse(credentials), .service_type = "s3", .provider = "aws", .other_secrets = {}};
}

// The Secret's keys and values in clear, as {"key":"value"}; the error's message where there is one.
std::string data_of(const core::Result<json::object>& secret) {
  if (!secret) return secret.error().message;
  json::object data;
  for (const json::key_value_pair& entry : *core::find_object(*secret, {"data"}))
    data[entry.key()] = core::base64_decode(std::string_view(entry.value().as_string())).value();
  return core::to_text(data);
}

TEST(BindingSecret, holds_each_credential_and_is_owned_by_its_binding) {
  json::object object = binding();
  auto secret =
      secret_for(BindingView(object), content(R"({"BUCKET_NAME":"b","port":5432,"tags":["x"],"tls":true})"));
  ASSERT_TRUE(secret);
  EXPECT_EQ(core::find_string(*secret, {"type"}), "Opaque");
  EXPECT_EQ(core::find(*secret, {"metadata", "labels"}), nullptr);
  EXPECT_EQ(data_of(secret), R"({"BUCKET_NAME":"b","port":"5432","tags":"[\"x\"]","tls":"true"})");
  EXPECT_TRUE(is_owned_by(*secret, BindingView(object)));
  json::object other = binding(R"({"metadata":{"uid":"another"}})");
  EXPECT_FALSE(is_owned_by(*secret, BindingView(other)));
}

TEST(BindingSecret, is_transformed_in_order) {
  struct Case {
    const char *transforms, *data;
  };
  for (
      const Case& c : {
          Case{R"([{"renameKey":{"from":"user","to":"USER"}},{"renameKey":{"from":"none","to":"c"}},
                    {"removeKey":{"key":"password"}},{"removeKey":{"key":"server"}}])",
               R"({"USER":"ann"})"},
          Case{R"([{"addKey":{"key":"d","stringValue":"text"}},{"addKey":{"key":"e","value":"Ynl0ZXM="}},
                    {"addKey":{"key":"f","value":"Ynl0ZXM=","stringValue":"text first"}},
                    {"removeKey":{"key":"server"}}])",
               R"({"user":"ann","password":"p@ss/word","d":"text","e":"bytes","f":"text first"})"},
          Case{R"([{"addKey":{"key":"address","jsonPathExpression":"{.server.host}:{.server.ports[0]}"}},
                    {"removeKey":{"key":"server"}},{"removeKey":{"key":"password"}}])",
               R"({"user":"ann","address":"db.example.com:5432"})"},
          Case{
              R"([{"addKey":{"key":"host","jsonPathExpression":"{.server.host}"}},
                    {"addKey":{"key":"url","template":"postgres://{{user}}:{{ password | urlencode }}@{{host}}/app"}},
                    {"removeKey":{"key":"server"}}])",
              R"({"user":"ann","password":"p@ss/word","host":"db.example.com","url":"postgres://ann:p%40ss%2Fword@db.example.com/app"})"},
          Case{R"([{"removeKey":{"key":"server"}},{"addKeysFrom":{"secretRef":{"name":"extra"}}},
                    {"addKeysFrom":{"secretRef":{"name":"ca","namespace":"trust"}}},{"renameKey":{"from":"ca.crt","to":"CA"}}])",
               R"({"user":"override","password":"p@ss/word","CA":"pem"})"},
      }) {
    json::object object = binding_with(R"({"secretTransforms":)" + std::string(c.transforms) + "}");
    SecretContent given =
        content(R"({"user":"ann","password":"p@ss/word","server":{"host":"db.example.com","ports":[5432]}})");
    given.other_secrets[{"s3-demo", "extra"}] = json::object{{"user", core::base64_encode("override")}};
    given.other_secrets[{"trust", "ca"}] = json::object{{"ca.crt", core::base64_encode("pem")}};
    EXPECT_EQ(core::parse_json(data_of(secret_for(BindingView(object), given))), parse(c.data))
        << c.transforms;
  }
}

TEST(BindingSecret, says_which_transform_cannot_be_done_without_telling_values) {
  struct Case {
    const char *transform, *message;
  };
  for (
      const Case& c : {
          Case{R"({"addKey":{"key":"x","jsonPathExpression":"{.none}"}})",
               R"(spec.secretTransforms[0].addKey: key "x": there is no "none")"},
          Case{R"({"addKey":{"key":"x","template":"{{none}}"}})",
               R"(spec.secretTransforms[0].addKey: key "x": there is no key "none")"},
          Case{R"({"addKey":{"key":"x","value":"?"}})",
               R"(spec.secretTransforms[0].addKey: key "x": value is not valid base64)"},
          Case{R"({"addKeysFrom":{"secretRef":{"name":"gone"}}})",
               R"(spec.secretTransforms[0].addKeysFrom: Secret "s3-demo/gone" does not exist: create it)"},
          Case{
              R"({"renameKey":{"from":"a","to":"not a key"}})",
              R"(a Secret cannot have the key "not a key" that the broker returned; rename it with spec.secretTransforms)"},
      }) {
    json::object object = binding_with(R"({"secretTransforms":[)" + std::string(c.transform) + "]}");
    EXPECT_EQ(data_of(secret_for(BindingView(object), content(R"({"a":"hunter2"})"))), c.message);
  }
}

TEST(BindingSecret, has_the_entries_of_servicebinding_io_that_are_asked_for) {
  json::object object = binding_with(R"({"secretEntries":["type","provider"]})");
  EXPECT_EQ(data_of(secret_for(BindingView(object), content(R"({"a":"1"})"))),
            R"({"a":"1","type":"s3","provider":"aws"})");
  EXPECT_EQ(data_of(secret_for(BindingView(object), content(R"({"type":"postgresql"})"))),
            R"({"type":"postgresql","provider":"aws"})");
}

}  // namespace
}  // namespace catalog
