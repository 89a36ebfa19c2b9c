#include "simulation/aws/functions.hpp"

#include "core/hash.hpp"

namespace simulation {

Answer<LambdaFunction*> FunctionService::create(const std::string& name, FunctionCode code) {
  if (functions_.contains(name))
    return refuse("ResourceConflictException", "Function already exist: " + name, 409);
  if (!code) {
    code = [name](const std::string& payload) {
      boost::json::object answer{{"Function", name}};
      if (const auto input = core::parse_json(payload); input && input->is_object()) {
        for (const auto& entry : input->get_object())
          if (entry.value().is_string()) answer[entry.key()] = entry.value();
      }
      return FunctionAnswer{.payload = core::to_text(answer)};
    };
  }
  LambdaFunction function{.name = name,
                          .arn = world_.arn("lambda", "function:" + name),
                          .code = std::move(code),
                          .invocations = 0};
  return &functions_.emplace(name, std::move(function)).first->second;
}

LambdaFunction* FunctionService::find(const std::string& id) {
  const auto found = functions_.find(id.starts_with("arn:") ? id.substr(id.rfind(':') + 1) : id);
  return found == functions_.end() ? nullptr : &found->second;
}

Answer<> FunctionService::handle(const Call& call) {
  constexpr std::string_view before = "/2015-03-31/functions/";
  std::string_view name = call.request->path();
  name.remove_prefix(std::min(before.size(), name.size()));
  name = name.substr(0, name.find('/'));
  const std::string id = core::percent_decode(name).value_or(std::string(name));
  LambdaFunction* function = find(id);
  if (function == nullptr) {
    const std::string arn = id.starts_with("arn:") ? id : world_.arn("lambda", "function:" + id);
    return refuse("ResourceNotFoundException", "Function not found: " + arn, 404);
  }
  if (!core::parse_json(call.request->body) && !call.request->body.empty())
    return refuse("InvalidRequestContentException", "Could not parse request body into json");
  ++function->invocations;
  FunctionAnswer answer = function->code(call.request->body);
  Reply reply{.body = std::move(answer.payload), .headers = {{"X-Amz-Executed-Version", "$LATEST"}}};
  if (answer.has_failed) reply.headers.set("X-Amz-Function-Error", "Unhandled");
  return reply;
}

}  // namespace simulation
