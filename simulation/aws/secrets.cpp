#include "simulation/aws/secrets.hpp"

namespace simulation {

namespace json = boost::json;

namespace {

std::unexpected<Failure> no_secret() {
  return refuse("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
}

json::array stages_of(const SecretVersion& version) {
  json::array stages;
  for (const std::string& stage : version.stages) stages.emplace_back(stage);
  return stages;
}

}  // namespace

Secret* SecretService::find(const std::string& id) {
  const auto now = world_.now();
  std::erase_if(secrets_,
                [&](const auto& entry) { return entry.second.deletion && *entry.second.deletion <= now; });
  if (!id.starts_with("arn:")) {
    const auto found = secrets_.find(id);
    return found == secrets_.end() ? nullptr : &found->second;
  }
  for (auto& [name, secret] : secrets_)
    if (secret.arn == id || (secret.arn.starts_with(id) && secret.arn.size() == id.size() + 7))
      return &secret;
  return nullptr;
}

Answer<Secret*> SecretService::create(const std::string& name, const std::string& text, Tags tags) {
  if (const Secret* held = find(name)) {
    if (held->deletion)
      return refuse("InvalidRequestException",
                    "You can't create this secret because a secret with this name is "
                    "already scheduled for deletion.");
    return refuse("ResourceExistsException",
                  "The operation failed because the secret " + name + " already exists.");
  }
  Secret& secret = secrets_[name];
  secret.name = name;
  secret.arn = world_.arn("secretsmanager", "secret:" + name + "-" + world_.alphanumeric(6));
  secret.tags = std::move(tags);
  put(secret, text);
  return &secret;
}

void SecretService::put(Secret& secret, const std::string& text, const std::string& version_id) {
  for (auto& [id, version] : secret.versions) version.stages.erase("AWSPREVIOUS");
  for (auto& [id, version] : secret.versions)
    if (version.stages.erase("AWSCURRENT") > 0) version.stages.insert("AWSPREVIOUS");
  std::erase_if(secret.versions, [](const auto& entry) { return entry.second.stages.empty(); });
  secret.versions[version_id.empty() ? world_.uuid() : version_id] = {
      .text = text, .stages = {"AWSCURRENT"}, .made = world_.now()};
}

Answer<std::string> SecretService::generate(const json::object& settings) {
  const auto number = [&](const char* name, std::int64_t otherwise) {
    const json::value* value = core::find(settings, {name});
    if (value == nullptr) return otherwise;
    if (value->is_string()) return static_cast<std::int64_t>(std::atoll(value->get_string().c_str()));
    return core::find_int(settings, {name}).value_or(otherwise);
  };
  std::string password = world_.alphanumeric(static_cast<std::size_t>(number("PasswordLength", 32)));
  const std::string_view excluded = core::find_string(settings, {"ExcludeCharacters"});
  for (char& c : password)
    while (excluded.contains(c)) c = world_.alphanumeric(1)[0];
  const std::string_view key = core::find_string(settings, {"GenerateStringKey"});
  if (key.empty()) return password;
  auto document = core::parse_json(core::find_string(settings, {"SecretStringTemplate"}));
  if (!document || !document->is_object())
    return refuse("InvalidParameterException", "SecretStringTemplate is no JSON object");
  document->get_object()[key] = password;
  return core::to_text(*document);
}

Answer<> SecretService::handle(const Call& call) {
  Secret* secret = find(std::string(core::find_string(call.input, {"SecretId"})));
  if (secret == nullptr) return no_secret();
  json::object answer{{"ARN", secret->arn}, {"Name", secret->name}};
  if (call.action == "DescribeSecret") {
    json::array tags;
    for (const auto& [key, value] : secret->tags)
      tags.push_back(json::object{{"Key", key}, {"Value", value}});
    json::object versions;
    for (const auto& [id, version] : secret->versions) versions[id] = stages_of(version);
    answer["Tags"] = std::move(tags);
    answer["VersionIdsToStages"] = std::move(versions);
    if (secret->deletion) answer["DeletedDate"] = seconds_of(*secret->deletion);
    return Reply{.body = core::to_text(answer)};
  }
  if (call.action == "DeleteSecret") {
    const bool at_once = core::find_bool(call.input, {"ForceDeleteWithoutRecovery"}).value_or(false);
    const std::int64_t days = core::find_int(call.input, {"RecoveryWindowInDays"}).value_or(30);
    if (!at_once && (days < 7 || days > 30))
      return refuse("InvalidParameterException",
                    "RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
    secret->deletion = world_.now() + (at_once ? milliseconds(0) : milliseconds(std::chrono::days(days)));
    answer["DeletionDate"] = seconds_of(*secret->deletion);
    return Reply{.body = core::to_text(answer)};
  }
  if (secret->deletion)
    return refuse("InvalidRequestException",
                  "You can't perform this operation on the secret because it was marked for deletion.");
  if (call.action == "PutSecretValue") {
    put(*secret, std::string(core::find_string(call.input, {"SecretString"})));
    return Reply{.body = core::to_text(answer)};
  }
  if (call.action != "GetSecretValue") return refuse("UnknownOperationException", "");
  const std::string id(core::find_string(call.input, {"VersionId"}));
  std::string stage(core::find_string(call.input, {"VersionStage"}));
  if (stage.empty() && id.empty()) stage = "AWSCURRENT";
  for (const auto& [version_id, version] : secret->versions) {
    if ((!id.empty() && version_id != id) || (!stage.empty() && !version.stages.contains(stage))) continue;
    answer["VersionId"] = version_id;
    answer["SecretString"] = version.text;
    answer["VersionStages"] = stages_of(version);
    answer["CreatedDate"] = seconds_of(version.made);
    return Reply{.body = core::to_text(answer)};
  }
  return refuse("ResourceNotFoundException",
                "Secrets Manager can't find the specified secret value for " +
                    (id.empty() ? "staging label: " + stage : "VersionId: " + id));
}

}  // namespace simulation
