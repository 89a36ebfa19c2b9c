#include "osb/catalog_document.hpp"

#include <array>

#include "core/gzip.hpp"
#include "core/hash.hpp"
#include "core/json.hpp"
#include "osb/answers.hpp"

namespace osb {

namespace json = boost::json;

namespace {

struct NewerField {
  std::string_view name;
  int since;  // the minor version that brought it (release-notes.md)
};
constexpr std::array<NewerField, 3> newer_of_offerings{
    {{"instances_retrievable", 14}, {"bindings_retrievable", 14}, {"allow_context_updates", 15}}};
constexpr std::array<NewerField, 4> newer_of_plans{{{"plan_updateable", 15},
                                                    {"maintenance_info", 15},
                                                    {"maximum_polling_duration", 15},
                                                    {"binding_rotatable", 17}}};

json::array* find_array(json::object& object, std::string_view key) {
  json::value* const found = object.if_contains(key);
  return found != nullptr ? found->if_array() : nullptr;
}

void erase_newer(json::object& object, std::span<const NewerField> fields, int minor_version) {
  for (const NewerField& field : fields) {
    if (minor_version < field.since) object.erase(field.name);
  }
}

std::string text_for(const std::string& newest, int minor_version) {
  auto catalog = core::parse_json(newest);
  json::array* const services =
      catalog && catalog->is_object() ? find_array(catalog->get_object(), "services") : nullptr;
  if (services == nullptr) return newest;
  for (json::value& service : *services) {
    json::object& offering = service.as_object();
    erase_newer(offering, newer_of_offerings, minor_version);
    json::array* const plans = find_array(offering, "plans");
    if (plans == nullptr) continue;
    for (json::value& plan : *plans) erase_newer(plan.as_object(), newer_of_plans, minor_version);
  }
  return core::to_text(*catalog);
}

}  // namespace

CatalogDocument::CatalogDocument(std::string json) {
  const std::string digest = core::sha256_hex(json).substr(0, 32);
  gzip = {.body = std::make_shared<const std::string>(core::gzip(json)), .etag = "\"" + digest + "-gzip\""};
  plain = {.body = std::make_shared<const std::string>(std::move(json)), .etag = "\"" + digest + "\""};
}

const CatalogDocument& CatalogDocument::for_version(int minor_version) const {
  if (minor_version >= newest_minor_version) return *this;
  std::unique_ptr<const CatalogDocument>& older = older_[minor_version];
  if (!older) older = std::make_unique<const CatalogDocument>(text_for(*plain.body, minor_version));
  return *older;
}

}  // namespace osb
