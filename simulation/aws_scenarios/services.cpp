// The other services' answers and codes.
#include "core/json.hpp"
#include "simulation/aws_scenarios/place.hpp"

namespace scenarios {

namespace {

namespace json = boost::json;

aws::Item key(const std::string& id) {
  return {{"id", {{"S", id}}}, {"userid", {{"S", "u"}}}};
}
aws::Item item(const std::string& id, int version) {
  aws::Item made = key(id);
  made["type"] = {{"S", "x"}};
  made["version"] = {{"N", std::to_string(version)}};
  return made;
}
aws::Condition at(int version) {
  if (version == 0) return {.expression = "attribute_not_exists(version)", .names = {}, .values = {}};
  return {.expression = "version = :version",
          .names = {},
          .values = {{":version", {{"N", std::to_string(version)}}}}};
}

async::Task<> users(Place& place) {
  place.scenario = "users";
  aws::Iam& iam = place.iam;
  const auto note = [&place](const char* what, const auto& result) {
    place.note(what, Place::outcome(result));
  };
  note("create", co_await iam.create_user("scenarios-u", "/p/", {{"a", "b"}}));
  note("create again", co_await iam.create_user("scenarios-u", "/p/", {}));
  note("bad name", co_await iam.create_user("no spaces", "/p/", {}));
  note("key of no one", co_await iam.create_access_key("scenarios-nobody"));
  note("first key", co_await iam.create_access_key("scenarios-u"));
  note("second key", co_await iam.create_access_key("scenarios-u"));
  note("third key", co_await iam.create_access_key("scenarios-u"));
  const auto tags = co_await iam.list_user_tags("scenarios-u");
  place.note("tags", tags && !tags->empty() ? tags->front().first + "=" + tags->front().second
                                            : Place::outcome(tags));
  note("policy",
       co_await iam.put_user_policy(
           "scenarios-u", "p",
           R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]})"));
  note("policy that is no JSON", co_await iam.put_user_policy("scenarios-u", "q", "x"));
  const auto policy = co_await iam.get_user_policy("scenarios-u", "p");
  place.note(
      "policy as it was sent",
      policy &&
              *policy ==
                  R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]})"
          ? "yes"
          : "no");
  note("policy of no one",
       co_await iam.put_user_policy(
           "scenarios-nobody", "p",
           R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]})"));
  note("attach nothing",
       co_await iam.attach_user_policy("scenarios-u", "arn:aws:iam::aws:policy/ReadOnlyAccess"));
  note("delete with keys", co_await iam.delete_user("scenarios-u"));
  const auto keys = co_await iam.list_access_keys("scenarios-u");
  for (std::size_t i = 0; keys && i < keys->size(); ++i)
    note("delete key", co_await iam.delete_access_key("scenarios-u", (*keys)[i]));
  note("delete no key", co_await iam.delete_access_key("scenarios-u", "AKIANOSUCHKEY0000000"));
  note("delete with policies", co_await iam.delete_user("scenarios-u"));
  note("delete policy", co_await iam.delete_user_policy("scenarios-u", "p"));
  note("delete no policy", co_await iam.delete_user_policy("scenarios-u", "p"));
  (void)co_await iam.detach_user_policy("scenarios-u", "arn:aws:iam::aws:policy/ReadOnlyAccess");
  note("delete", co_await iam.delete_user("scenarios-u"));
  note("delete again", co_await iam.delete_user("scenarios-u"));
  note("tags of no one", co_await iam.list_user_tags("scenarios-u"));
  note("attach to no role",
       co_await iam.attach_role_policy("scenarios-none", "arn:aws:iam::aws:policy/ReadOnlyAccess"));
}

