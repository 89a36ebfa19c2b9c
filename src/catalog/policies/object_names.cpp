#include "catalog/policies/object_names.hpp"

#include "core/hash.hpp"
#include "kube/resource.hpp"

namespace catalog {

namespace {

bool is_lower_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// A DNS subdomain (RFC 1123): what Kubernetes takes as a name.
bool is_valid_name(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  if (!is_lower_alphanumeric(name.front()) || !is_lower_alphanumeric(name.back())) return false;
  char before = 'a';
  for (char c : name) {
    if (!is_lower_alphanumeric(c) && c != '-' && c != '.') return false;
    bool edge_of_label =
        (c == '.' && !is_lower_alphanumeric(before)) || (before == '.' && !is_lower_alphanumeric(c));
    if (edge_of_label) return false;
    before = c;
  }
  return true;
}

// What can be read of the id, and a digest that tells it from all others.
std::string derived_name(std::string_view external_id, std::string_view digested) {
  std::string readable;
  for (char c : external_id.substr(0, 32)) {
    char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    readable += is_lower_alphanumeric(lower) ? lower : '-';
  }
  readable.erase(0, readable.find_first_not_of('-'));
  return (readable.empty() ? "" : readable + "-") + core::sha256_hex(digested).substr(0, 16);
}

}  // namespace

std::string object_name(std::string_view external_id) {
  return is_valid_name(external_id) ? std::string(external_id) : derived_name(external_id, external_id);
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
