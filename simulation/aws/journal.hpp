// What happened in an account: for the checker, which compares it with what users asked for.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/time.hpp"

namespace simulation {

// A call that changes something, accepted or refused.
struct JournalEntry {
  core::SystemTime time;
  std::string caller;  // access key id
  std::string service, action;
  std::string target;     // the stack, user, table and key, parameter …
  std::string token;      // ClientRequestToken
  std::string outcome;    // "ok", or AWS's code
  bool was_done = false;  // also of a call whose answer was lost
};

// What became of a resource that existed outside the template: the thing itself, with the data in it.
enum class Fate { alive, destroyed, snapshot, retained };
enum class Cause {
  none,
  stack_deleted,
  creation_rolled_back,
  replaced,
  removed_from_template,
  update_rolled_back,
  outside
};

struct Thing {
  std::uint64_t lineage = 0;  // one number for each thing ever made
  std::string type;           // "AWS::RDS::DBInstance"
  std::string physical_id;
  std::string stack_id, logical_id;
  bool holds_data = false;
  core::SystemTime made;
  Fate fate = Fate::alive;
  Cause cause = Cause::none;
  core::SystemTime ended = {};
  std::string ended_by;  // "DeleteStack by AKIA… (token …)"
};

struct Journal {
  std::vector<JournalEntry> entries;
  std::vector<std::string> violations;       // requests that AWS would not have understood
  std::map<std::string, std::size_t> calls;  // "cloudformation:DescribeStacks" → number, faults included
  std::vector<Thing> things;                 // every one ever, by lineage: things[lineage - 1]

  // All data that was destroyed, no matter by whom.
  [[nodiscard]] std::vector<const Thing*> destroyed_data() const {
    std::vector<const Thing*> found;
    for (const Thing& thing : things) {
      if (thing.holds_data && thing.fate == Fate::destroyed) found.push_back(&thing);
    }
    return found;
  }
};

[[nodiscard]] constexpr const char* to_string(Cause cause) {
  switch (cause) {
    case Cause::none:
      return "none";
    case Cause::stack_deleted:
      return "stack deleted";
    case Cause::creation_rolled_back:
      return "creation rolled back";
    case Cause::replaced:
      return "replaced by an update";
    case Cause::removed_from_template:
      return "removed from the template";
    case Cause::update_rolled_back:
      return "update rolled back";
    case Cause::outside:
      return "deleted outside";
  }
  return "";
}

}  // namespace simulation
