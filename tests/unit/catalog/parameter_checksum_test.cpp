#include "catalog/policies/parameter_checksum.hpp"

#include <gtest/gtest.h>

#include "objects.hpp"

namespace catalog {
namespace {

// Expected: sha256 of Go's json.Marshal of the same map.
TEST(ParameterChecksum, is_that_of_service_catalog_v031) {
  struct Case {
    const char* parameters;
    const char* checksum;
  };
  for (
      const Case& c : {
          Case{R"({"b":1,"a":"x"})", "cdab067e9f3beb32d1252cfd63e492592fecbf591b0d08cadb24bb17f3864246"},
          Case{
              R"({"a":0.5,"b":1e21,"c":1e-7,"d":-3.0,"e":12345678901234567890,"f":[],"g":{},"h":null,"i":true})",
              "8fb1d5b564a5bf2e79d230583f4727437a5374b1dcd6e1ec092450762e498fb0"},
          Case{R"({"s":"a<b>&c \"q\" \\ \n\t\u0001 \u2028 ü","n":{"z":[1,2.25],"y":{}}})",
               "f3ce529e74ea74734937c982934af40f128689e4abb27c0888f4990bbcf1d1ba"},
      }) {
    EXPECT_EQ(parameter_checksum(parse(c.parameters)), c.checksum) << c.parameters;
  }
}

}  // namespace
}  // namespace catalog
