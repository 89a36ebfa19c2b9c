// Parameters as the store has them: values that must not be read there are kept as "sealed:<base64>".
#pragma once

#include <string>

#include "broker/template.hpp"
#include "core/seal.hpp"

namespace broker {

class SealedValues {
 public:
  // The sealer outlives this.
  explicit SealedValues(const core::Sealer& sealer) : sealer_(sealer) {}

  // Seals what the template marks NoEcho and what is named as secrets are. `owner`: the id of the record, to
  // which a sealed value is tied.
  [[nodiscard]] boost::json::object seal(const Template& service, boost::json::object values,
                                         const std::string& owner) const;
  // Error: invalid (another key, another owner).
  [[nodiscard]] core::Result<boost::json::object> open(boost::json::object values,
                                                       const std::string& owner) const;
  // What may be shown: who wrote the secret ones knows them.
  [[nodiscard]] static boost::json::object without_secrets(const Template& service,
                                                           boost::json::object values);
  // AWS quotes what it refuses: its text with "***" in the place of those of the values that are sealed.
  [[nodiscard]] std::string hide(const boost::json::object& values, const std::string& owner,
                                 std::string text) const;
  // Whether a value is kept sealed, and left out of messages.
  [[nodiscard]] static bool is_secret(const Template& service, std::string_view name);

 private:
  const core::Sealer& sealer_;
};

}  // namespace broker
