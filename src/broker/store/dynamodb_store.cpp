#include "broker/store/dynamodb_store.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <ranges>

#include "broker/account_parameters.hpp"
#include "broker/value_text.hpp"

namespace broker {

namespace json = boost::json;

namespace {

constexpr const char* instance_type = "serviceinstance";
constexpr const char* binding_type = "servicebinding";
constexpr const char* template_type = "template";
constexpr const char* index = "type-userid-index";

json::object text(std::string_view value) {
  return aws::string_attribute(value);
}
json::object number(std::int64_t value) {
  return {{"N", std::to_string(value)}};
}

std::string template_id(const std::string& digest) {
  return "template-" + digest;
}
std::string setting_id(const std::string& name) {
  return "setting-" + name;
}

// 0 for an item that the Go broker wrote.
std::int64_t version_of(const aws::Item& item) {
  const std::string_view digits = core::find_string(item, {"version", "N"});
  std::int64_t version = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), version);
  return version;
}

json::object params_of(const json::object& parameters) {
  json::object map;
  for (const auto& entry : parameters) {
    map[entry.key()] = text(value_text(entry.value()));
  }
  return {{"M", std::move(map)}};
}

// nullopt for an item that the Go broker wrote. A broken record is an error: read as the Go broker's it would
// have lost the binding's user.
core::Result<std::optional<json::object>> own_record(const aws::Item& item) {
  if (!item.contains("record")) return std::nullopt;
  auto parsed = core::parse_json(aws::string_of(item, {"record"}));
  if (!parsed || !parsed->is_object()) {
    return core::fail(core::ErrorKind::internal, "the attribute record of the item " +
                                                     std::string(aws::string_of(item, {"id"})) +
                                                     " is no JSON object");
  }
  return std::move(parsed->get_object());
}

// arn:<partition>:cloudformation:<region>:<account>:stack/<name>/<id> says where the Go broker made the
// stack.
void add_place_of_stack(InstanceRecord& record) {
  std::vector<std::string> parts;
  for (const auto part : std::views::split(record.stack_id, ':'))
    parts.emplace_back(part.begin(), part.end());
  if (parts.size() != 6) return;
  record.region = parts[3];
  const std::string_view role = core::find_string(record.parameters, {"target_role_name"});
  if (!role.empty()) record.role_arn = "arn:" + parts[1] + ":iam::" + parts[4] + ":role/" + std::string(role);
  const std::size_t name = parts[5].find('/') + 1;
  record.stack_name = parts[5].substr(name, parts[5].find('/', name) - name);
}

core::Result<InstanceRecord> to_instance(const aws::Item& item) {
  InstanceRecord record;
  const auto own = own_record(item);
  if (!own) return core::fail(own.error());
  if (*own) {
    record = instance_from_json(**own);
  } else {
    // The Go broker records an instance after CreateStack has answered; whether the stack is complete a poll
    // finds out.
    record.id = aws::string_of(item, {"id"});
    record.service_id = aws::string_of(item, {"serviceinstance", "M", "ServiceID"});
    record.plan_id = aws::string_of(item, {"serviceinstance", "M", "PlanID"});
    record.stack_id = aws::string_of(item, {"serviceinstance", "M", "StackID"});
    record.phase = InstancePhase::creating;
    if (const auto* params = core::find_object(item, {"serviceinstance", "M", "Params", "M"})) {
      json::object sent;
      for (const auto& entry : *params) {
        const std::string_view value = core::find_string(*params, {entry.key(), "S"});
        record.parameters[entry.key()] = value;
        if (!is_account_parameter(entry.key())) sent[entry.key()] = value;
      }
      record.stack_input["parameters"] = std::move(sent);
    }
    add_place_of_stack(record);
  }
  record.version = version_of(item);
  return record;
}

core::Result<BindingRecord> to_binding(const aws::Item& item) {
  BindingRecord record;
  const auto own = own_record(item);
  if (!own) return core::fail(own.error());
  if (*own) {
    record = binding_from_json(**own);
  } else {
    record.id = aws::string_of(item, {"id"});
    record.instance_id = aws::string_of(item, {"servicebinding", "M", "InstanceID"});
    record.policy_arn = aws::string_of(item, {"servicebinding", "M", "PolicyArn"});
    record.role_name = aws::string_of(item, {"servicebinding", "M", "RoleName"});
    record.scope = aws::string_of(item, {"servicebinding", "M", "Scope"});
    record.phase = BindingPhase::ready;
  }
  record.version = version_of(item);
  return record;
}

