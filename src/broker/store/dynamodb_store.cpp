#include "broker/store/dynamodb_store.hpp"

#include <charconv>

namespace broker {

namespace json = boost::json;

namespace {

constexpr const char* instance_type = "serviceinstance";
constexpr const char* binding_type = "servicebinding";
constexpr const char* index = "type-userid-index";

json::object text(std::string_view value) {
  return aws::string_attribute(value);
}
json::object number(std::int64_t value) {
  return {{"N", std::to_string(value)}};
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
    map[entry.key()] = text(entry.value().is_string() ? std::string(entry.value().get_string())
                                                      : core::to_text(entry.value()));
  }
  return {{"M", std::move(map)}};
}

std::optional<json::object> own_record(const aws::Item& item) {
  const std::string_view body = aws::string_of(item, {"record"});
  if (body.empty()) return std::nullopt;
  auto parsed = core::parse_json(body);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  return std::move(parsed->get_object());
}

InstanceRecord to_instance(const aws::Item& item) {
  InstanceRecord record;
  if (const auto own = own_record(item)) {
    record = instance_from_json(*own);
  } else {
    // The Go broker records an instance after CreateStack has answered; whether the stack is complete a poll
    // finds out.
    record.id = aws::string_of(item, {"id"});
    record.service_id = aws::string_of(item, {"serviceinstance", "M", "ServiceID"});
    record.plan_id = aws::string_of(item, {"serviceinstance", "M", "PlanID"});
    record.stack_id = aws::string_of(item, {"serviceinstance", "M", "StackID"});
    record.phase = InstancePhase::creating;
    if (const auto* params = core::find_object(item, {"serviceinstance", "M", "Params", "M"})) {
      for (const auto& entry : *params)
        record.parameters[entry.key()] = core::find_string(*params, {entry.key(), "S"});
    }
  }
  record.version = version_of(item);
  return record;
}

BindingRecord to_binding(const aws::Item& item) {
  BindingRecord record;
  if (const auto own = own_record(item)) {
    record = binding_from_json(*own);
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

}  // namespace

DynamoDbStore::DynamoDbStore(aws::Session& session, std::string table, std::string account_uuid)
    : dynamodb_(session), table_(std::move(table)), account_uuid_(std::move(account_uuid)) {}

aws::Item DynamoDbStore::key(const std::string& id) const {
  return {{"id", text(id)}, {"userid", text(account_uuid_)}};
}

async::Task<core::Result<>> DynamoDbStore::put(aws::Item item, std::int64_t previous_version) {
  aws::Condition condition;
  if (previous_version == 0) {
    condition.expression = "attribute_not_exists(version)";  // also true for an item that the Go broker wrote
  } else {
    condition.expression = "version = :previous";
    condition.values[":previous"] = number(previous_version);
  }
  return dynamodb_.put_item(table_, std::move(item), std::move(condition));
}

async::Task<core::Result<>> DynamoDbStore::remove(const std::string& id, std::int64_t version) {
  aws::Condition condition;
  if (version > 0) {
    condition.expression = "version = :version";
    condition.values[":version"] = number(version);
  }
  aws::Item item_key = key(id);
  return dynamodb_.delete_item(table_, std::move(item_key), std::move(condition));
}

async::Task<core::Result<std::vector<aws::Item>>> DynamoDbStore::list(const std::string& type) {
  aws::Condition condition;
  condition.expression = "#type = :type AND userid = :account";
  condition.names["#type"] = "type";
  condition.values[":type"] = text(type);
  condition.values[":account"] = text(account_uuid_);
  return dynamodb_.query(table_, index, std::move(condition), "");
}

async::Task<core::Result<std::optional<InstanceRecord>>> DynamoDbStore::get_instance(std::string id) {
  auto item = co_await dynamodb_.get_item(table_, key(id));
  if (!item) co_return core::fail(std::move(item.error()));
  if (!*item || aws::string_of(**item, {"type"}) != instance_type) co_return std::optional<InstanceRecord>();
  co_return std::optional<InstanceRecord>(to_instance(**item));
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
  return remove(std::move(record.id), record.version);
}

async::Task<core::Result<std::vector<InstanceRecord>>> DynamoDbStore::list_instances() {
  const auto items = co_await list(instance_type);
  if (!items) co_return core::fail(items.error());
  std::vector<InstanceRecord> records;
  for (const aws::Item& item : *items) records.push_back(to_instance(item));
  co_return records;
}

async::Task<core::Result<std::optional<BindingRecord>>> DynamoDbStore::get_binding(std::string id) {
  auto item = co_await dynamodb_.get_item(table_, key(id));
  if (!item) co_return core::fail(std::move(item.error()));
  if (!*item || aws::string_of(**item, {"type"}) != binding_type) co_return std::optional<BindingRecord>();
  co_return std::optional<BindingRecord>(to_binding(**item));
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
  return remove(std::move(record.id), record.version);
}

async::Task<core::Result<std::vector<BindingRecord>>> DynamoDbStore::list_bindings(std::string instance_id) {
  const auto items = co_await list(binding_type);
  if (!items) co_return core::fail(items.error());
  std::vector<BindingRecord> records;
  for (const aws::Item& item : *items) {
    BindingRecord record = to_binding(item);
    if (record.instance_id == instance_id) records.push_back(std::move(record));
  }
  co_return records;
}

}  // namespace broker
