// Several objects as a table, or as JSON or YAML that kubectl takes.
#pragma once

#include <string>

#include "svcat/reader.hpp"

namespace svcat {

enum class Output { table, json, yaml };

// `classes` are where the names of the plans' classes are looked up; not needed for other kinds.
[[nodiscard]] std::string table_of(Kind kind, const Objects& objects, const Objects& classes);

// One object as itself, several as a v1 List.
[[nodiscard]] core::json::value document_of(Objects objects, bool as_list);
[[nodiscard]] std::string text_of(const core::json::value& document, Output output);

}  // namespace svcat
