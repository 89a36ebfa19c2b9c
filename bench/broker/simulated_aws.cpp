#include "simulated_aws.hpp"

#include "core/json.hpp"
#include "net/router.hpp"
#include "serve.hpp"

namespace bench {

namespace {

constexpr const char* account = "000000000000";
constexpr std::size_t page_size = 100;

net::Response xml(const std::string& action, const std::string& result) {
  net::Response response{.status = 200, .headers = {{"Content-Type", "text/xml"}}, .body = std::string()};
  response.body = "<" + action + "Response><" + action + "Result>" + result + "</" + action + "Result></" +
                  action + "Response>";
  return response;
}

net::Response missing(const std::string& stack) {
  net::Response response{.status = 400, .headers = {{"Content-Type", "text/xml"}}, .body = std::string()};
  response.body = "<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id " + stack +
                  " does not exist</Message></Error></ErrorResponse>";
  return response;
}

std::string member(const std::string& id, const std::string& name, const std::string& status) {
  return "<member><StackId>" + id + "</StackId><StackName>" + name + "</StackName><StackStatus>" + status +
         "</StackStatus></member>";
}

// Three of seven complete.
std::string resources() {
  std::string text;
  for (int number = 0; number < 7; ++number) {
    const std::string status = number < 3 ? "CREATE_COMPLETE" : "CREATE_IN_PROGRESS";
    text += "<member><LogicalResourceId>Resource" + std::to_string(number) +
            "</LogicalResourceId><ResourceType>AWS::S3::Bucket</ResourceType><ResourceStatus>" + status +
            "</ResourceStatus></member>";
  }
  return "<StackResources>" + text + "</StackResources>";
}

}  // namespace

async::Task<net::Response> SimulatedAws::handle(const net::Request& request) {
  if (request.path() == "/calls") {
    boost::json::object calls;
    for (const auto& [action, count] : calls_) calls[action] = count;
    co_return net::json_response(200, core::to_text(calls));
  }
  if (request.path() == "/complete") {
    for (auto& [id, stack] : stacks_) stack.status = "CREATE_COMPLETE";
    co_return net::json_response(200, "{}");
  }
  const net::Query parameters = net::Query::parse(request.body);
  std::string action(parameters.get("Action"));
  ++calls_[action];
  co_await clock_.sleep_for(latency_);
  co_return answer(action, parameters);
}

net::Response SimulatedAws::answer(const std::string& action, const net::Query& parameters) {
  const std::string stack(parameters.get("StackName"));
  if (action == "GetCallerIdentity") {
    const std::string arn = "arn:aws:iam::" + std::string(account) + ":user/bench";
    return xml(action, "<Arn>" + arn + "</Arn><UserId>bench</UserId><Account>" + account + "</Account>");
  }
  if (action == "CreateStack") return xml(action, "<StackId>" + create(stack) + "</StackId>");
  if (action == "ListStacks") return xml(action, list(std::string(parameters.get("NextToken"))));
  const auto found = stacks_.find(stack);
  if (found == stacks_.end()) return missing(stack);
  if (action == "DescribeStackResources") return xml(action, resources());
  return xml(action,
             "<Stacks>" + member(found->first, found->second.name, found->second.status) + "</Stacks>");
}

std::string SimulatedAws::create(const std::string& name) {
  const std::string id = "arn:aws:cloudformation:us-east-1:" + std::string(account) + ":stack/" + name + "/1";
  stacks_[id] = {.name = name, .status = "CREATE_IN_PROGRESS"};
  return id;
}

std::string SimulatedAws::list(const std::string& token) const {
  const std::size_t begin = token.empty() ? 0 : std::stoul(token);
  std::size_t index = 0;
  std::string page;
  for (const auto& [id, stack] : stacks_) {
    if (!stack.status.ends_with("_IN_PROGRESS")) continue;
    if (index >= begin && index < begin + page_size) page += member(id, stack.name, stack.status);
    ++index;
  }
  std::string result = "<StackSummaries>" + page + "</StackSummaries>";
  if (index > begin + page_size) result += "<NextToken>" + std::to_string(begin + page_size) + "</NextToken>";
  return result;
}

async::Task<int> serve_simulated_aws(std::uint16_t port, std::chrono::milliseconds latency) {
  SimulatedAws aws(latency);
  co_return co_await serve_until_told(port,
                                      [&aws](const net::Request& request) { return aws.handle(request); });
}

}  // namespace bench
