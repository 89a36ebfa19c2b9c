// Stacks: what each call answers, and which statuses are reached.
#include <algorithm>

#include "simulation/aws_scenarios/place.hpp"

namespace scenarios {

namespace {

constexpr const char* parameter_template = R"(
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Text: {Type: String, Default: one, AllowedPattern: "[a-z]+"}
  Size: {Type: Number, Default: 3, MinValue: 1, MaxValue: 9}
  Color: {Type: String, Default: red, AllowedValues: [red, blue]}
  Secret: {Type: String, Default: hidden, NoEcho: true}
Conditions:
  IsBlue: !Equals [!Ref Color, blue]
Resources:
  Parameter:
    Type: AWS::SSM::Parameter
    Properties: {Name: !Sub "/scenarios/${AWS::StackName}", Type: String, Value: !Sub "${Text}-${Size}"}
  Queue: {Type: AWS::SQS::Queue, Condition: IsBlue}
Outputs:
  Joined: {Value: !Join [":", [!Ref Text, !Ref Size, !Ref "AWS::Region"]]}
  Chosen: {Value: !If [IsBlue, b, r]}
  Part: {Value: !Select [1, !Split ["/", "a/b/c"]]}
  OnlyBlue: {Condition: IsBlue, Value: x}
  Name: {Value: !Ref Parameter}
)";

constexpr const char* bucket_template = R"(
Parameters:
  Name: {Type: String}
  Tag: {Type: String, Default: one}
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Ref Name, Tags: [{Key: k, Value: !Ref Tag}]}
Outputs: {Name: {Value: !Ref Bucket}, Arn: {Value: !GetAtt Bucket.Arn}}
)";

aws::StackInput input(std::string name, std::string body, aws::NameValues parameters = {}) {
  return {.stack_name = std::move(name),
          .template_body = std::move(body),
          .parameters = std::move(parameters),
          .capabilities = {"CAPABILITY_NAMED_IAM"}};
}

std::string joined(aws::NameValues pairs) {
  std::ranges::sort(pairs);
  std::string text;
  for (const auto& [name, value] : pairs) text += (text.empty() ? "" : ", ") + name + "=" + value;
  return text;
}

// The status after the operation's end, or why the stack is not described.
async::Task<std::string> settle(Place& place, std::string name_or_id) {
  constexpr int most_polls = 2'000;
  for (int i = 0; i < most_polls; ++i) {
    const auto stack = co_await place.cloudformation.describe_stack(name_or_id);
    if (!stack) co_return Place::outcome(stack);
    if (!stack->status.ends_with("_IN_PROGRESS")) co_return stack->status;
    co_await place.wait();
  }
  co_return "never";
}

async::Task<> create(Place& place, std::string what, aws::StackInput wanted) {
  const std::string name = wanted.stack_name;
  const auto id = co_await place.cloudformation.create_stack(std::move(wanted));
  place.note(what, id ? co_await settle(place, *id) : Place::outcome(id));
}
async::Task<> update(Place& place, std::string what, aws::StackInput wanted) {
  const std::string name = wanted.stack_name;
  const auto done = co_await place.cloudformation.update_stack(std::move(wanted));
  place.note(what, done ? co_await settle(place, name) : Place::outcome(done));
}
async::Task<> remove(Place& place, std::string what, std::string name_or_id) {
  const auto done = co_await place.cloudformation.delete_stack(name_or_id, "delete");
  place.note(what, done ? co_await settle(place, name_or_id) : Place::outcome(done));
}

async::Task<> life(Place& place) {
  place.scenario = "life";
  const auto id = co_await place.cloudformation.create_stack(input("life", parameter_template));
  place.note("create", Place::outcome(id));
  if (!id) co_return;
  place.note("created", co_await settle(place, "life"));
  const auto stack = co_await place.cloudformation.describe_stack("life");
  place.note("outputs", stack ? joined(stack->outputs) : Place::outcome(stack));
  place.note("parameters", stack ? joined(stack->parameters) : "");
  const auto value = co_await place.ssm.get_parameter("/scenarios/life");
  place.note("its parameter", value ? *value : Place::outcome(value));
  const auto body = co_await place.cloudformation.get_template("life");
  place.note("template is the one that was sent", body && *body == parameter_template ? "yes" : "no");
  const auto resources = co_await place.cloudformation.describe_stack_resources("life");
  std::string text;
  for (std::size_t i = 0; resources && i < resources->size(); ++i)
    text += (*resources)[i].logical_id + " " + (*resources)[i].type + " " + (*resources)[i].status + ", ";
  place.note("resources", text);
  const auto events = co_await place.cloudformation.describe_stack_events(*id, 100);
  if (events && !events->empty()) {
    place.note("first event", events->back().resource_type + " " + events->back().status);
    place.note("last event", events->front().resource_type + " " + events->front().status);
  }
  co_await create(place, "the name again", input("life", parameter_template));
  co_await update(place, "nothing to update", input("life", parameter_template));
  co_await update(place, "another value", input("life", parameter_template, {{"Text", "two"}}));
  const auto changed = co_await place.ssm.get_parameter("/scenarios/life");
  place.note("its parameter then", changed ? *changed : Place::outcome(changed));
  aws::StackInput kept{
      .stack_name = "life", .parameters = {{"Color", "blue"}}, .unchanged_parameters = {"Text", "Size"}};
  co_await update(place, "the same template", kept);
  const auto blue = co_await place.cloudformation.describe_stack("life");
  place.note("outputs then", blue ? joined(blue->outputs) : Place::outcome(blue));
  aws::StackInput tagged = kept;
  tagged.tags = {{"team", "a"}};
  co_await update(place, "tags alone", tagged);
  const auto with_tags = co_await place.cloudformation.describe_stack("life");
  place.note("tags", with_tags ? joined(with_tags->tags) : "");
  co_await remove(place, "delete by name", "life");
  place.note("by id", co_await settle(place, *id));
  co_await remove(place, "delete again", "life");
  const auto gone = co_await place.ssm.get_parameter("/scenarios/life");
  place.note("its parameter at the end", gone ? *gone : Place::outcome(gone));
  co_await update(place, "update when it is deleted", kept);
}

