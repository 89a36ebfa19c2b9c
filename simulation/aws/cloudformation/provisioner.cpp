#include "simulation/aws/cloudformation/provisioner.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "simulation/aws/cloudformation/resource_types.hpp"
#include "simulation/aws/cloudformation/template.hpp"

namespace simulation {

namespace json = boost::json;

namespace {

std::string text_at(const json::object& properties, std::string_view name) {
  const json::value* value = properties.if_contains(name);
  return value == nullptr ? std::string() : text_of(*value);
}

std::vector<std::string> texts_at(const json::object& properties, std::string_view name) {
  std::vector<std::string> texts;
  if (const auto* list = core::find_array(properties, {name}))
    for (const json::value& each : *list) texts.push_back(text_of(each));
  return texts;
}

Tags tags_of(const json::object& properties, const Owner& owner) {
  Tags tags = owner.tags;
  if (const auto* list = core::find_array(properties, {"Tags"}))
    for (const json::value& tag : *list)
      tags[std::string(core::find_string(tag, {"Key"}))] = core::find_string(tag, {"Value"});
  tags["aws:cloudformation:stack-name"] = owner.stack_name;
  tags["aws:cloudformation:stack-id"] = owner.stack_id;
  return tags;
}

std::map<std::string, std::string> inline_policies(const json::object& properties) {
  std::map<std::string, std::string> policies;
  if (const auto* list = core::find_array(properties, {"Policies"}))
    for (const json::value& each : *list) {
      const json::value* document = core::find(each, {"PolicyDocument"});
      policies[std::string(core::find_string(each, {"PolicyName"}))] =
          document == nullptr ? "{}" : core::to_text(*document);
    }
  return policies;
}

// Users' and roles' own properties.
void set_policies(auto& entity, const json::object& live) {
  entity.policies = inline_policies(live);
  entity.attached.clear();
  for (const std::string& arn : texts_at(live, "ManagedPolicyArns")) entity.attached.insert(arn);
}

DynamoTable table_of(const json::object& live, const std::string& name) {
  DynamoTable table{.name = name};
  const auto keys = [](const json::value& of, std::string& hash, std::string& range) {
    const auto* schema = core::find_array(of, {"KeySchema"});
    for (std::size_t i = 0; schema != nullptr && i < schema->size(); ++i)
      (core::find_string((*schema)[i], {"KeyType"}) == "HASH" ? hash : range) =
          core::find_string((*schema)[i], {"AttributeName"});
  };
  keys(live, table.hash, table.range);
  if (const auto* indexes = core::find_array(live, {"GlobalSecondaryIndexes"}))
    for (const json::value& each : *indexes) {
      DynamoIndex index{.name = std::string(core::find_string(each, {"IndexName"}))};
      keys(each, index.hash, index.range);
      if (const auto* names = core::find_array(each, {"Projection", "NonKeyAttributes"}))
        for (const json::value& name_of : *names) index.projected.push_back(text_of(name_of));
      table.indexes.push_back(std::move(index));
    }
  return table;
}

bool is_protected(const json::object& properties) {
  return text_at(properties, "DeletionProtection") == "true" ||
         text_at(properties, "DeletionProtectionEnabled") == "true";
}

}  // namespace

std::string Provisioner::new_name(const StackResource& resource, const Owner& owner,
                                  const json::object& live) {
  const std::string_view property = name_property(resource.type);
  if (std::string given = property.empty() ? "" : text_at(live, property); !given.empty()) return given;
  std::string name = owner.stack_name.substr(0, 24) + "-" + resource.logical_id.substr(0, 24) + "-";
  std::string random = world_.upper_alphanumeric(12);
  if (resource.type == "AWS::EC2::SecurityGroup") return "sg-0" + core::to_lower(random) + "00000";
  if (resource.type == "AWS::KMS::Key") return world_.uuid();
  if (resource.type == "AWS::Route53::HostedZone") return "Z" + random;
  const bool is_lower = resource.type == "AWS::S3::Bucket" || resource.type.starts_with("AWS::RDS::") ||
                        resource.type.starts_with("AWS::DocDB::") ||
                        resource.type.starts_with("AWS::Redshift::") ||
                        resource.type.starts_with("AWS::OpenSearchService::") ||
                        resource.type.starts_with("AWS::ElastiCache::");
  name += random;
  if (is_lower) name = core::to_lower(name);
  if (resource.type == "AWS::SecretsManager::Secret") name = resource.logical_id + "-" + random;
  if (text_at(live, "FifoQueue") == "true" || text_at(live, "FifoTopic") == "true") name += ".fifo";
  return name;
}

Answer<> Provisioner::create(StackResource& resource, const Owner& owner, const json::object& live) {
  if (auto made = make(resource, owner, live); !made) return made;
  Thing thing{.lineage = world_.journal.things.size() + 1,
              .type = resource.type,
              .physical_id = resource.physical_id,
              .stack_id = owner.stack_id,
              .logical_id = resource.logical_id,
              .holds_data = holds_data(resource.type, live),
              .made = world_.now(),
              .ended_by = {}};
  resource.lineage = thing.lineage;
  world_.journal.things.push_back(std::move(thing));
  return Reply{};
}

Answer<> Provisioner::make(StackResource& resource, const Owner& owner, const json::object& live) {
  const std::string& type = resource.type;
  if (is_custom(type)) return run_custom("Create", resource, owner);
  const std::string name = new_name(resource, owner, live);
  if (type == "AWS::IAM::User") {
    const std::string path = text_at(live, "Path");
    const auto user =
        services_.iam.create_user(name, path.empty() ? "/" : path, tags_of(live, owner), owner.stack_id);
    if (!user) return std::unexpected(user.error());
    (*user)->seen_from = {};  // CloudFormation waits for it
  } else if (type == "AWS::IAM::Role") {
    const std::string path = text_at(live, "Path");
    if (auto role = services_.iam.create_role(name, path.empty() ? "/" : path, tags_of(live, owner)); !role)
      return std::unexpected(role.error());
  } else if (type == "AWS::IAM::AccessKey") {
    const auto key = services_.iam.create_key(text_at(live, "UserName"), owner.stack_id);
    if (!key) return std::unexpected(key.error());
    resource.physical_id = key->id;
    return Reply{};
  } else if (type == "AWS::IAM::ManagedPolicy") {
    const json::value* document = live.if_contains("PolicyDocument");
    const std::string path = text_at(live, "Path");
    const auto arn = services_.iam.create_policy(name, path.empty() ? "/" : path,
                                                 document == nullptr ? "{}" : core::to_text(*document));
    if (!arn) return std::unexpected(arn.error());
    resource.physical_id = *arn;
    return apply(resource, owner, live, nullptr);
  } else if (type == "AWS::SSM::Parameter") {
    // "CloudFormation doesn't support creating a SecureString parameter type."
    if (text_at(live, "Type") == "SecureString")
      return refuse("ValidationException", "#/Type: SecureString is not a valid enum value");
    if (auto put = services_.ssm.put(name, text_at(live, "Value"), text_at(live, "Type"), false); !put)
      return put;
  } else if (type == "AWS::SecretsManager::Secret") {
    std::string text = text_at(live, "SecretString");
    if (const auto* settings = core::find_object(live, {"GenerateSecretString"})) {
      auto generated = services_.secrets.generate(*settings);
      if (!generated) return std::unexpected(generated.error());
      text = *generated;
    }
    const auto secret = services_.secrets.create(name, text, tags_of(live, owner));
    if (!secret) return std::unexpected(secret.error());
    resource.physical_id = (*secret)->arn;
    return Reply{};
  } else if (type == "AWS::S3::Bucket") {
    if (auto bucket = services_.buckets.create(name, tags_of(live, owner)); !bucket)
      return std::unexpected(bucket.error());
  } else if (type == "AWS::DynamoDB::Table") {
    if (auto table = services_.tables.create(table_of(live, name)); !table)
      return std::unexpected(table.error());
  } else if (type == "AWS::Lambda::Function") {
    if (auto function = services_.functions.create(name); !function) return std::unexpected(function.error());
  } else {
    resource.physical_id = name;
    if (type == "AWS::SQS::Queue")
      resource.physical_id =
          "https://sqs." + world_.settings.region + ".amazonaws.com/" + world_.settings.account + "/" + name;
    if (type == "AWS::SNS::Topic" || type == "AWS::AmazonMQ::Broker" || type == "AWS::SNS::Subscription")
      resource.physical_id = world_.arn(service_of(type), name);
    if (type == "AWS::IAM::Policy") resource.physical_id = name;
    if (!others_.emplace(type, resource.physical_id).second)
      return refuse("AlreadyExists", name + " already exists", 409);
    return apply(resource, owner, live, nullptr);
  }
  resource.physical_id = name;
  return apply(resource, owner, live, nullptr);
}

// What of a resource's properties is really in the account. `before`: nullptr where it was just made.
Answer<> Provisioner::apply(StackResource& resource, const Owner& owner, const json::object& live,
                            const json::object* before) {
  const std::string& type = resource.type;
  const std::string& id = resource.physical_id;
  if (type == "AWS::IAM::User") {
    IamUser* user = services_.iam.find_user(id);
    if (user == nullptr) return refuse("NoSuchEntity", "The user with name " + id + " cannot be found.", 404);
    set_policies(*user, live);
    user->tags = tags_of(live, owner);
  } else if (type == "AWS::IAM::Role") {
    IamRole* role = services_.iam.find_role(id);
    if (role == nullptr) return refuse("NoSuchEntity", "The role with name " + id + " cannot be found.", 404);
    set_policies(*role, live);
    role->tags = tags_of(live, owner);
    if (const json::value* trust = live.if_contains("AssumeRolePolicyDocument"))
      role->trust = core::to_text(*trust);
  } else if (type == "AWS::IAM::Policy") {
    const std::string name = text_at(live, "PolicyName");
    const json::value* document = live.if_contains("PolicyDocument");
    const std::string text = document == nullptr ? "{}" : core::to_text(*document);
    if (before != nullptr) {
      for (const std::string& each : texts_at(*before, "Users"))
        if (IamUser* user = services_.iam.find_user(each))
          user->policies.erase(text_at(*before, "PolicyName"));
      for (const std::string& each : texts_at(*before, "Roles"))
        if (IamRole* role = services_.iam.find_role(each))
          role->policies.erase(text_at(*before, "PolicyName"));
    }
    for (const std::string& each : texts_at(live, "Users")) {
      IamUser* user = services_.iam.find_user(each);
      if (user == nullptr)
        return refuse("NoSuchEntity", "The user with name " + each + " cannot be found.", 404);
      user->policies[name] = text;
    }
    for (const std::string& each : texts_at(live, "Roles")) {
      IamRole* role = services_.iam.find_role(each);
      if (role == nullptr)
        return refuse("NoSuchEntity", "The role with name " + each + " cannot be found.", 404);
      role->policies[name] = text;
    }
  } else if (type == "AWS::IAM::ManagedPolicy") {
    if (const json::value* document = live.if_contains("PolicyDocument"))
      services_.iam.documents()[id] = core::to_text(*document);
    for (const std::string& each : texts_at(live, "Users"))
      if (IamUser* user = services_.iam.find_user(each)) user->attached.insert(id);
    for (const std::string& each : texts_at(live, "Roles"))
      if (IamRole* role = services_.iam.find_role(each)) role->attached.insert(id);
  } else if (type == "AWS::SSM::Parameter" && before != nullptr) {
    if (services_.ssm.find_parameter(id) == nullptr)
      return refuse("ParameterNotFound", "Parameter " + id + " not found.");
    return services_.ssm.put(id, text_at(live, "Value"), text_at(live, "Type"), true);
  } else if (type == "AWS::SecretsManager::Secret" && before != nullptr) {
    Secret* secret = services_.secrets.find(id);
    if (secret == nullptr)
      return refuse("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
    secret->tags = tags_of(live, owner);
    const json::value* settings = live.if_contains("GenerateSecretString");
    const json::value* earlier = before->if_contains("GenerateSecretString");
    if (settings != nullptr && (earlier == nullptr || *earlier != *settings)) {
      auto generated =
          services_.secrets.generate(settings->is_object() ? settings->get_object() : json::object());
      if (!generated) return std::unexpected(generated.error());
      services_.secrets.put(*secret, *generated);
    } else if (settings == nullptr && live.contains("SecretString") &&
               (*before).if_contains("SecretString") != nullptr &&
               (*before).at("SecretString") != live.at("SecretString")) {
      services_.secrets.put(*secret, text_at(live, "SecretString"));
    }
  } else if (type == "AWS::S3::Bucket" && before != nullptr) {
    Bucket* bucket = services_.buckets.find(id);
    if (bucket == nullptr) return refuse("NoSuchBucket", "The specified bucket does not exist", 404);
    bucket->tags = tags_of(live, owner);
  } else if (before != nullptr && !exists(resource)) {
    return refuse("NotFound", "Resource of type '" + type + "' with identifier '" + id + "' was not found.",
                  404);
  }
  return Reply{};
}

Answer<> Provisioner::update(StackResource& resource, const Owner& owner, const json::object& live) {
  if (is_custom(resource.type)) return run_custom("Update", resource, owner);
  return apply(resource, owner, live, &resource.properties);
}

bool Provisioner::exists(const StackResource& resource) const {
  if (resource.lineage == 0 || resource.lineage > world_.journal.things.size()) return false;
  return world_.journal.things[resource.lineage - 1].fate == Fate::alive;
}

Answer<> Provisioner::remove(const StackResource& resource, const Owner& owner) {
  if (is_protected(resource.properties) && exists(resource))
    return refuse("InvalidParameterCombination", "Cannot delete protected resource " + resource.physical_id +
                                                     ", please disable deletion protection and try again.");
  return unmake(resource, owner, false);
}

Answer<> Provisioner::unmake(const StackResource& resource, const Owner& owner, bool by_force) {
  const std::string& type = resource.type;
  const std::string& id = resource.physical_id;
  if (is_custom(type)) {
    StackResource copy = resource;
    return by_force ? Answer<>(Reply{}) : run_custom("Delete", copy, owner);
  }
  if (type == "AWS::IAM::User") {
    IamUser* user = services_.iam.find_user(id);
    if (user == nullptr) return Reply{};
    if (by_force) {
      for (const std::string& key : std::vector(user->keys)) (void)services_.iam.delete_key(id, key);
      user->policies.clear();
      user->attached.clear();
    }
    // CloudFormation takes back what it has given, and no more.
    for (const auto& [name, document] : inline_policies(resource.properties)) user->policies.erase(name);
    for (const std::string& arn : texts_at(resource.properties, "ManagedPolicyArns"))
      user->attached.erase(arn);
    return services_.iam.delete_user(id);
  }
  if (type == "AWS::IAM::Role") {
    IamRole* role = services_.iam.find_role(id);
    if (role == nullptr) return Reply{};
    if (by_force) {
      role->policies.clear();
      role->attached.clear();
    }
    for (const auto& [name, document] : inline_policies(resource.properties)) role->policies.erase(name);
    for (const std::string& arn : texts_at(resource.properties, "ManagedPolicyArns"))
      role->attached.erase(arn);
    return services_.iam.delete_role(id);
  }
  if (type == "AWS::IAM::AccessKey") {
    const auto key = services_.iam.keys().find(id);
    if (key == services_.iam.keys().end()) return Reply{};
    return services_.iam.delete_key(std::string(key->second.user), id);
  }
  if (type == "AWS::IAM::Policy") {
    const std::string name = text_at(resource.properties, "PolicyName");
    for (const std::string& each : texts_at(resource.properties, "Users"))
      if (IamUser* user = services_.iam.find_user(each)) user->policies.erase(name);
    for (const std::string& each : texts_at(resource.properties, "Roles"))
      if (IamRole* role = services_.iam.find_role(each)) role->policies.erase(name);
  } else if (type == "AWS::IAM::ManagedPolicy") {
    for (const std::string& each : texts_at(resource.properties, "Users"))
      if (IamUser* user = services_.iam.find_user(each)) user->attached.erase(id);
    for (const std::string& each : texts_at(resource.properties, "Roles"))
      if (IamRole* role = services_.iam.find_role(each)) role->attached.erase(id);
    if (!services_.iam.policies().contains(id)) return Reply{};
    return services_.iam.delete_policy(id);
  } else if (type == "AWS::SSM::Parameter") {
    (void)services_.ssm.remove(id);
  } else if (type == "AWS::SecretsManager::Secret") {
    services_.secrets.remove(id);
  } else if (type == "AWS::S3::Bucket") {
    if (services_.buckets.find(id) == nullptr) return Reply{};
    if (by_force) services_.buckets.find(id)->objects.clear();
    return services_.buckets.remove(id);
  } else if (type == "AWS::DynamoDB::Table") {
    services_.tables.remove(id);
  } else if (type == "AWS::Lambda::Function") {
    services_.functions.remove(id);
  }
  others_.erase({type, id});
  return Reply{};
}

void Provisioner::note_end(const StackResource& resource, const std::string& by, Fate fate, Cause cause) {
  if (resource.lineage == 0) return;
  Thing& thing = world_.journal.things[resource.lineage - 1];
  if (thing.fate == Fate::destroyed || thing.fate == Fate::snapshot) return;
  thing.fate = fate;
  thing.cause = cause;
  thing.ended = world_.now();
  thing.ended_by = by;
}

bool Provisioner::destroy_outside(const std::string& type, const std::string& physical_id) {
  const auto found = std::ranges::find_if(world_.journal.things, [&](const Thing& thing) {
    return thing.type == type && thing.physical_id == physical_id &&
           (thing.fate == Fate::alive || thing.fate == Fate::retained);
  });
  if (found == world_.journal.things.end()) return false;
  const StackResource resource{.logical_id = found->logical_id,
                               .type = type,
                               .physical_id = physical_id,
                               .properties = {},
                               .attributes = {},
                               .depends_on = {},
                               .lineage = found->lineage};
  (void)unmake(resource, {}, true);
  note_end(resource, "someone else", Fate::destroyed, Cause::outside);
  return true;
}

}  // namespace simulation
