#include "kube/json_path.hpp"

#include <gtest/gtest.h>

namespace kube {
namespace {

const json::object& example() {
  static const json::object object = core::parse_json(R"({
    "metadata": {"name": "s3-bucket", "labels": {"app.kubernetes.io/name": "demo"}},
    "spec": {"ports": [80, 443, 8080], "owner": null},
    "status": {"conditions": [
      {"type": "Ready", "status": "False", "reason": "Provisioning"},
      {"type": "Failed", "status": "True", "reason": "Refused"}]}})")
                                         ->as_object();
  return object;
}

struct Case {
  const char* path;
  const char* found;  // the values, separated by spaces
};

class JsonPathOf : public testing::TestWithParam<Case> {};

TEST_P(JsonPathOf, finds) {
  const auto path = JsonPath::parse(GetParam().path);
  ASSERT_TRUE(path) << path.error().message;
  std::string found;
  for (const json::value* value : path->find(example()))
    found += (found.empty() ? "" : " ") + core::to_text(*value);
  EXPECT_EQ(found, GetParam().found);
}

INSTANTIATE_TEST_SUITE_P(
    All, JsonPathOf,
    testing::Values(Case{".metadata.name", "\"s3-bucket\""}, Case{".metadata['name']", "\"s3-bucket\""},
                    Case{R"(.metadata.labels.app\.kubernetes\.io/name)", "\"demo\""},
                    Case{".metadata.labels['app.kubernetes.io/name']", "\"demo\""},
                    Case{".spec.ports[0]", "80"}, Case{".spec.ports[-1]", "8080"}, Case{".spec.ports[3]", ""},
                    Case{".spec.ports[-4]", ""}, Case{".spec.ports[*]", "80 443 8080"},
                    Case{".spec.owner", "null"}, Case{".spec.none.deeper", ""},
                    Case{".metadata.name.deeper", ""}, Case{".metadata[0]", ""},
                    Case{R"(.status.conditions[?(@.type=="Ready")].status)", "\"False\""},
                    Case{R"(.status.conditions[?(@.type == 'Failed')].reason)", "\"Refused\""},
                    Case{R"(.status.conditions[?(@.type!="Ready")].reason)", "\"Refused\""},
                    Case{R"(.status.conditions[?(@.type=="None")].status)", ""},
                    Case{".status.conditions[*].type", "\"Ready\" \"Failed\""},
                    Case{"$.spec.ports[0:2]", "80 443"}, Case{".spec.ports[-1:]", "8080"},
                    Case{".status..reason", "\"Provisioning\" \"Refused\""}));

TEST(JsonPath, says_where_it_is_broken) {
  for (const char* text : {"metadata", ".a[", ".a[x]", ".a['b]", ".a[?(@.b)]", ".a[?(@.b==\"c\"]", ".a..",
                           ".a[1:x]", ".a[99999999999999999999]"}) {
    const auto path = JsonPath::parse(text);
    ASSERT_FALSE(path) << text;
    EXPECT_EQ(path.error().kind, core::ErrorKind::invalid);
    EXPECT_TRUE(path.error().message.contains("position")) << path.error().message;
  }
}

}  // namespace
}  // namespace kube
