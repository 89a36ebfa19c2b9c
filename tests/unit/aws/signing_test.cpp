// Signatures against those that botocore makes (tests/data/sigv4/generate.py).
#include "aws/signing.hpp"

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/json.hpp"
#include "testing/source_dir.hpp"

namespace aws {
namespace {

TEST(Signing, signs_as_botocore_does) {
  const auto text = core::read_file(fakes::source_path("tests/data/sigv4/requests.json"));
  ASSERT_TRUE(text) << text.error().message;
  const auto data = core::parse_json(*text);
  ASSERT_TRUE(data) << data.error().message;
  const auto time = core::parse_rfc3339(core::find_string(*data, {"time"}));
  ASSERT_TRUE(time);
  const auto& cases = data->at("requests").as_array();
  EXPECT_GE(cases.size(), 200U);
  for (const auto& one : cases) {
    const auto member = [&one](std::string_view name) { return std::string(core::find_string(one, {name})); };
    net::Request request{.method = member("method"),
                         .target = member("path") + (member("query").empty() ? "" : "?" + member("query")),
                         .headers = {{"Host", member("host")}},
                         .body = member("body"),
                         .peer = {}};
    for (const auto& [name, value] : one.at("headers").as_object())
      request.headers.add(std::string(name), std::string(value.as_string()));
    const Identity identity{.access_key_id = std::string(core::find_string(*data, {"access_key"})),
                            .secret_access_key = std::string(core::find_string(*data, {"secret_key"})),
                            .session_token = member("session_token"),
                            .expires = {},
                            .source = {}};
    const SignatureStages stages =
        sign(request, identity, {.region = member("region"), .service = member("service"), .time = *time});
    EXPECT_EQ(request.headers.get("Authorization"), member("authorization")) << core::to_text(one) << "\n"
                                                                             << stages.canonical_request;
  }
}

TEST(Signing, again_replaces_the_first_signature) {
  const Identity identity{
      .access_key_id = "A", .secret_access_key = "s", .session_token = "t", .expires = {}, .source = {}};
  const SigningScope scope{
      .region = "eu-west-1", .service = "sts", .time = core::SystemTime(std::chrono::seconds(1'700'000'000))};
  net::Request request{
      .method = "POST", .target = "/", .headers = {{"Host", "sts.amazonaws.com"}}, .body = "a", .peer = {}};
  const SignatureStages first = sign(request, identity, scope);
  const SignatureStages second = sign(request, identity, scope);
  EXPECT_EQ(first.signature, second.signature);
  EXPECT_EQ(std::ranges::count_if(request.headers,
                                  [](const auto& header) { return header.first == "Authorization"; }),
            1);
}

}  // namespace
}  // namespace aws
