#include "broker/store/dynamodb_items.hpp"

#include <charconv>
#include <ranges>

#include "broker/account_parameters.hpp"
#include "broker/template.hpp"
#include "broker/value_text.hpp"
#include "core/gzip.hpp"
#include "core/hash.hpp"

namespace broker::items {

namespace json = boost::json;

namespace {

constexpr const char* packed_body = "body_gzip";
constexpr std::size_t most_packed_bytes = 400'000;  // an item has 409,600 with its other attributes

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

// nullopt for an item that the Go broker wrote.
core::Result<std::optional<json::object>> own_record(const aws::Item& item) {
  if (!item.contains("record")) return std::nullopt;
  auto parsed = core::parse_json(aws::string_of(item, {"record"}), record_limits);
  if (!parsed || !parsed->is_object()) {
    return core::fail(
        unreadable_record(std::string(aws::string_of(item, {"id"})),
                          parsed ? "the attribute \"record\" is not a JSON object" : parsed.error().message));
  }
  return std::move(parsed->get_object());
}

// arn:<partition>:cloudformation:<region>:<account>:stack/aws-service-broker-<class>-<id of the
// instance>/<id> says where the Go broker made the stack.
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
  constexpr std::string_view before_class = "aws-service-broker-";
  const std::string before_end = "-" + record.id;
  if (record.stack_name.starts_with(before_class) && record.stack_name.ends_with(before_end) &&
      record.stack_name.size() > before_class.size() + before_end.size())
    record.class_name = record.stack_name.substr(
        before_class.size(), record.stack_name.size() - before_class.size() - before_end.size());
}

}  // namespace

json::object text(std::string_view value) {
  return aws::string_attribute(value);
}
json::object number(std::int64_t value) {
  return {{"N", std::to_string(value)}};
}

aws::Item attributes_of(const InstanceRecord& record) {
  aws::Item item;
  item["type"] = text(instance_type);
  item["serviceinstance"] = json::object{{"M", json::object{{"ID", text(record.id)},
                                                            {"ServiceID", text(record.service_id)},
                                                            {"PlanID", text(record.plan_id)},
                                                            {"StackID", text(record.stack_id)},
                                                            {"Params", params_of(record.parameters)}}}};
  item["record"] = text(core::to_text(to_json(record)));
  item["version"] = number(record.version);
  return item;
}

aws::Item attributes_of(const BindingRecord& record) {
  aws::Item item;
  item["type"] = text(binding_type);
  item["servicebinding"] = json::object{{"M", json::object{{"ID", text(record.id)},
                                                           {"InstanceID", text(record.instance_id)},
                                                           {"PolicyArn", text(record.policy_arn)},
                                                           {"RoleName", text(record.role_name)},
                                                           {"Scope", text(record.scope)}}}};
  item["record"] = text(core::to_text(to_json(record)));
  item["listed"] = json::object{{"BOOL", true}};
  item["version"] = number(record.version);
  return item;
}

core::Result<aws::Item> attributes_of(const StoredTemplate& kept) {
  aws::Item item;
  item["type"] = text(template_type);
  item["digest"] = text(kept.digest);
  if (kept.body.size() <= max_request_bytes) {
    item["body"] = text(kept.body);
  } else {
    const std::string packed = core::gzip(kept.body);
    if (packed.size() > most_packed_bytes) {
      return core::fail(core::ErrorKind::internal,
                        "A template has " + std::to_string(packed.size()) +
                            " bytes when it is compressed, but an item in DynamoDB can have 400 kB");
    }
    item[packed_body] = json::object{{"B", core::base64_encode(packed)}};
  }
  item["version"] = number(kept.kept_at);
  return item;
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
        if (entry.key() == access_key_parameter) record.access_key_id = value;
        if (is_key_parameter(entry.key())) continue;  // what is kept, shown and compared has no secret
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

core::Result<std::vector<BindingRecord>> to_bindings(const std::vector<aws::Item>& items) {
  std::vector<BindingRecord> records;
  for (const aws::Item& item : items) {
    auto record = to_binding(item);
    if (record) {
      records.push_back(std::move(*record));
      continue;
    }
    records.push_back(
        {.id = std::string(aws::string_of(item, {"id"})),
         .instance_id = std::string(aws::string_of(item, {"servicebinding", "M", "InstanceID"})),
         .phase = BindingPhase::ready,
         .version = version_of(item),
         .readable = false});
  }
  return records;
}

core::Result<StoredTemplate> to_template(const aws::Item& item) {
  StoredTemplate kept{.digest = std::string(aws::string_of(item, {"digest"})),
                      .body = std::string(aws::string_of(item, {"body"})),
                      .kept_at = version_of(item)};
  if (!item.contains(packed_body)) return kept;
  const auto packed = core::base64_decode(core::find_string(item, {packed_body, "B"}));
  auto body = packed ? core::gunzip(*packed, max_object_bytes) : packed;
  if (!body) {
    return core::fail(core::ErrorKind::internal,
                      "the template " + kept.digest + " in the table is broken: " + body.error().message);
  }
  kept.body = std::move(*body);
  return kept;
}

}  // namespace broker::items
