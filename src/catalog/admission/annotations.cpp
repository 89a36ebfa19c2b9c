// What admission has to say about the annotations that steer deletion, whatever the object's spec.
#include "catalog/api/annotations.hpp"

#include "catalog/admission/facts.hpp"

namespace catalog::admission {

namespace {

std::string named(const Request& request) {
  return "the " + request.resource.kind + " \"" + request.key.name + "\"";
}

}  // namespace

bool gives_up(const Request& request) {
  return request.operation != Operation::remove && is_annotated(request.object, annotations::abandon) &&
         !is_annotated(request.old_object, annotations::abandon);
}

core::Result<> check_abandon(const Request& request, bool may_abandon) {
  if (may_abandon) return {};
  return forbidden("metadata.annotations: " + request.user.username + " may not abandon " + named(request) +
                   " by " + std::string(annotations::abandon) + ": that requires the verb \"abandon\" on " +
                   request.resource.plural + "." + request.resource.group + " in the namespace");
}

core::Result<> check_removal(const Request& request) {
  if (!is_annotated(request.old_object, annotations::prevent_deletion)) return {};
  return forbidden(named(request) + " is protected from deletion; remove the annotation " +
                   std::string(annotations::prevent_deletion) + " first: kubectl annotate -n " +
                   request.key.namespace_ + " " + request.resource.plural + "." + request.resource.group +
                   " " + request.key.name + " " + std::string(annotations::prevent_deletion) + "-");
}

}  // namespace catalog::admission
