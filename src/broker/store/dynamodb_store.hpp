// The store in the DynamoDB table of the Go broker (broker.md, "State in DynamoDB"): items it wrote are read,
// and what is written here it can read. Ours beyond that stands in the attributes `record` (JSON) and
// `version`, and in items of the types `template` and `setting`, which it ignores. Several replicas may share
// the table.
#pragma once

#include <string>

#include "aws/dynamodb.hpp"
#include "broker/store/store.hpp"

namespace broker {

class DynamoDbStore final : public Store {
 public:
  // account_uuid: the range key of every item. The session outlives the store.
  DynamoDbStore(aws::Session& session, std::string table, std::string account_uuid);

  [[nodiscard]] async::Task<core::Result<std::optional<InstanceRecord>>> get_instance(
      std::string id) override;
  [[nodiscard]] async::Task<core::Result<InstanceRecord>> put_instance(InstanceRecord record) override;
  [[nodiscard]] async::Task<core::Result<>> remove_instance(InstanceRecord record) override;
  [[nodiscard]] async::Task<core::Result<>> visit_instances(InstanceVisitor visit) override;
  [[nodiscard]] async::Task<core::Result<std::optional<BindingRecord>>> get_binding(std::string id) override;
  [[nodiscard]] async::Task<core::Result<BindingRecord>> put_binding(BindingRecord record) override;
  [[nodiscard]] async::Task<core::Result<>> remove_binding(BindingRecord record) override;
  [[nodiscard]] async::Task<core::Result<std::vector<BindingRecord>>> list_bindings(
      std::string instance_id) override;
  [[nodiscard]] async::Task<core::Result<std::vector<BindingRecord>>> list_all_bindings() override;
  [[nodiscard]] async::Task<core::Result<std::optional<StoredTemplate>>> get_template(
      std::string digest) override;
  [[nodiscard]] async::Task<core::Result<>> put_template(StoredTemplate kept) override;
  [[nodiscard]] async::Task<core::Result<>> remove_template(StoredTemplate kept) override;
  [[nodiscard]] async::Task<core::Result<std::vector<StoredTemplate>>> list_templates() override;
  [[nodiscard]] async::Task<core::Result<std::optional<std::string>>> get_setting(std::string name) override;
  [[nodiscard]] async::Task<core::Result<>> add_setting(std::string name, std::string value) override;

 private:
  [[nodiscard]] aws::Item key(const std::string& id) const;
  [[nodiscard]] async::Task<core::Result<>> put(aws::Item item, std::int64_t previous_version);
  [[nodiscard]] async::Task<core::Result<>> remove(const std::string& id, std::int64_t version);
  [[nodiscard]] async::Task<core::Result<aws::ItemPage>> page(std::string type, aws::Item start);
  [[nodiscard]] async::Task<core::Result<std::vector<aws::Item>>> list(std::string type);
  [[nodiscard]] async::Task<core::Result<std::vector<aws::Item>>> with_all_attributes(
      std::vector<aws::Item> items);

  aws::DynamoDb dynamodb_;
  std::string table_;
  std::string account_uuid_;
};

}  // namespace broker
