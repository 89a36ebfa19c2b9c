#include "osb/catalog_document.hpp"

#include "core/gzip.hpp"
#include "core/hash.hpp"

namespace osb {

CatalogDocument::CatalogDocument(std::string json) {
  const std::string digest = core::sha256_hex(json).substr(0, 32);
  gzip = {.body = std::make_shared<const std::string>(core::gzip(json)), .etag = "\"" + digest + "-gzip\""};
  plain = {.body = std::make_shared<const std::string>(std::move(json)), .etag = "\"" + digest + "\""};
}

}  // namespace osb
