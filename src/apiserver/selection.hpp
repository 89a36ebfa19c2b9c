// Which objects of a collection a list or watch is about.
#pragma once

#include <string>

#include "apiserver/answer.hpp"
#include "apiserver/kind.hpp"
#include "kube/selectors.hpp"
#include "net/http.hpp"

namespace apiserver {

struct Selection {
  kube::LabelSelector labels;
  kube::FieldSelector fields;

  // From labelSelector and fieldSelector. Errors: 400, for syntax and for fields that the kind cannot be
  // selected by.
  [[nodiscard]] static Answer<Selection> of(const Kind& kind, const net::Query& query);
  [[nodiscard]] bool matches(const json::object& object) const {
    return labels.matches(object) && fields.matches(object);
  }
  [[nodiscard]] bool everything() const { return labels.empty() && fields.empty(); }
};

}  // namespace apiserver