async::Task<> refusals(Place& place) {
  place.scenario = "refusals";
  co_await create(place, "pattern", input("r1", parameter_template, {{"Text", "UPPER"}}));
  co_await create(place, "number", input("r2", parameter_template, {{"Size", "x"}}));
  co_await create(place, "too great", input("r3", parameter_template, {{"Size", "10"}}));
  co_await create(place, "not allowed", input("r4", parameter_template, {{"Color", "green"}}));
  co_await create(place, "unknown parameter", input("r5", parameter_template, {{"Unknown", "x"}}));
  co_await create(place, "missing parameter", input("r6", bucket_template));
  co_await create(place, "unresolved reference",
                  input("r7", "Resources: {Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref X}}}"));
  co_await create(place, "no resources", input("r8", "Description: nothing"));
  co_await create(place, "bad name", input("1-bad_name", parameter_template));
  aws::StackInput without = input("r9", "Resources: {U: {Type: AWS::IAM::User}}");
  without.capabilities.clear();
  co_await create(place, "no capability", without);
  for (const char* name : {"r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9"})
    (void)co_await place.cloudformation.delete_stack(name, "t");
  place.note("unknown stack", Place::outcome(co_await place.cloudformation.describe_stack("unknown")));
  place.note("template of an unknown stack",
             Place::outcome(co_await place.cloudformation.get_template("unknown")));
  place.note("events of an unknown stack",
             Place::outcome(co_await place.cloudformation.describe_stack_events("unknown", 5)));
  place.note("delete an unknown stack",
             Place::outcome(co_await place.cloudformation.delete_stack("unknown", "t")));
  co_await update(place, "update an unknown stack", input("unknown", parameter_template));
  place.note("cancel an unknown stack",
             Place::outcome(co_await place.cloudformation.cancel_update_stack("unknown")));
}

async::Task<> tokens(Place& place) {
  place.scenario = "tokens";
  aws::StackInput wanted = input("token", parameter_template);
  wanted.client_request_token = "first";
  const auto id = co_await place.cloudformation.create_stack(wanted);
  const auto again = co_await place.cloudformation.create_stack(wanted);
  place.note("the same token",
             again ? (id && *again == *id ? "the same stack" : "another stack") : Place::outcome(again));
  wanted.client_request_token = "second";
  place.note("another token", Place::outcome(co_await place.cloudformation.create_stack(wanted)));
  place.note("created", co_await settle(place, "token"));
  place.note("cancel what is done",
             Place::outcome(co_await place.cloudformation.cancel_update_stack("token")));
  place.note("continue what is done",
             Place::outcome(co_await place.cloudformation.continue_update_rollback("token")));
  co_await remove(place, "delete", "token");
}

