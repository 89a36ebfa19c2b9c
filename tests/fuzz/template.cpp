// An author's template → a class of the catalog, or a sentence that says what is wrong.
#include <cstdlib>

#include "broker/catalog.hpp"
#include "osb/types.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto read =
      broker::parse_template(std::string(reinterpret_cast<const char*>(data), size), "fuzz-main.yaml");
  if (!read) {
    if (read.error().message.empty()) std::abort();
    return 0;
  }
  static const broker::Ids ids = *broker::Ids::make("000000000000", "awsservicebroker");
  broker::TemplateSet templates;
  templates.templates.push_back(std::make_shared<const broker::Template>(std::move(*read)));
  const broker::Catalog catalog(ids, std::move(templates), {});
  // What the broker offers must be a catalog to every platform.
  const auto document = core::parse_json(*catalog.document()->plain.body);
  if (!document || !osb::catalog_from_json(*document)) std::abort();
  return 0;
}
