#include "aws/query_protocol.hpp"

#include "core/hash.hpp"

namespace aws {

void QueryParameters::add(std::string_view name, std::string_view value) {
  if (!encoded_.empty()) encoded_ += '&';
  encoded_ += name;
  encoded_ += '=';
  encoded_ += core::percent_encode(value);
}

void QueryParameters::add_if(std::string_view name, std::string_view value) {
  if (!value.empty()) add(name, value);
}

void QueryParameters::add_list(const std::string& name, const std::vector<std::string>& values) {
  std::size_t index = 0;
  for (const std::string& value : values) add(name + ".member." + std::to_string(++index), value);
}

void QueryParameters::add_pairs(const std::string& name, std::string_view key_name,
                                std::string_view value_name,
                                const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::size_t index = 0;
  for (const auto& [key, value] : pairs) {
    const std::string prefix = name + ".member." + std::to_string(++index) + ".";
    add(prefix + std::string(key_name), key);
    add(prefix + std::string(value_name), value);
  }
}

async::Task<core::Result<QueryResult>> call_query(Session& session, Service service, std::string version,
                                                  std::string action, QueryParameters parameters,
                                                  Repetition repetition) {
  net::Request request{.method = "POST", .target = "/"};
  request.headers.set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  request.body = "Action=" + action + "&Version=" + version;
  if (!parameters.encoded().empty()) request.body += "&" + parameters.encoded();
  auto reply = co_await session.call(service, action, std::move(request), repetition);
  if (!reply) co_return core::fail(std::move(reply.error()));
  QueryResult answer{.document = std::make_shared<pugi::xml_document>(), .result = {}};
  // parse_minimal reads no DTD, so an answer cannot define entities.
  const auto parsed = answer.document->load_buffer(reply->body.data(), reply->body.size(),
                                                   pugi::parse_minimal | pugi::parse_escapes);
  if (!parsed)
    co_return core::fail(core::ErrorKind::protocol, action + " did not return XML: " + parsed.description());
  const pugi::xml_node response = answer.document->document_element();
  answer.result = response.child((action + "Result").c_str());
  if (!answer.result) answer.result = response;  // operations without a result
  co_return answer;
}

std::vector<pugi::xml_node> members(const pugi::xml_node& list) {
  std::vector<pugi::xml_node> found;
  for (const pugi::xml_node& member : list.children("member")) found.push_back(member);
  return found;
}

}  // namespace aws
