// The templates inside the program.
#pragma once

#include "broker/sources/template_source.hpp"

namespace broker {

class BuiltInSource final : public TemplateSource {
 public:
  // `classes`: as in TemplateFilter.
  explicit BuiltInSource(std::string classes) : classes_(std::move(classes)) {}

  [[nodiscard]] std::string name() const override { return "the built-in templates"; }
  [[nodiscard]] async::Task<core::Result<std::optional<TemplateSet>>> refresh() override;

 private:
  std::string classes_;
  bool was_read_ = false;
};

}  // namespace broker
