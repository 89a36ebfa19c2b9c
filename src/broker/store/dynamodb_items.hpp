// Records as items of the Go broker's table (broker.md, "State in DynamoDB"), and back. Pure.
#pragma once

#include <string>
#include <vector>

#include "aws/dynamodb.hpp"
#include "broker/store/store.hpp"

namespace broker::items {

// Values of the attribute `type`.
inline constexpr const char* instance_type = "serviceinstance";
inline constexpr const char* binding_type = "servicebinding";
inline constexpr const char* list_type = "bindingofinstance";
inline constexpr const char* template_type = "template";
inline constexpr const char* setting_type = "setting";

[[nodiscard]] boost::json::object text(std::string_view value);
[[nodiscard]] boost::json::object number(std::int64_t value);

// Everything but the key.
[[nodiscard]] aws::Item attributes_of(const InstanceRecord& record);
[[nodiscard]] aws::Item attributes_of(const BindingRecord& record);
// A body that is longer than a request takes is compressed: an item has 400 kB at most. Error: internal (it
// has more even so).
[[nodiscard]] core::Result<aws::Item> attributes_of(const StoredTemplate& kept);

// Version 0 for an item that the Go broker wrote. Error: internal (a broken record: read as the Go broker's
// it would have lost the binding's user).
[[nodiscard]] core::Result<InstanceRecord> to_instance(const aws::Item& item);
[[nodiscard]] core::Result<BindingRecord> to_binding(const aws::Item& item);
[[nodiscard]] core::Result<std::vector<BindingRecord>> to_bindings(const std::vector<aws::Item>& items);
// Error: internal (a broken body).
[[nodiscard]] core::Result<StoredTemplate> to_template(const aws::Item& item);

}  // namespace broker::items
