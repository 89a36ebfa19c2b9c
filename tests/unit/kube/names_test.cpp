#include "kube/names.hpp"

#include <set>

#include <gtest/gtest.h>

namespace kube {
namespace {

TEST(Names, are_checked_by_their_kind) {
  struct Case {
    Complaint (*check)(std::string_view);
    std::string name;
    bool valid;
  };
  const std::string label63(63, 'a');
  const std::vector<Case> cases{
      {check_dns_label, "my-name", true},
      {check_dns_label, "1a", true},
      {check_dns_label, label63, true},
      {check_dns_label, label63 + "a", false},
      {check_dns_label, "", false},
      {check_dns_label, "a.b", false},
      {check_dns_label, "A", false},
      {check_dns_label, "-a", false},
      {check_dns_label, "a-", false},
      {check_dns_subdomain, "a.b-c.d1", true},
      {check_dns_subdomain, "a..b", false},
      {check_dns_subdomain, ".a", false},
      {check_dns_subdomain, "a.", false},
      {check_dns_subdomain, "a_b", false},
      {check_dns_subdomain, "", false},
      {check_dns_subdomain, std::string(254, 'a'), false},
      {check_path_segment, "system:role", true},
      {check_path_segment, ".", false},
      {check_path_segment, "a/b", false},
      {check_label_key, "app.kubernetes.io/name", true},
      {check_label_key, "Name_1.x", true},
      {check_label_key, "a/b/c", false},
      {check_label_key, "a_b/c", false},
      {check_label_key, "a/", false},
      {check_label_key, "", false},
      {check_label_key, label63, true},
      {check_label_key, label63 + "a", false},
      {check_label_value, "", true},
      {check_label_value, "v1.0_x-Y", true},
      {check_label_value, "a b", false},
      {check_label_value, "-a", false},
      {check_label_value, label63 + "a", false},
      {check_secret_key, "tls.crt", true},
      {check_secret_key, "_.x-Y", true},
      {check_secret_key, ".hidden", true},
      {check_secret_key, "", false},
      {check_secret_key, ".", false},
      {check_secret_key, "..a", false},
      {check_secret_key, "a/b", false},
  };
  for (const Case& test : cases) EXPECT_EQ(!test.check(test.name), test.valid) << test.name;
}

TEST(Names, are_generated_from_a_prefix_and_five_characters_that_spell_no_word) {
  std::set<std::string> names;
  for (int i = 0; i < 100; ++i) names.insert(generate_name("web-"));
  EXPECT_GT(names.size(), 95U);
  for (const std::string& name : names) {
    EXPECT_EQ(name.size(), 9U);
    EXPECT_TRUE(name.starts_with("web-"));
    EXPECT_EQ(name.substr(4).find_first_of("aeiou013"), std::string::npos) << name;
    EXPECT_EQ(check_dns_label(name), std::nullopt);
  }
  EXPECT_EQ(generate_name(std::string(80, 'a')).size(), 63U);
}

}  // namespace
}  // namespace kube
