// An object as a client sent it, read as its kind: unknown fields are dropped (and told), wrong types
// refused. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "apiserver/answer.hpp"
#include "apiserver/kind.hpp"

namespace apiserver {

// The query parameter fieldValidation: what is said about unknown fields.
enum class FieldValidation { ignore, warn, strict };

// Errors: 400 in the API's words.
[[nodiscard]] Answer<> decode(const Kind& kind, json::object& object, FieldValidation validation,
                              std::vector<std::string>& warnings);

// What is wrong with the metadata as the user has written it.
[[nodiscard]] std::vector<kube::StatusCause> check_metadata(const Kind& kind, const json::object& object);

// apiVersion and kind are those of the kind (and filled in where they are missing).
[[nodiscard]] Answer<> check_type(const Kind& kind, json::object& object);

}  // namespace apiserver
