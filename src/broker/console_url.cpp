#include "broker/console_url.hpp"

#include <ranges>
#include <vector>

#include "core/hash.hpp"

namespace broker {

namespace {

std::string_view console_domain(std::string_view partition) {
  if (partition == "aws-cn") return "amazonaws.cn";
  if (partition == "aws-us-gov") return "amazonaws-us-gov.com";
  return "aws.amazon.com";
}

}  // namespace

std::string console_url(std::string_view stack_id) {
  // arn:<partition>:cloudformation:<region>:<account>:stack/<name>/<id>
  std::vector<std::string_view> parts;
  for (const auto part : std::views::split(stack_id, ':')) parts.emplace_back(part);
  if (parts.size() != 6 || parts[0] != "arn" || parts[2] != "cloudformation") return {};
  const std::string region(parts[3]);
  return "https://" + region + ".console." + std::string(console_domain(parts[1])) +
         "/cloudformation/home?region=" + region +
         "#/stacks/stackinfo?stackId=" + core::percent_encode(stack_id);
}

}  // namespace broker
