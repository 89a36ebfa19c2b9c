#include "broker/bindings/own_secrets.hpp"

#include <algorithm>

#include "broker/stack_tags.hpp"
#include "broker/value_text.hpp"
#include "core/text.hpp"

namespace broker {

namespace json = boost::json;

namespace {

using core::ErrorKind;
using core::fail;

constexpr std::size_t longest_name = 200;           // of what is told in an error
constexpr std::size_t shortest_physical_id = 16;    // by which a name is known to be a custom resource's
constexpr std::size_t length_of_secret_ending = 7;  // "-AbCdEf", which Secrets Manager adds to the name

bool is_custom(std::string_view type) {
  return type == "AWS::CloudFormation::CustomResource" || type.starts_with("Custom::");
}

// Of a parameter that the stack made: by itself, or by the function of a custom resource.
bool is_made_by(const aws::StackResource& resource, std::string_view parameter) {
  if (resource.type == "AWS::SSM::Parameter") return resource.physical_id == parameter;
  return is_custom(resource.type) && resource.physical_id.size() >= shortest_physical_id &&
         parameter.ends_with("-" + resource.physical_id);
}

// `id`: an ARN, one without its ending, or a name.
bool is_secret(const aws::StackResource& resource, const std::string& id) {
  constexpr std::string_view before_name = ":secret:";
  const std::string& arn = resource.physical_id;
  if (resource.type != "AWS::SecretsManager::Secret") return false;
  if (arn == id) return true;
  if (arn.size() <= length_of_secret_ending) return false;
  const std::string_view without_ending =
      std::string_view(arn).substr(0, arn.size() - length_of_secret_ending);
  if (without_ending == id) return true;
  const std::size_t name = without_ending.find(before_name);
  return name != std::string_view::npos && without_ending.substr(name + before_name.size()) == id;
}

}  // namespace

async::Task<core::Result<const std::vector<aws::StackResource>*>> OwnSecrets::resources() {
  if (!resources_) {
    auto found = co_await cloud_.stack_resources(stack_.id);
    if (!found) co_return fail(std::move(found.error()));
    resources_ = std::move(*found);
  }
  co_return &*resources_;
}

async::Task<core::Result<std::string>> OwnSecrets::parameter(CredentialSource source) {
  std::string name = std::move(source.text);
  const std::string own_path = "/asb/" + stack_.name + "/";
  bool is_own = source.is_literal || (name.size() > own_path.size() && name.starts_with(own_path));
  if (!is_own) {
    const auto all = co_await resources();
    if (!all) co_return fail(all.error());
    const std::string plain = name.substr(0, name.find(':'));  // without a version or label
    is_own = std::ranges::any_of(**all, [&](const auto& each) { return is_made_by(each, plain); });
  }
  if (is_own) co_return co_await cloud_.get_parameter(std::move(name));
  co_return fail(ErrorKind::invalid,
                 "The output " + source.output + " names the SSM parameter \"" +
                     core::shortened(name, longest_name) +
                     "\", which does not belong to this instance and is not read. The template's author can "
                     "keep it below /asb/${AWS::StackName}/, or make it as a resource of the stack "
                     "(AWS::SSM::Parameter).");
}

async::Task<core::Result<std::string>> OwnSecrets::own_secret(const CredentialSource& source,
                                                              const std::string& id) {
  if (source.is_literal) co_return id;
  if (const auto known = checked_.find(id); known != checked_.end()) co_return known->second;
  const auto all = co_await resources();
  if (!all) co_return fail(all.error());
  const auto made = std::ranges::find_if(**all, [&](const auto& each) { return is_secret(each, id); });
  std::string arn;
  if (made != (*all)->end()) {
    arn = made->physical_id;
  } else {
    const auto found = co_await cloud_.describe_secret(id);
    // A policy that lets the broker see its own secrets only refuses another's; what is not there is
    // another's as well.
    const bool is_refused =
        !found && (found.error().kind == ErrorKind::forbidden || found.error().kind == ErrorKind::not_found ||
                   found.error().kind == ErrorKind::invalid);
    if (!found && !is_refused) co_return fail(found.error());
    if (found && has_tag(found->tags, broker_tag, broker_id_) &&
        has_tag(found->tags, instance_tag, instance_id_))
      arn = found->arn;
  }
  if (arn.empty()) {
    co_return fail(ErrorKind::invalid,
                   "The output " + source.output + " names the secret \"" +
                       core::shortened(id, longest_name) +
                       "\", which does not belong to this instance and is not read. The template's author "
                       "can make it as a resource of the stack (AWS::SecretsManager::Secret), or give it the "
                       "stack's tags aws-service-broker:broker-id and aws-service-broker:instance-id.");
  }
  checked_[id] = arn;
  co_return arn;
}

async::Task<core::Result<std::string>> OwnSecrets::read(std::string id, std::string stage) {
  const std::pair key(id, stage);
  if (const auto known = read_.find(key); known != read_.end()) co_return known->second;
  auto secret = co_await cloud_.get_secret_value(std::move(id), std::move(stage));
  if (secret) read_[key] = *secret;
  co_return secret;
}

async::Task<core::Result<std::string>> OwnSecrets::secret(CredentialSource source) {
  const auto parsed = parse_secret_reference(source.text);
  if (!parsed) co_return fail(parsed.error());
  auto arn = co_await own_secret(source, parsed->id);
  if (!arn) co_return fail(std::move(arn.error()));
  auto secret = co_await read(std::move(*arn), parsed->stage);
  if (!secret || parsed->json_key.empty()) co_return secret;
  const auto content = core::parse_json(*secret);
  const json::value* value = content ? core::find(*content, {parsed->json_key}) : nullptr;
  if (value == nullptr)
    co_return fail(ErrorKind::invalid,
                   "The secret " + parsed->id + " has no key " + parsed->json_key + " with a value.");
  co_return value_text(*value);
}

}  // namespace broker
