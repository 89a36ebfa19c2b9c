// svcat get: lists objects of one kind.
#pragma once

#include <string>

#include "svcat/listing.hpp"

namespace svcat {

struct GetRequest {
  Kind kind = Kind::instance;
  Place place;
  std::string name;  // "" for all
  // Only those that belong to it; "" for all. Names as Reader::find takes them.
  std::string of_broker, of_class, of_plan, of_instance;
  Output output = Output::table;
};

// What is to be printed.
[[nodiscard]] async::Task<core::Result<std::string>> get(Reader& reader, GetRequest request);

}  // namespace svcat
