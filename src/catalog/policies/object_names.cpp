#include "catalog/policies/object_names.hpp"

#include "core/hash.hpp"
#include "core/text.hpp"
#include "kube/names.hpp"
#include "kube/resource.hpp"

namespace catalog {

namespace {

bool is_lower_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// What can be read of the id, and a digest that tells it from all others.
std::string derived_name(std::string_view external_id, std::string_view digested) {
  std::string readable;
  for (char c : core::to_lower(external_id.substr(0, 32))) readable += is_lower_alphanumeric(c) ? c : '-';
  readable.erase(0, readable.find_first_not_of('-'));
  return (readable.empty() ? "" : readable + "-") + core::sha256_hex(digested).substr(0, 16);
}

}  // namespace

std::string object_name(std::string_view external_id) {
  bool is_name = !kube::check_dns_subdomain(external_id);
  return is_name ? std::string(external_id) : derived_name(external_id, external_id);
}

ObjectNames::ObjectNames(std::string_view broker, std::span<const json::object* const> own, IsTaken is_taken)
    : broker_(broker), is_taken_(std::move(is_taken)) {
  for (const json::object* object : own) {
    by_id_.try_emplace(std::string(core::find_string(*object, {"spec", "externalID"})),
                       kube::name_of(*object));
    given_.emplace(kube::name_of(*object));
  }
}

std::string ObjectNames::name_for(std::string_view external_id) {
  if (auto known = by_id_.find(external_id); known != by_id_.end()) return known->second;
  std::string name = object_name(external_id);
  if (given_.contains(name) || is_taken_(name)) {
    name = derived_name(external_id, broker_ + "/" + std::string(external_id));
  }
  given_.insert(name);
  by_id_.emplace(external_id, name);
  return name;
}

}  // namespace catalog
