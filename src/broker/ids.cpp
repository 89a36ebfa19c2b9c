#include "broker/ids.hpp"

#include <algorithm>

#include "core/hash.hpp"

namespace broker {

namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

core::Result<Ids> Ids::make(std::string_view account_id, std::string_view broker_id) {
  if (broker_id.empty() || !std::ranges::all_of(broker_id, is_letter_or_digit)) {
    return core::fail(core::ErrorKind::invalid,
                      "the broker id \"" + std::string(broker_id) + "\" must consist of letters and digits");
  }
  return Ids(core::Uuid::from_name(core::Uuid(), std::string(account_id) + std::string(broker_id)));
}

std::string Ids::class_id(std::string_view class_name) const {
  return core::Uuid::from_name(account_, class_name).to_string();
}

std::string Ids::plan_id(std::string_view class_name, std::string_view plan_name) const {
  const std::string name = "service__" + std::string(class_name) + "__plan__" + std::string(plan_name);
  return core::Uuid::from_name(account_, name).to_string();
}

std::string stack_name(std::string_view class_name, std::string_view instance_id) {
  std::string name = "aws-service-broker-" + std::string(class_name) + "-" + std::string(instance_id);
  std::ranges::replace_if(name, [](char c) { return !is_letter_or_digit(c) && c != '-'; }, '-');
  return name.substr(0, 128);
}

std::string binding_user_name(std::string_view binding_id) {
  constexpr std::size_t longest = 64;
  std::string name = "aws-sb-binding-" + std::string(binding_id);
  const bool fits = name.size() <= longest &&
                    std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '-'; });
  return fits ? name : "aws-sb-binding-" + core::sha256_hex(binding_id).substr(0, 48);
}

std::string request_token(std::string_view act, std::string_view instance_id) {
  return std::string(act) + "-" + core::sha256_hex(instance_id).substr(0, 40);
}

}  // namespace broker