StoredTemplate to_template(const aws::Item& item) {
  return {.digest = std::string(aws::string_of(item, {"digest"})),
          .body = std::string(aws::string_of(item, {"body"})),
          .kept_at = version_of(item)};
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

async::Task<core::Result<>> DynamoDbStore::put(aws::Item item, std::int64_t previous_version) {
  return dynamodb_.put_item(table_, std::move(item), still_at(previous_version));
}

async::Task<core::Result<>> DynamoDbStore::remove(const std::string& id, std::int64_t version) {
  return dynamodb_.delete_item(table_, key(id), still_at(version));
}

async::Task<core::Result<aws::ItemPage>> DynamoDbStore::page(std::string type, aws::Item start) {
  aws::Condition condition;
  condition.expression = "#type = :type AND userid = :account";
  condition.names["#type"] = "type";
  condition.values[":type"] = text(type);
  condition.values[":account"] = text(account_uuid_);
  auto page = co_await dynamodb_.query(table_, index, std::move(condition), std::move(start));
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
  item["type"] = text(instance_type);
  item["serviceinstance"] = json::object{{"M", json::object{{"ID", text(record.id)},
                                                            {"ServiceID", text(record.service_id)},
                                                            {"PlanID", text(record.plan_id)},
                                                            {"StackID", text(record.stack_id)},
                                                            {"Params", params_of(record.parameters)}}}};
  item["record"] = text(core::to_text(to_json(record)));
  item["version"] = number(record.version);
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
      if (!record) co_return core::fail(std::move(record.error()));
      visit(std::move(*record));
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
  aws::Item item = key(record.id);
  item["type"] = text(binding_type);
  item["servicebinding"] = json::object{{"M", json::object{{"ID", text(record.id)},
                                                           {"InstanceID", text(record.instance_id)},
                                                           {"PolicyArn", text(record.policy_arn)},
                                                           {"RoleName", text(record.role_name)},
                                                           {"Scope", text(record.scope)}}}};
  item["record"] = text(core::to_text(to_json(record)));
  item["version"] = number(record.version);
  auto written = co_await put(std::move(item), previous);
  if (!written) co_return core::fail(std::move(written.error()));
  co_return record;
}

async::Task<core::Result<>> DynamoDbStore::remove_binding(BindingRecord record) {
  return remove(record.id, record.version);
}

async::Task<core::Result<std::vector<BindingRecord>>> DynamoDbStore::list_bindings(std::string instance_id) {
  auto records = co_await list_all_bindings();
  if (records)
    std::erase_if(*records, [&](const BindingRecord& each) { return each.instance_id != instance_id; });
  co_return records;
}

async::Task<core::Result<std::vector<BindingRecord>>> DynamoDbStore::list_all_bindings() {
  const auto items = co_await list(binding_type);
  if (!items) co_return core::fail(items.error());
  std::vector<BindingRecord> records;
  for (const aws::Item& item : *items) {
    auto record = to_binding(item);
    if (!record) co_return core::fail(std::move(record.error()));
    records.push_back(std::move(*record));
  }
  co_return records;
}

async::Task<core::Result<std::optional<StoredTemplate>>> DynamoDbStore::get_template(std::string digest) {
  const auto item = co_await dynamodb_.get_item(table_, key(template_id(digest)));
  if (!item) co_return core::fail(item.error());
  if (!*item) co_return std::optional<StoredTemplate>();
  co_return to_template(**item);
}

// A body is within CloudFormation's limit for a request, 51,200 bytes: far from DynamoDB's 400 kB of an item.
async::Task<core::Result<>> DynamoDbStore::put_template(StoredTemplate kept) {
  aws::Item item = key(template_id(kept.digest));
  item["type"] = text(template_type);
  item["digest"] = text(kept.digest);
  item["body"] = text(kept.body);
  item["version"] = number(kept.kept_at);
  return dynamodb_.put_item(table_, std::move(item), {});
}

async::Task<core::Result<>> DynamoDbStore::remove_template(StoredTemplate kept) {
  return remove(template_id(kept.digest), kept.kept_at);
}

async::Task<core::Result<std::vector<StoredTemplate>>> DynamoDbStore::list_templates() {
  const auto items = co_await list(template_type);
  if (!items) co_return core::fail(items.error());
  std::vector<StoredTemplate> templates;
  for (const aws::Item& item : *items) templates.push_back(to_template(item));
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
  item["type"] = text("setting");
  item["value"] = text(value);
  item["version"] = number(1);
  return put(std::move(item), 0);
}

}  // namespace broker
