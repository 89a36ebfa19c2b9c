#include "simulation/aws/tokens.hpp"

#include <charconv>

namespace simulation {

void TokenService::admit(const std::string& key_id, const std::string& secret, const std::string& name) {
  admitted_[key_id] = {.caller = {.key_id = key_id,
                                  .arn = world_.arn("iam", "user/" + name, false),
                                  .user_id = "AIDA" + world_.upper_alphanumeric(17)},
                       .secret = secret,
                       .session_token = {},
                       .expires = {}};
}

std::optional<Credential> TokenService::find(const std::string& key_id) const {
  if (const auto found = admitted_.find(key_id); found != admitted_.end()) return found->second;
  const auto key = iam_.keys().find(key_id);
  if (key == iam_.keys().end()) return std::nullopt;
  const auto user = iam_.users().find(key->second.user);
  if (user == iam_.users().end()) return std::nullopt;
  return Credential{.caller = {.key_id = key_id, .arn = user->second.arn, .user_id = user->second.id},
                    .secret = key->second.secret,
                    .session_token = {},
                    .expires = {}};
}

Answer<> TokenService::assume(const Call& call) {
  const std::string& arn = call.form.get("RoleArn");
  const std::string& session = call.form.get("RoleSessionName");
  const IamRole* role = nullptr;
  for (const auto& [name, each] : iam_.roles())
    if (each.arn == arn) role = &each;
  if (role == nullptr || (!role->external_id.empty() && role->external_id != call.form.get("ExternalId")))
    return refuse(
        "AccessDenied",
        "User: " + call.caller.arn + " is not authorized to perform: sts:AssumeRole on resource: " + arn,
        403);
  std::int64_t duration = 3'600;
  if (const std::string& given = call.form.get("DurationSeconds"); !given.empty())
    std::from_chars(given.data(), given.data() + given.size(), duration);
  Credential made{.caller = {.key_id = "ASIA" + world_.upper_alphanumeric(16),
                             .arn = world_.arn("sts", "assumed-role/" + role->name + "/" + session, false),
                             .user_id = role->id + ":" + session},
                  .secret = world_.alphanumeric(40),
                  .session_token = "IQoJ" + world_.alphanumeric(60),
                  .expires = world_.now() + std::chrono::seconds(duration)};
  Reply reply{.body = "<Credentials>"};
  add_element(reply.body, "AccessKeyId", made.caller.key_id);
  add_element(reply.body, "SecretAccessKey", made.secret);
  add_element(reply.body, "SessionToken", made.session_token);
  add_element(reply.body, "Expiration", xml_time(*made.expires));
  reply.body += "</Credentials><AssumedRoleUser>";
  add_element(reply.body, "AssumedRoleId", made.caller.user_id);
  add_element(reply.body, "Arn", made.caller.arn);
  reply.body += "</AssumedRoleUser>";
  admitted_[made.caller.key_id] = std::move(made);
  return reply;
}

Answer<> TokenService::handle(const Call& call) {
  if (call.action == "AssumeRole" || call.action == "AssumeRoleWithWebIdentity") return assume(call);
  Reply reply;
  add_element(reply.body, "Arn", call.caller.arn);
  add_element(reply.body, "UserId", call.caller.user_id);
  add_element(reply.body, "Account", world_.settings.account);
  return reply;
}

}  // namespace simulation
