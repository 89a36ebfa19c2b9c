// The Go broker's DynamoDB table in memory, behind DynamoDB's own protocol, with the two conditions that the
// store writes under and pages of two items.
#pragma once

#include <map>

#include <boost/asio/io_context.hpp>

#include "broker/store/dynamodb_store.hpp"
#include "testing/manual_clock.hpp"
#include "tests/unit/broker/answered_session.hpp"

namespace broker::test {

class FakeDynamoDb {
 public:
  explicit FakeDynamoDb(boost::asio::io_context& io) : io_(io) {}

  // As another program would write it: the item without its keys.
  void put(const std::string& id, boost::json::object item) {
    item["id"] = aws::string_attribute(id);
    item["userid"] = aws::string_attribute(account);
    items[id] = std::move(item);
  }
  // Under which an item stands in `items`: its id, where its range key is the account's.
  static std::string name_of(const boost::json::object& key) {
    const std::string_view id = aws::string_of(key, {"id"});
    const std::string_view userid = aws::string_of(key, {"userid"});
    return std::string(id) + (userid == account ? "" : " of " + std::string(userid));
  }
  [[nodiscard]] aws::Session& session() { return session_; }

  static constexpr const char* account = "5c6cfb2d-bc47-5d42-94e9-1d4a5e427876";
  std::map<std::string, boost::json::object> items;
  std::vector<std::string> tables;       // that were asked for
  std::vector<std::string> given;        // names of items, since a test has cleared it
  bool index_is_the_go_brokers = false;  // its index holds the keys only

 private:
  async::Task<net::Response> handle(const net::Request& request) {
    const boost::json::object input = core::parse_json(request.body)->as_object();
    tables.emplace_back(core::find_string(input, {"TableName"}));
    const std::string operation(request.headers.get("X-Amz-Target").substr(sizeof("DynamoDB_20120810")));
    const boost::json::object* target = core::find_object(input, {operation == "PutItem" ? "Item" : "Key"});
    const std::string id = target ? name_of(*target) : "";
    if (operation == "GetItem") {
      boost::json::object answer;
      if (items.contains(id)) answer["Item"] = items.at(id);
      co_return ok(answer);
    }
    if (operation == "Query") co_return ok(page(input));
    if (operation == "BatchGetItem") co_return ok(batch(input));
    if (!holds(input, id)) {
      co_return net::Response{
          .status = 400,
          .headers = {},
          .body =
              std::string(R"({"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",)"
                          R"("message":"The conditional request failed"})")};
    }
    if (operation == "PutItem") items[id] = *target;
    if (operation == "DeleteItem") items.erase(id);
    co_return ok({});
  }

  [[nodiscard]] bool holds(const boost::json::object& input, const std::string& id) const {
    const std::string_view expression = core::find_string(input, {"ConditionExpression"});
    // A template is the same under its digest; of an instance's list an item is nothing but its key.
    if (expression.empty() && (id.starts_with("template-") || id.contains(" of "))) return true;
    const bool has_version = items.contains(id) && items.at(id).contains("version");
    if (expression == "attribute_not_exists(version)") return !has_version;
    if (expression != "version = :version") throw std::runtime_error("a write without a known condition");
    return has_version &&
           items.at(id).at("version") == *core::find(input, {"ExpressionAttributeValues", ":version"});
  }

  [[nodiscard]] boost::json::object page(const boost::json::object& input) {
    const boost::json::value& type = *core::find(input, {"ExpressionAttributeValues", ":type"});
    const boost::json::value& userid = *core::find(input, {"ExpressionAttributeValues", ":userid"});
    boost::json::array found;
    const boost::json::object* start = core::find_object(input, {"ExclusiveStartKey"});
    auto at = start ? items.upper_bound(name_of(*start)) : items.begin();
    for (; at != items.end() && found.size() < 2; ++at) {
      if (at->second.at("type") != type || at->second.at("userid") != userid) continue;
      found.emplace_back(in_index(at->second));
      given.push_back(at->first);
    }
    boost::json::object answer{{"Items", found}};
    if (at != items.end())
      answer["LastEvaluatedKey"] = {{"id", found.back().at("id")}, {"userid", found.back().at("userid")}};
    return answer;
  }

  [[nodiscard]] boost::json::object in_index(const boost::json::object& item) const {
    if (!index_is_the_go_brokers) return item;
    return {{"id", item.at("id")}, {"userid", item.at("userid")}, {"type", item.at("type")}};
  }

  // One item an answer: the rest was too much.
  [[nodiscard]] boost::json::object batch(const boost::json::object& input) {
    const auto& asked = *input.at("RequestItems").as_object().begin();
    tables.emplace_back(asked.key());
    boost::json::array left = asked.value().at("Keys").as_array();
    const std::string id = name_of(left.front().as_object());
    left.erase(left.begin());
    boost::json::array found;
    if (items.contains(id)) {
      found.emplace_back(items.at(id));
      given.push_back(id);
    }
    boost::json::object answer{{"Responses", boost::json::object{{asked.key(), found}}}};
    if (!left.empty())
      answer["UnprocessedKeys"] = {{asked.key(), boost::json::object{{"Keys", std::move(left)}}}};
    return answer;
  }

  static net::Response ok(const boost::json::object& answer) {
    return {.status = 200, .headers = {}, .body = core::to_text(answer)};
  }

  boost::asio::io_context& io_;
  fakes::ManualClock clock_{io_.get_executor()};
  aws::Session session_{answered_session(io_.get_executor(), clock_, "us-east-1", "AKIA",
                                         [this](const net::Request& request) { return handle(request); })};
};

}  // namespace broker::test
