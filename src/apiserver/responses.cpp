#include "apiserver/responses.hpp"

#include <algorithm>

#include "core/yaml.hpp"

namespace apiserver {

namespace {

// Source: https://www.rfc-editor.org/rfc/rfc7234#section-5.5
std::string warning_header(std::string_view text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return "299 - \"" + quoted + "\"";
}

}  // namespace

net::Response respond(int status, std::string text, const Form& form,
                      const std::vector<std::string>& warnings) {
  net::Response response{.status = status, .headers = {{"Cache-Control", "no-cache, private"}}, .body = {}};
  std::string type = "application/json";
  if (form.yaml) {
    type = "application/yaml";
    const auto value = core::parse_json(text, {.max_bytes = std::string::npos, .max_depth = 512});
    if (value) text = core::to_yaml(*value);
  }
  if (!form.discovery.empty())
    type += ";g=apidiscovery.k8s.io;v=" + form.discovery + ";as=APIGroupDiscoveryList";
  response.headers.set("Content-Type", std::move(type));
  for (auto warning = warnings.begin(); warning != warnings.end(); ++warning) {
    if (std::find(warnings.begin(), warning, *warning) == warning)
      response.headers.add("Warning", warning_header(*warning));
  }
  response.body = std::move(text);
  return response;
}

net::Response respond(int status, const boost::json::object& object, const Form& form,
                      const std::vector<std::string>& warnings) {
  return respond(status, core::to_text(object), form, warnings);
}

net::Response respond(const Failure& failure) {
  boost::json::object status = kube::status_of_error(failure.error, failure.details);
  if (!failure.continue_token.empty()) status["metadata"] = {{"continue", failure.continue_token}};
  net::Response response = respond(kube::http_status_of_error(failure.error), status);
  if (failure.error.retry_after)
    response.headers.set("Retry-After", std::to_string(failure.error.retry_after->count()));
  return response;
}

}  // namespace apiserver
