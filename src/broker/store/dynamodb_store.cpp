#include "broker/store/dynamodb_store.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "broker/store/dynamodb_items.hpp"

namespace broker {

namespace {

using items::binding_type;
using items::instance_type;
using items::list_type;
using items::number;
using items::template_type;
using items::text;
using items::to_binding;
using items::to_bindings;
using items::to_instance;
using items::to_template;

constexpr const char* index = "type-userid-index";

std::string template_id(const std::string& digest) {
  return "template-" + digest;
}
std::string setting_id(const std::string& name) {
  return "setting-" + name;
}

void add(aws::Item& item, aws::Item attributes) {
  for (auto& entry : attributes) item[entry.key()] = std::move(entry.value());
}

aws::Condition still_at(std::int64_t version) {
  aws::Condition condition;
  if (version == 0) {
    condition.expression = "attribute_not_exists(version)";  // also true for an item that the Go broker wrote
  } else {
    condition.expression = "version = :version";
    condition.values[":version"] = number(version);
  }
  return condition;
}

template <class Record>
core::Result<std::optional<Record>> optional_of(core::Result<Record> record) {
  if (!record) return core::fail(std::move(record.error()));
  return std::optional<Record>(std::move(*record));
}

}  // namespace

DynamoDbStore::DynamoDbStore(aws::Session& session, std::string table, std::string account_uuid)
    : dynamodb_(session), table_(std::move(table)), account_uuid_(std::move(account_uuid)) {}

aws::Item DynamoDbStore::key(const std::string& id) const {
  return {{"id", text(id)}, {"userid", text(account_uuid_)}};
}

std::string DynamoDbStore::list_of(const std::string& instance_id) const {
  return account_uuid_ + "/" + instance_id;
}

aws::Item DynamoDbStore::key_in_list(const std::string& binding_id, const std::string& instance_id) const {
  return {{"id", text(binding_id)}, {"userid", text(list_of(instance_id))}};
}

async::Task<core::Result<>> DynamoDbStore::put(aws::Item item, std::int64_t previous_version) {
  return dynamodb_.put_item(table_, std::move(item), still_at(previous_version));
}

async::Task<core::Result<>> DynamoDbStore::remove(const std::string& id, std::int64_t version) {
  return dynamodb_.delete_item(table_, key(id), still_at(version));
}

async::Task<core::Result<>> DynamoDbStore::add_to_list(const std::string& binding_id,
                                                       const std::string& instance_id) {
  aws::Item item = key_in_list(binding_id, instance_id);
  item["type"] = text(list_type);
  return dynamodb_.put_item(table_, std::move(item), {});
}

async::Task<core::Result<aws::ItemPage>> DynamoDbStore::indexed_page(const std::string& type,
                                                                     const std::string& userid,
                                                                     aws::Item start) {
  aws::Condition condition;
  condition.expression = "#type = :type AND userid = :userid";
  condition.names["#type"] = "type";
  condition.values[":type"] = text(type);
  condition.values[":userid"] = text(userid);
  return dynamodb_.query(table_, index, std::move(condition), std::move(start));
}

async::Task<core::Result<aws::ItemPage>> DynamoDbStore::page(std::string type, aws::Item start) {
  auto page = co_await indexed_page(type, account_uuid_, std::move(start));
  if (!page) co_return page;
  auto items = co_await with_all_attributes(std::move(page->items));
  if (!items) co_return core::fail(std::move(items.error()));
  page->items = std::move(*items);
  co_return page;
}

async::Task<core::Result<std::vector<aws::Item>>> DynamoDbStore::list(std::string type) {
  std::vector<aws::Item> items;
  aws::Item start;
  do {
    auto part = co_await page(type, std::move(start));
    if (!part) co_return core::fail(std::move(part.error()));
    std::ranges::move(part->items, std::back_inserter(items));
    start = std::move(part->next);
  } while (!start.empty());
  co_return items;
}

// The index of the Go broker's own set-up holds id, userid, type and locked; ours holds everything.
async::Task<core::Result<std::vector<aws::Item>>> DynamoDbStore::with_all_attributes(
    std::vector<aws::Item> items) {
  std::vector<aws::Item> keys;
  std::erase_if(items, [&](const aws::Item& item) {
    // Of what we write every item has a version; the Go broker's have an attribute of their type's name.
    const bool is_cut = !item.contains("version") && !item.contains(aws::string_of(item, {"type"}));
    if (is_cut) keys.push_back(key(std::string(aws::string_of(item, {"id"}))));
    return is_cut;
  });
  if (keys.empty()) co_return items;
  auto found = co_await dynamodb_.batch_get_items(table_, std::move(keys));
  if (!found) co_return found;
  std::ranges::move(*found, std::back_inserter(items));
  std::ranges::sort(items, {}, [](const aws::Item& item) { return aws::string_of(item, {"id"}); });
  co_return items;
}

async::Task<core::Result<std::optional<InstanceRecord>>> DynamoDbStore::get_instance(std::string id) {
  auto item = co_await dynamodb_.get_item(table_, key(id));
  if (!item) co_return core::fail(std::move(item.error()));
  if (!*item || aws::string_of(**item, {"type"}) != instance_type) co_return std::optional<InstanceRecord>();
  co_return optional_of(to_instance(**item));
}

async::Task<core::Result<InstanceRecord>> DynamoDbStore::put_instance(InstanceRecord record) {
  const std::int64_t previous = record.version++;
  aws::Item item = key(record.id);
  add(item, items::attributes_of(record));
  auto written = co_await put(std::move(item), previous);
  if (!written) co_return core::fail(std::move(written.error()));
  co_return record;
}

async::Task<core::Result<>> DynamoDbStore::remove_instance(InstanceRecord record) {
  return remove(record.id, record.version);
}

async::Task<core::Result<>> DynamoDbStore::visit_instances(InstanceVisitor visit) {
  aws::Item start;
  do {
    auto part = co_await page(instance_type, std::move(start));
    if (!part) co_return core::fail(std::move(part.error()));
    for (const aws::Item& item : part->items) {
      auto record = to_instance(item);
      visit(record ? std::move(*record)
                   : InstanceRecord{.id = std::string(aws::string_of(item, {"id"})),
                                    .phase = InstancePhase::ready,
                                    .readable = false});
    }
    start = std::move(part->next);
  } while (!start.empty());
  co_return core::Result<>();
}

async::Task<core::Result<std::optional<BindingRecord>>> DynamoDbStore::get_binding(std::string id) {
  auto item = co_await dynamodb_.get_item(table_, key(id));
  if (!item) co_return core::fail(std::move(item.error()));
  if (!*item || aws::string_of(**item, {"type"}) != binding_type) co_return std::optional<BindingRecord>();
  co_return optional_of(to_binding(**item));
}

async::Task<core::Result<BindingRecord>> DynamoDbStore::put_binding(BindingRecord record) {
  const std::int64_t previous = record.version++;
  if (previous == 0) {
    auto listed = co_await add_to_list(record.id, record.instance_id);
    if (!listed) co_return core::fail(std::move(listed.error()));
  }
  aws::Item item = key(record.id);
  add(item, items::attributes_of(record));
  auto written = co_await put(std::move(item), previous);
  if (!written) co_return core::fail(std::move(written.error()));
  co_return record;
}

async::Task<core::Result<>> DynamoDbStore::remove_binding(BindingRecord record) {
  auto removed = co_await remove(record.id, record.version);
  // Where it stays, it names a binding that is not there, and is passed over.
  if (removed)
    std::ignore = co_await dynamodb_.delete_item(table_, key_in_list(record.id, record.instance_id), {});
  co_return removed;
}

async::Task<core::Result<std::vector<BindingRecord>>> DynamoDbStore::list_bindings(std::string instance_id) {
  std::vector<aws::Item> items;
  if (all_are_listed_) {
    std::vector<aws::Item> keys;
    aws::Item start;
    do {
      auto part = co_await indexed_page(list_type, list_of(instance_id), std::move(start));
      if (!part) co_return core::fail(std::move(part.error()));
      for (const aws::Item& each : part->items)
        keys.push_back(key(std::string(aws::string_of(each, {"id"}))));
      start = std::move(part->next);
    } while (!start.empty());
    auto found = co_await dynamodb_.batch_get_items(table_, std::move(keys));
    if (!found) co_return core::fail(std::move(found.error()));
    items = std::move(*found);
  } else {
    auto all = co_await list(binding_type);
    if (!all) co_return core::fail(std::move(all.error()));
    items = std::move(*all);
  }
  auto records = to_bindings(items);
  if (!records) co_return records;
  // Of one that cannot be read the list may be all that says whose it is.
  const bool from_list = all_are_listed_;
  std::erase_if(*records, [&](const BindingRecord& each) {
    const bool is_unknown = each.instance_id.empty() && from_list;
    return each.instance_id != instance_id && !is_unknown;
  });
  std::ranges::sort(*records, {}, &BindingRecord::id);
  co_return records;
}

async::Task<core::Result<std::vector<BindingRecord>>> DynamoDbStore::list_all_bindings() {
  const auto items = co_await list(binding_type);
  if (!items) co_return core::fail(items.error());
  auto records = to_bindings(*items);
  if (!records || all_are_listed_) co_return records;
  bool all_are_known = true;
  for (std::size_t i = 0; i < items->size(); ++i) {
    if ((*items)[i].contains("listed")) continue;
    if ((*records)[i].instance_id.empty()) {  // nobody knows whose it is
      all_are_known = false;
      continue;
    }
    auto listed = co_await add_to_list((*records)[i].id, (*records)[i].instance_id);
    if (!listed) co_return core::fail(std::move(listed.error()));
  }
  all_are_listed_ = all_are_known;
  co_return records;
}

async::Task<core::Result<std::optional<StoredTemplate>>> DynamoDbStore::get_template(std::string digest) {
  const auto item = co_await dynamodb_.get_item(table_, key(template_id(digest)));
  if (!item) co_return core::fail(item.error());
  if (!*item) co_return std::optional<StoredTemplate>();
  auto kept = to_template(**item);
  if (!kept) co_return core::fail(std::move(kept.error()));
  co_return std::move(*kept);
}

async::Task<core::Result<>> DynamoDbStore::put_template(StoredTemplate kept) {
  auto attributes = items::attributes_of(kept);
  if (!attributes) co_return core::fail(std::move(attributes.error()));
  aws::Item item = key(template_id(kept.digest));
  add(item, std::move(*attributes));
  co_return co_await dynamodb_.put_item(table_, std::move(item), {});
}

async::Task<core::Result<>> DynamoDbStore::remove_template(StoredTemplate kept) {
  return remove(template_id(kept.digest), kept.kept_at);
}

async::Task<core::Result<std::vector<StoredTemplate>>> DynamoDbStore::list_templates() {
  const auto items = co_await list(template_type);
  if (!items) co_return core::fail(items.error());
  std::vector<StoredTemplate> templates;
  for (const aws::Item& item : *items) {
    // One that cannot be read is nobody's to remove.
    if (auto kept = to_template(item)) templates.push_back(std::move(*kept));
  }
  co_return templates;
}

async::Task<core::Result<std::optional<std::string>>> DynamoDbStore::get_setting(std::string name) {
  const auto item = co_await dynamodb_.get_item(table_, key(setting_id(name)));
  if (!item) co_return core::fail(item.error());
  if (!*item) co_return std::optional<std::string>();
  co_return std::string(aws::string_of(**item, {"value"}));
}

async::Task<core::Result<>> DynamoDbStore::add_setting(std::string name, std::string value) {
  aws::Item item = key(setting_id(name));
  item["type"] = text(items::setting_type);
  item["value"] = text(value);
  item["version"] = number(1);
  return put(std::move(item), 0);
}

}  // namespace broker