async::Task<> tables(Place& place) {
  place.scenario = "tables";
  const auto note = [&place](const char* what, const auto& result) {
    place.note(what, Place::outcome(result));
  };
  aws::DynamoDb& db = place.dynamodb;
  note("no table", co_await db.get_item("none", key("a")));
  note("describe no table", co_await db.describe_table("none"));
  aws::StackInput wanted{.stack_name = "table", .template_body = R"(
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: scenarios
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}, {AttributeName: userid, AttributeType: S}, {AttributeName: type, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}, {AttributeName: userid, KeyType: RANGE}]
      GlobalSecondaryIndexes:
        - {IndexName: type-userid-index, KeySchema: [{AttributeName: type, KeyType: HASH}, {AttributeName: userid, KeyType: RANGE}], Projection: {ProjectionType: ALL}}
)"};
  const auto made = co_await place.cloudformation.create_stack(wanted);
  place.note("create", Place::outcome(made));
  for (int i = 0; i < 2'000; ++i) {
    const auto stack = co_await place.cloudformation.describe_stack("table");
    if (!stack || !stack->status.ends_with("_IN_PROGRESS")) break;
    co_await place.wait();
  }
  const auto described = co_await db.describe_table("scenarios");
  if (described)
    place.note("described", described->status + " " + described->hash_key + " " + described->range_key + " " +
                                std::to_string(described->indexes.size()));
  note("put", co_await db.put_item("scenarios", item("a", 1), at(0)));
  note("put again", co_await db.put_item("scenarios", item("a", 1), at(0)));
  note("put the next version", co_await db.put_item("scenarios", item("a", 2), at(1)));
  note("put without a key", co_await db.put_item("scenarios", {{"id", {{"S", "a"}}}}, {}));
  note("get with half a key", co_await db.get_item("scenarios", {{"id", {{"S", "a"}}}}));
  note("update", co_await db.update_item("scenarios", key("a"), "SET n = :n",
                                         {.expression = {}, .names = {}, .values = {{":n", {{"N", "7"}}}}}));
  const auto read = co_await db.get_item("scenarios", key("a"));
  place.note("got", read && *read ? std::string(core::find_string(**read, {"version", "N"})) + " " +
                                        std::string(core::find_string(**read, {"n", "N"}))
                                  : Place::outcome(read));
  note("delete an old version", co_await db.delete_item("scenarios", key("a"), at(1)));
  note("a broken expression",
       co_await db.delete_item("scenarios", key("a"),
                               {.expression = "version ==", .names = {}, .values = {}}));
  note("a value that is not given",
       co_await db.delete_item("scenarios", key("a"),
                               {.expression = "version = :none", .names = {}, .values = {}}));
  (void)co_await db.put_item("scenarios", item("b", 1), {});
  const auto page = co_await db.query("scenarios", "type-userid-index",
                                      {.expression = "#type = :type AND userid = :u",
                                       .names = {{"#type", "type"}},
                                       .values = {{":type", {{"S", "x"}}}, {":u", {{"S", "u"}}}}},
                                      {});
  place.note("query", page ? std::to_string(page->items.size()) : Place::outcome(page));
  note("query no index",
       co_await db.query("scenarios", "none",
                         {.expression = "a = :a", .names = {}, .values = {{":a", {{"S", "x"}}}}}, {}));
  std::vector<aws::Item> keys{key("a"), key("b"), key("c")};
  const auto batch = co_await db.batch_get_items("scenarios", std::move(keys));
  place.note("batch", batch ? std::to_string(batch->size()) : Place::outcome(batch));
  note("delete", co_await db.delete_item("scenarios", key("a"), at(2)));
  note("delete what is not there", co_await db.delete_item("scenarios", key("a"), {}));
  note("delete what is not there under a condition", co_await db.delete_item("scenarios", key("a"), at(2)));
  (void)co_await place.cloudformation.delete_stack("table", "t");
}

async::Task<> others(Place& place) {
  place.scenario = "others";
  const auto note = [&place](const char* what, const auto& result) {
    place.note(what, Place::outcome(result));
  };
  note("no parameter", co_await place.ssm.get_parameter("/scenarios/none"));
  note("put a parameter", co_await place.ssm.put_secure_parameter("/scenarios/p", "one"));
  note("put it again", co_await place.ssm.put_secure_parameter("/scenarios/p", "two"));
  const auto now = co_await place.ssm.get_parameter("/scenarios/p");
  place.note("the newest", now ? *now : Place::outcome(now));
  const auto first = co_await place.ssm.get_parameter("/scenarios/p:1");
  place.note("the first version", first ? *first : Place::outcome(first));
  note("no such version", co_await place.ssm.get_parameter("/scenarios/p:9"));
  note("delete a parameter", co_await place.ssm.delete_parameter("/scenarios/p"));
  note("delete it again", co_await place.ssm.delete_parameter("/scenarios/p"));
  note("no secret", co_await place.secrets.get_secret_value("scenarios-none", ""));
  note("describe no secret", co_await place.secrets.describe_secret("scenarios-none"));
  note("no function", co_await place.lambda.invoke("scenarios-none", "{}"));
  note("no key", co_await place.kms.generate_data_key("alias/scenarios-none", {}));
  note("no bucket", co_await place.s3.head_bucket("scenarios-none"));
  note("list no bucket", co_await place.s3.list_objects("scenarios-none", ""));
  note("an object of no bucket", co_await place.s3.get_object("scenarios-none", "k"));
  (void)co_await place.make_bucket("scenarios-objects");
  note("no object", co_await place.s3.get_object("scenarios-objects", "k"));
  note("put an object", co_await place.s3.put_object("scenarios-objects", "a/k ö", "body", "text/plain"));
  const auto body = co_await place.s3.get_object("scenarios-objects", "a/k ö");
  place.note("the object", body ? *body : Place::outcome(body));
  const auto listed = co_await place.s3.list_objects("scenarios-objects", "a/");
  place.note("the list", listed && !listed->empty()
                             ? listed->front().key + " " + std::to_string(listed->front().size)
                             : Place::outcome(listed));
  note("delete an object that is not there", co_await place.s3.delete_object("scenarios-objects", "none"));
  note("who we are", co_await place.sts.get_caller_identity());
}

}  // namespace

async::Task<> play_services(Place& place) {
  co_await users(place);
  co_await tables(place);
  co_await others(place);
}

}  // namespace scenarios
