// Ref, GetAtt, dynamic references, and the functions behind custom resources.
#include <algorithm>

#include "core/text.hpp"
#include "simulation/aws/cloudformation/provisioner.hpp"
#include "simulation/aws/cloudformation/resource_types.hpp"
#include "simulation/aws/cloudformation/template.hpp"

namespace simulation {

namespace json = boost::json;

namespace {

constexpr std::string_view opening = "{{resolve:";

// The key pair of a stack's user: what the function that the broker's templates bring does.
bool makes_key_pairs(const StackResource& resource) {
  return resource.properties.contains("UserName") && resource.properties.contains("ParameterPrefix");
}

}  // namespace

json::value Provisioner::reference(const StackResource& resource) const {
  return json::value(resource.physical_id);
}

Answer<json::value> Provisioner::attribute(const StackResource& resource, const std::string& name) {
  const std::string& type = resource.type;
  const std::string& id = resource.physical_id;
  if (is_custom(type)) {
    const json::value* value = resource.attributes.if_contains(name);
    if (value == nullptr)
      return refuse("ValidationError", "CustomResource attribute error: Vendor response doesn't contain " +
                                           name + " attribute in object " + id);
    return *value;
  }
  if (type == "AWS::IAM::User" && name == "Arn") {
    if (const IamUser* user = services_.iam.find_user(id)) return json::value(user->arn);
  }
  if (type == "AWS::IAM::Role") {
    if (const IamRole* role = services_.iam.find_role(id))
      return json::value(name == "RoleId" ? role->id : role->arn);
  }
  if (type == "AWS::IAM::AccessKey" && name == "SecretAccessKey") {
    const auto key = services_.iam.keys().find(id);
    return json::value(key == services_.iam.keys().end() ? std::string() : key->second.secret);
  }
  if (type == "AWS::SSM::Parameter" && name == "Value") {
    const SsmVersion* version = services_.ssm.find(id);
    return json::value(version == nullptr ? std::string() : version->value);
  }
  if (type == "AWS::SQS::Queue") {
    const std::string queue = id.substr(id.rfind('/') + 1);
    return json::value(name == "Arn" ? world_.arn("sqs", queue) : name == "QueueName" ? queue : id);
  }
  if (type == "AWS::S3::Bucket") {
    if (name == "Arn") return json::value("arn:aws:s3:::" + id);
    return json::value(id + ".s3." + world_.settings.region + ".amazonaws.com");
  }
  if (type == "AWS::Lambda::Function") return json::value(world_.arn("lambda", "function:" + id));
  if (name.ends_with("Port")) {
    const json::value* given = resource.properties.if_contains("Port");
    return json::value(given == nullptr ? "3306" : text_of(*given));
  }
  if (name.ends_with("Endpoints") || name == "IpAddresses" ||
      name == "ConsoleURLs")  // of AmazonMQ, one for each node
    return json::array{json::value("amqps://" + core::to_lower(world_.settings.region) + ".example:5671")};
  if (name.ends_with("Address") || name.contains("Endpoint"))
    return json::value(id.substr(id.rfind(':') + 1) + ".c9akciq32." + world_.settings.region + "." +
                       service_of(type) + ".amazonaws.com");
  if (name == "Arn" || name.ends_with("Arn")) {
    if (id.starts_with("arn:")) return json::value(id);
    if (type == "AWS::DynamoDB::Table") return json::value(world_.arn("dynamodb", "table/" + id));
    if (type == "AWS::KMS::Key") return json::value(world_.arn("kms", "key/" + id));
    std::string kind = core::to_lower(type.substr(type.rfind(':') + 1));
    return json::value(world_.arn(service_of(type), kind + ":" + id));
  }
  if (name == "NameServers") return json::array{"ns-1.awsdns-01.org", "ns-2.awsdns-02.com"};
  return json::value(id + "." + name);
}

Answer<> Provisioner::run_custom(const std::string& request_type, StackResource& resource,
                                 const Owner& owner) {
  const std::string token(core::find_string(resource.properties, {"ServiceToken"}));
  LambdaFunction* function = services_.functions.find(token);
  if (function == nullptr && request_type != "Delete")
    return refuse("NotFound",
                  "Received response status [FAILED] from custom resource. Message returned: function " +
                      token + " was not found",
                  404);
  if (function != nullptr) ++function->invocations;
  for (const std::string& name : {resource.logical_id, resource.type}) {
    const auto code = custom_codes_.find(name);
    if (code == custom_codes_.end()) continue;
    auto answer = code->second(request_type, resource, owner);
    if (!answer) return std::unexpected(answer.error());
    resource.attributes = std::move(*answer);
    if (resource.physical_id.empty()) resource.physical_id = resource.logical_id + "-" + world_.uuid();
    return Reply{};
  }
  if (makes_key_pairs(resource)) {
    const std::string user(core::find_string(resource.properties, {"UserName"}));
    const std::string prefix(core::find_string(resource.properties, {"ParameterPrefix"}));
    resource.physical_id = prefix;
    const bool removes = request_type != "Update";
    if (IamUser* found = services_.iam.find_user(user); found != nullptr && removes)
      for (const std::string& key : std::vector(found->keys)) (void)services_.iam.delete_key(user, key);
    if (removes)
      for (const char* name : {"access-key-id", "secret-access-key"})
        (void)services_.ssm.remove(prefix + name);
    if (request_type == "Create") {
      const auto key = services_.iam.create_key(user, owner.stack_id);
      if (!key) return std::unexpected(key.error());
      (void)services_.ssm.put(prefix + "access-key-id", key->id, "SecureString", true);
      (void)services_.ssm.put(prefix + "secret-access-key", key->secret, "SecureString", true);
    }
    return Reply{};
  }
  if (resource.physical_id.empty()) {
    const std::string stack(core::find_string(resource.properties, {"StackName"}));
    resource.physical_id = stack.empty() ? resource.logical_id + "-" + world_.uuid() : stack + "-subnets";
  }
  if (request_type == "Create" && resource.properties.contains("NumberOfAvailabilityZones")) {
    const std::string first = core::to_lower(world_.upper_alphanumeric(8));
    resource.attributes["SubnetIds"] = "subnet-a" + first + ",subnet-b" + first;
  }
  return Reply{};
}

Answer<std::string> Provisioner::dynamic_value(const std::string& reference) {
  // resolve:ssm:name:version, resolve:secretsmanager:id:SecretString:json-key:stage:version-id
  const std::string_view rest = std::string_view(reference).substr(std::string_view("resolve:").size());
  const std::string service(rest.substr(0, rest.find(':')));
  std::string_view name = rest.substr(std::min(service.size() + 1, rest.size()));
  if (service == "ssm" || service == "ssm-secure") {
    const SsmVersion* found = services_.ssm.find(std::string(name));
    const SsmParameter* parameter = services_.ssm.find_parameter(std::string(name));
    if (found == nullptr || (service == "ssm" && parameter->type == "SecureString"))
      return refuse("ValidationError", "Parameters: [" + std::string(name) + "] cannot be found.");
    return found->value;
  }
  if (service != "secretsmanager")
    return refuse("ValidationError", "Could not parse dynamic reference " + reference);
  std::vector<std::string> parts;
  std::string id;
  if (name.starts_with("arn:")) {  // an ARN has six colons of its own
    std::size_t end = 0;
    for (int colons = 0; end < name.size(); ++end)
      if (name[end] == ':' && ++colons == 7) break;
    id = name.substr(0, end);
    name.remove_prefix(std::min(end + 1, name.size()));
  } else {
    id = name.substr(0, name.find(':'));
    name.remove_prefix(std::min(id.size() + 1, name.size()));
  }
  while (!name.empty()) {
    const std::string_view part = name.substr(0, name.find(':'));
    parts.emplace_back(part);
    name.remove_prefix(std::min(part.size() + 1, name.size()));
  }
  parts.resize(4);
  const std::string stage = parts[2].empty() ? "AWSCURRENT" : parts[2];
  const Secret* secret = services_.secrets.find(id);
  if (secret == nullptr || secret->deletion)
    return refuse("ValidationError", "Secrets Manager can't find the specified secret. (" + id + ")");
  for (const auto& [version_id, version] : secret->versions) {
    if (parts[3].empty() ? !version.stages.contains(stage) : version_id != parts[3]) continue;
    if (parts[1].empty()) return version.text;
    const auto document = core::parse_json(version.text);
    const json::value* field = document ? core::find(*document, {parts[1]}) : nullptr;
    if (field == nullptr)
      return refuse("ValidationError", "Could not find a value associated with JSONKey in SecretString");
    return text_of(*field);
  }
  return refuse("ValidationError",
                "Secrets Manager can't find the specified secret value for staging label: " + stage);
}

Answer<json::value> Provisioner::live_text(const std::string& text) {
  std::string out;
  std::size_t at = 0;
  while (true) {
    const std::size_t start = text.find(opening, at);
    out += text.substr(at, start == text.npos ? text.npos : start - at);
    if (start == text.npos) return json::value(out);
    const std::size_t end = text.find("}}", start);
    if (end == text.npos) return json::value(out + text.substr(start));
    auto value = dynamic_value(text.substr(start + 2, end - start - 2));
    if (!value) return std::unexpected(value.error());
    out += *value;
    at = end + 2;
  }
}

Answer<json::value> Provisioner::live_value(const json::value& value) {
  if (value.is_string()) {
    const std::string_view text = value.get_string();
    return text.contains(opening) ? live_text(std::string(text)) : Answer<json::value>(value);
  }
  if (const auto* list = value.if_array()) {
    json::array made;
    for (const json::value& each : *list) {
      auto part = live_value(each);
      if (!part) return part;
      made.push_back(std::move(*part));
    }
    return made;
  }
  const auto* object = value.if_object();
  if (object == nullptr) return value;
  json::object made;
  for (const auto& entry : *object) {
    auto part = live_value(entry.value());
    if (!part) return part;
    made[entry.key()] = std::move(*part);
  }
  return made;
}

Answer<json::object> Provisioner::with_secrets(const json::object& properties) {
  auto made = live_value(properties);
  if (!made) return std::unexpected(made.error());
  return std::move(made->get_object());
}

}  // namespace simulation
