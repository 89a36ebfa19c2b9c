// An object's state in a word and in a line.
#include "svcat/status_text.hpp"

#include <gtest/gtest.h>

#include "objects.hpp"

namespace svcat {
namespace {

TEST(StatusText, is_that_of_the_last_condition) {
  const struct {
    const char *status, *word, *line;
  } table[] = {
      {ready, "Ready", "Ready - It is there @ 2026-01-31T10:00:00Z"},
      {failing, "Provisioning", "Provisioning @ 2026-01-31T10:00:00Z"},
      {R"({"conditions":[{"type":"Ready","status":"False","reason":"Failing"},
                         {"type":"Failed","status":"True","reason":"Why","message":"no quota"}]})",
       "Failed", "Failed - no quota"},
      {R"({"conditions":[]})", "", ""},
      {"{}", "", ""},
      {R"({"conditions":"none"})", "", ""},
      {R"({"conditions":[7]})", "", ""},
  };
  for (const auto& each : table) {
    const auto object = an_object("a", "ns", "{}", each.status);
    EXPECT_EQ(short_status(object), each.word) << each.status;
    EXPECT_EQ(full_status(object), each.line) << each.status;
  }
  EXPECT_EQ(full_status({}), "");
}

TEST(StatusText, of_an_offer_says_whether_the_broker_still_makes_it) {
  EXPECT_EQ(offer_status(an_object("a", "", "{}")), "Active");
  EXPECT_EQ(offer_status(an_object("a", "", "{}", R"({"removedFromBrokerCatalog":false})")), "Active");
  EXPECT_EQ(offer_status(an_object("a", "", "{}", R"({"removedFromBrokerCatalog":true})")), "Deprecated");
}

}  // namespace
}  // namespace svcat
