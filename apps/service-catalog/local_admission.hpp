// The catalog's admission functions as the embedded control plane wants them.
#pragma once

#include "apiserver/admission.hpp"
#include "catalog/admission/admission.hpp"

class CatalogAdmission final : public apiserver::Admission {
 public:
  // The lookup outlives this.
  explicit CatalogAdmission(catalog::admission::Lookup& lookup) : lookup_(lookup) {}
  [[nodiscard]] async::Task<core::Result<boost::json::object>> admit(
      apiserver::AdmissionRequest request) override;

 private:
  catalog::admission::Lookup& lookup_;
};
