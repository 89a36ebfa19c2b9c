// The Go broker's DynamoDB table in memory, behind DynamoDB's own protocol, with the two conditions that the
// store writes under and pages of two items.
#pragma once

#include <map>

#include <boost/asio/io_context.hpp>

#include "aws/session.hpp"
#include "broker/store/dynamodb_store.hpp"
#include "net/in_process_transport.hpp"
#include "testing/manual_clock.hpp"

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
  [[nodiscard]] aws::Session& session() { return session_; }

  static constexpr const char* account = "5c6cfb2d-bc47-5d42-94e9-1d4a5e427876";
  std::map<std::string, boost::json::object> items;
  std::vector<std::string> tables;  // that were asked for

 private:
  async::Task<net::Response> handle(const net::Request& request) {
    const boost::json::object input = core::parse_json(request.body)->as_object();
    tables.emplace_back(core::find_string(input, {"TableName"}));
    const std::string operation(request.headers.get("X-Amz-Target").substr(sizeof("DynamoDB_20120810")));
    const boost::json::object* target = core::find_object(input, {operation == "PutItem" ? "Item" : "Key"});
    const std::string id(target ? aws::string_of(*target, {"id"}) : "");
    if (operation == "GetItem") {
      boost::json::object answer;
      if (items.contains(id)) answer["Item"] = items.at(id);
      co_return ok(answer);
    }
    if (operation == "Query") co_return ok(page(input));
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
    if (expression.empty() && id.starts_with("template-")) return true;
    const bool has_version = items.contains(id) && items.at(id).contains("version");
    if (expression == "attribute_not_exists(version)") return !has_version;
    if (expression != "version = :version") throw std::runtime_error("a write without a known condition");
    return has_version &&
           items.at(id).at("version") == *core::find(input, {"ExpressionAttributeValues", ":version"});
  }

  [[nodiscard]] boost::json::object page(const boost::json::object& input) const {
    const boost::json::value& type = *core::find(input, {"ExpressionAttributeValues", ":type"});
    boost::json::array found;
    const boost::json::object* start = core::find_object(input, {"ExclusiveStartKey"});
    auto at = start ? items.upper_bound(std::string(aws::string_of(*start, {"id"}))) : items.begin();
    for (; at != items.end() && found.size() < 2; ++at) {
      if (at->second.at("type") == type) found.emplace_back(at->second);
    }
    boost::json::object answer{{"Items", found}};
    if (at != items.end()) answer["LastEvaluatedKey"] = {{"id", found.back().at("id")}};
    return answer;
  }

  static net::Response ok(const boost::json::object& answer) {
    return {.status = 200, .headers = {}, .body = core::to_text(answer)};
  }

  boost::asio::io_context& io_;
  fakes::ManualClock clock_{io_.get_executor()};
  aws::Session session_{
      {.region = "us-east-1",
       .credentials = std::make_shared<aws::StaticCredentials>(aws::Identity{.access_key_id = "AKIA",
                                                                             .secret_access_key = "s",
                                                                             .session_token = {},
                                                                             .expires = {},
                                                                             .source = {}}),
       .transports = [this](const aws::Endpoint&) -> core::Result<std::unique_ptr<net::Transport>> {
         return std::make_unique<net::InProcessTransport>(
             io_.get_executor(), [this](const net::Request& request) { return handle(request); });
       },
       .clock = &clock_,
       .environment = [](const std::string&) { return std::string(); },
       .observer = {},
       .retries = {}}};
};

}  // namespace broker::test
