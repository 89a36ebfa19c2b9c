#include "broker/bindings/bind_lambda.hpp"

namespace broker {

namespace json = boost::json;
using core::ErrorKind;
using core::fail;

async::Task<core::Result<json::object>> ask_lambda(Cloud& cloud, const Outputs& outputs,
                                                   const BindingRecord& binding, json::object credentials,
                                                   const char* request_type) {
  std::string function;
  for (const auto& [name, value] : outputs) {
    if (name == "BindLambda") function = value;
  }
  if (function.empty()) co_return fail(ErrorKind::internal, "The stack has no output BindLambda.");
  credentials["INSTANCE_ID"] = binding.instance_id;
  credentials["BINDING_ID"] = binding.id;
  credentials["RequestType"] = request_type;
  auto answer = co_await cloud.invoke(function, core::to_text(credentials));
  if (!answer && answer.error().code == "FunctionError") {  // the user's to mend, as an errorMessage
    answer.error().kind = ErrorKind::invalid;
    answer.error().code.clear();
  }
  if (!answer) co_return fail(std::move(answer.error()));
  const auto parsed = core::parse_json(*answer);
  if (!parsed || !parsed->is_object())
    co_return fail(ErrorKind::protocol, "The Lambda function " + function + " did not return a JSON object.");
  if (const auto why = core::find_string(*parsed, {"errorMessage"}); !why.empty()) {
    co_return fail(ErrorKind::invalid, "The Lambda function " + function + " failed: " + std::string(why));
  }
  co_return parsed->get_object();
}

}  // namespace broker
