// The catalog as bytes that are built once per change, in the forms in which it is sent.
#pragma once

#include <map>
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

  // As clients of 2.<minor_version> know it, without the fields that came later. Made when it is first asked
  // for, on the loop's thread; lives as long as this.
  [[nodiscard]] const CatalogDocument& for_version(int minor_version) const;

  CatalogForm plain, gzip;

 private:
  mutable std::map<int, std::unique_ptr<const CatalogDocument>> older_;  // by minor version
};

}  // namespace osb
