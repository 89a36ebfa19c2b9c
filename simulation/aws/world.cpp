#include "simulation/aws/world.hpp"

namespace simulation {

World::World(const Timeline& timeline, const Random& random, AwsSettings given)
    : settings(std::move(given)),
      chances(random.stream("chances")),
      timeline_(timeline),
      names_(random.stream("names")) {}

std::string World::uuid() {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx";
  std::uint64_t bits = 0;
  int left = 0;
  for (char& c : text) {
    if (c != 'x') continue;
    if (left == 0) {
      bits = names_.next();
      left = 16;
    }
    c = digits[bits & 15U];
    bits >>= 4U;
    --left;
  }
  return text;
}

std::string World::upper_alphanumeric(std::size_t length) {
  static constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text(length, ' ');
  for (char& c : text) c = letters[names_.below(letters.size())];
  return text;
}

std::string World::alphanumeric(std::size_t length) {
  static constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string text(length, ' ');
  for (char& c : text) c = letters[names_.below(letters.size())];
  return text;
}

std::string World::arn(std::string_view service, std::string_view resource, bool has_region) const {
  std::string text = "arn:aws:";
  text.append(service).append(":").append(has_region ? settings.region : "").append(":");
  text.append(settings.account).append(":").append(resource);
  return text;
}

std::optional<AwsFault> World::next_fault(const Call& call) {
  for (AwsFault& fault : faults) {
    if (fault.times == 0 || (fault.until && *fault.until <= now())) continue;
    if (!fault.service.empty() && fault.service != call.service) continue;
    if (!fault.action.empty() && fault.action != call.action) continue;
    if (!fault.key_id.empty() && fault.key_id != call.caller.key_id) continue;
    if (fault.chance < 1 && !chances.chance(fault.chance)) continue;
    if (fault.times > 0) --fault.times;
    return fault;
  }
  std::erase_if(faults, [this](const AwsFault& fault) {
    return fault.times == 0 || (fault.until && *fault.until <= now());
  });
  if (settings.throttled > 0 && chances.chance(settings.throttled)) {
    const bool is_json = call.service == "ssm" || call.service == "kms" || call.service == "secretsmanager";
    if (call.service == "dynamodb")
      return AwsFault{.code = "ProvisionedThroughputExceededException",
                      .message = "The level of configured provisioned throughput for the table was exceeded.",
                      .status = 400};
    if (call.service == "s3")
      return AwsFault{.code = "SlowDown", .message = "Please reduce your request rate.", .status = 503};
    if (call.service == "lambda")
      return AwsFault{.code = "TooManyRequestsException", .message = "Rate Exceeded.", .status = 429};
    return AwsFault{
        .code = is_json ? "ThrottlingException" : "Throttling", .message = "Rate exceeded", .status = 400};
  }
  for (const bool is_late : {false, true}) {
    const double chance = is_late ? settings.server_error_late : settings.server_error;
    if (chance > 0 && chances.chance(chance)) {
      const bool is_unavailable = chances.chance(0.5);
      return AwsFault{.code = is_unavailable ? "ServiceUnavailable" : "InternalFailure",
                      .message = "We encountered an internal error. Please try again.",
                      .status = is_unavailable ? 503 : 500,
                      .is_late = is_late};
    }
  }
  return std::nullopt;
}

}  // namespace simulation