async::Task<> failures(Place& place) {
  place.scenario = "failures";
  (void)co_await place.make_bucket("scenarios-taken");
  (void)co_await place.s3.put_object("scenarios-taken", "k", "v", "text/plain");
  const auto failed = co_await place.cloudformation.create_stack(input("taken", R"(
Resources:
  First: {Type: AWS::SQS::Queue}
  Policy:
    Type: AWS::IAM::Policy
    DependsOn: First
    Properties: {PolicyName: p, PolicyDocument: {Version: "2012-10-17", Statement: []}, Users: [nobody-of-that-name]}
)"));
  if (failed) {
    place.note("a policy of no one", co_await settle(place, *failed));
    const auto events = co_await place.cloudformation.describe_stack_events(*failed, 100);
    place.note("a resource has failed", events && std::ranges::any_of(*events,
                                                                      [](const aws::StackEvent& each) {
                                                                        return each.status ==
                                                                                   "CREATE_FAILED" &&
                                                                               each.logical_id == "Policy";
                                                                      })
                                            ? "yes"
                                            : "no");
    co_await update(place, "update then", input("taken", bucket_template, {{"Name", "scenarios-free"}}));
    co_await remove(place, "delete then", *failed);
  }
  co_await create(place, "a bucket", input("bucket", bucket_template, {{"Name", "scenarios-own"}}));
  co_await update(place, "change it",
                  input("bucket", bucket_template, {{"Name", "scenarios-own"}, {"Tag", "two"}}));
  (void)co_await place.s3.put_object("scenarios-own", "k", "v", "text/plain");
  co_await remove(place, "delete with an object", "bucket");
  (void)co_await place.s3.delete_object("scenarios-own", "k");
  co_await remove(place, "delete without", "bucket");
  place.note("the bucket", Place::outcome(co_await place.s3.head_bucket("scenarios-own")));

  const std::string kept = R"(
Parameters: {Name: {Type: String}}
Resources:
  Bucket: {Type: AWS::S3::Bucket, DeletionPolicy: Retain, UpdateReplacePolicy: Retain, Properties: {BucketName: !Ref Name}}
)";
  co_await create(place, "a bucket to keep", input("kept", kept, {{"Name", "scenarios-kept"}}));
  co_await update(place, "replace it", input("kept", kept, {{"Name", "scenarios-kept-too"}}));
  place.note("the old one", Place::outcome(co_await place.s3.head_bucket("scenarios-kept")));
  co_await remove(place, "delete its stack", "kept");
  place.note("the new one", Place::outcome(co_await place.s3.head_bucket("scenarios-kept-too")));

  const std::string replaced = R"(
Parameters: {Name: {Type: String}}
Resources: {Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref Name}}}
)";
  co_await create(place, "a bucket to replace", input("replaced", replaced, {{"Name", "scenarios-old"}}));
  co_await update(place, "replaced", input("replaced", replaced, {{"Name", "scenarios-new"}}));
  place.note("the replaced one", Place::outcome(co_await place.s3.head_bucket("scenarios-old")));
  co_await update(place, "its new name is taken", input("replaced", replaced, {{"Name", "scenarios-taken"}}));
  const auto stack = co_await place.cloudformation.describe_stack("replaced");
  place.note("its parameter then", stack ? joined(stack->parameters) : "");
  place.note("the one that is still its own", Place::outcome(co_await place.s3.head_bucket("scenarios-new")));
  co_await remove(place, "delete it", "replaced");
  place.note("someone else's bucket", Place::outcome(co_await place.s3.head_bucket("scenarios-taken")));
}

async::Task<> references(Place& place) {
  place.scenario = "references";
  (void)co_await place.ssm.put_secure_parameter("/scenarios/secure", "s");
  co_await create(place, "a secret", input("secret", R"(
Resources:
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {Name: scenarios-secret, GenerateSecretString: {PasswordLength: 20, ExcludePunctuation: true}}}
Outputs: {Arn: {Value: !Ref Secret}}
)"));
  const auto secret = co_await place.secrets.get_secret_value("scenarios-secret", "");
  place.note("its length", secret ? std::to_string(secret->size()) : Place::outcome(secret));
  co_await create(place, "a copy", input("copy", R"(
Resources:
  Copy: {Type: AWS::SSM::Parameter, Properties: {Name: /scenarios/copy, Type: String, Value: "{{resolve:secretsmanager:scenarios-secret:SecretString}}"}}
)"));
  const auto copy = co_await place.ssm.get_parameter("/scenarios/copy");
  place.note("the copy is the secret", copy && secret && *copy == *secret ? "yes" : "no");
  co_await create(place, "of nothing", input("nothing", R"(
Resources:
  Copy: {Type: AWS::SSM::Parameter, Properties: {Name: /scenarios/none, Type: String, Value: "{{resolve:ssm:/scenarios/no-such}}"}}
)"));
  for (const char* name : {"secret", "copy", "nothing"})
    co_await remove(place, std::string("delete ") + name, name);
  place.note("the secret then",
             Place::outcome(co_await place.secrets.get_secret_value("scenarios-secret", "")));
  co_await create(place, "a user with a key", input("user", R"(
Resources:
  User: {Type: AWS::IAM::User, Properties: {UserName: scenarios-user, Path: /scenarios/}}
  Key: {Type: AWS::IAM::AccessKey, Properties: {UserName: !Ref User}}
Outputs: {Id: {Value: !Ref Key}}
)"));
  const auto keys = co_await place.iam.list_access_keys("scenarios-user");
  place.note("its keys", keys ? std::to_string(keys->size()) : Place::outcome(keys));
  (void)co_await place.iam.create_access_key("scenarios-user");
  co_await remove(place, "delete with a key of someone else", "user");
  const auto left = co_await place.iam.list_access_keys("scenarios-user");
  for (std::size_t i = 0; left && i < left->size(); ++i)
    (void)co_await place.iam.delete_access_key("scenarios-user", (*left)[i]);
  co_await remove(place, "delete then", "user");
}

}  // namespace

async::Task<> play_stacks(Place& place) {
  co_await life(place);
  co_await refusals(place);
  co_await tokens(place);
  co_await failures(place);
  co_await references(place);
}

}  // namespace scenarios
