// The Query protocol (CloudFormation, IAM, STS): form-encoded parameters in, XML out.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pugixml.hpp>

#include "aws/session.hpp"

namespace aws {

class QueryParameters {
 public:
  void add(std::string_view name, std::string_view value);
  // Leaves out what is empty.
  void add_if(std::string_view name, std::string_view value);
  // Name.member.1, Name.member.2 …
  void add_list(const std::string& name, const std::vector<std::string>& values);
  // Name.member.1.Key, Name.member.1.Value …
  void add_pairs(const std::string& name, std::string_view key_name, std::string_view value_name,
                 const std::vector<std::pair<std::string, std::string>>& pairs);
  [[nodiscard]] const std::string& encoded() const { return encoded_; }

 private:
  std::string encoded_;
};

// The <…Result> element of the answer, in a document that keeps it alive. Error: protocol (no XML, no such
// element).
struct QueryResult {
  std::shared_ptr<pugi::xml_document> document;
  pugi::xml_node result;
};
[[nodiscard]] async::Task<core::Result<QueryResult>> call_query(Session& session, Service service,
                                                                std::string version, std::string action,
                                                                QueryParameters parameters,
                                                                Repetition repetition = Repetition::harmless);

// The <member> children of a list element.
[[nodiscard]] std::vector<pugi::xml_node> members(const pugi::xml_node& list);

}  // namespace aws
