// Which resources an update of a stack would replace or delete, with the data in them: decided from the
// texts of the old and the new template and the parameters' values before and after, by CloudFormation's own
// facts about create-only properties (resource_types.hpp). Pure.
//
// What cannot be told counts as a change: a value that depends on a changed resource, a mapping that is
// looked up by a pseudo parameter and has changed, a loop over an unknown list.
#pragma once

#include <string>
#include <vector>

#include "broker/parameters.hpp"
#include "core/json.hpp"

namespace broker {

// A template with the values that a stack of it has.
struct StackDesign {
  const boost::json::object& document;
  Values parameters;  // of all parameters that have a value, defaults included
};

struct Replacement {
  enum class Kind {
    replaced,  // CloudFormation makes a new resource and removes the old one
    deleted,   // the stack has it no more
    unclear,   // it may be one of these: the broker does not know the type, or a macro makes the template
  };
  Kind kind = Kind::replaced;
  std::string resource;                 // its logical id; "" for all of a template that a macro makes
  std::string type;                     // "AWS::SQS::Queue"; of a macro its name
  std::string holds;                    // "its messages"; "" where that is not known
  std::string property;                 // "FifoQueue", "EncryptionAtRestOptions/Enabled"; of `replaced` only
  std::string policy;                   // what becomes of the old one: "Retain", "Snapshot", "Delete" or ""
  std::vector<std::string> parameters;  // that change it; none where the template itself does
};

struct ReplacementOptions {
  bool tags_change = false;  // of the stack, and so of all resources
  // Whether what is not known is told too. Not where only UpdatableParameters change: by listing them the
  // template's author has said that CloudFormation changes them in place.
  bool with_unclear = true;
};

// In the old template's order. Resources that hold no data are left out.
[[nodiscard]] std::vector<Replacement> find_replacements(const StackDesign& before, const StackDesign& after,
                                                         const ReplacementOptions& options);

}  // namespace broker
