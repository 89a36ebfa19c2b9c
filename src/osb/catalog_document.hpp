// The catalog as bytes that are built once per change, in the forms in which it is sent.
#pragma once

#include <memory>
#include <string>

namespace osb {

struct CatalogForm {
  std::shared_ptr<const std::string> body;
  std::string etag;  // quoted, strong: each form has its own (RFC 9110, 8.8.3.3)
};

struct CatalogDocument {
  // `json`: the catalog's text.
  explicit CatalogDocument(std::string json);

  CatalogForm plain, gzip;
};

}  // namespace osb
