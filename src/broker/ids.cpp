#include "broker/ids.hpp"

#include <algorithm>

#include "core/hash.hpp"

namespace broker {

namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

constexpr std::string_view user_prefix = "aws-sb-binding-";
constexpr std::size_t longest_user_name = 64;  // IAM's limit

std::string digest_of(std::string_view binding_id) {
  return core::sha256_hex(binding_id).substr(0, 48);
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
  std::string name = std::string(user_prefix) + std::string(binding_id);
  const bool is_plain = name.size() <= longest_user_name && std::ranges::all_of(name, [](char c) {
                          return (is_letter_or_digit(c) && !(c >= 'A' && c <= 'Z')) || c == '-';
                        });
  // No plain id has an underscore: none gives the name of another one's digest.
  return is_plain ? name : std::string(user_prefix) + "_" + digest_of(binding_id);
}

std::vector<std::string> possible_binding_user_names(std::string_view binding_id) {
  std::string now = binding_user_name(binding_id);
  std::string before = std::string(user_prefix) + std::string(binding_id);
  const bool was_plain = before.size() <= longest_user_name && std::ranges::all_of(before, [](char c) {
                           return is_letter_or_digit(c) || c == '-';
                         });
  if (!was_plain) before = std::string(user_prefix) + digest_of(binding_id);
  if (before == now) return {now};
  return {now, before};
}

std::string request_token(std::string_view act, std::string_view instance_id) {
  return std::string(act) + "-" + core::sha256_hex(instance_id).substr(0, 40);
}

}  // namespace broker
