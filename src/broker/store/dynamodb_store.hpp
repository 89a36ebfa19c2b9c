// The store in the DynamoDB table of the Go broker (broker.md, "State in DynamoDB"): items it wrote are read,
// and what is written here it can read. Ours beyond that stands in the attributes `record` (JSON), `version`
// and `listed`, and in items of the types `template`, `setting` and `bindingofinstance`, which it ignores.
// Several replicas may share the table.
//
// The table's index knows bindings by account only. So that an instance's bindings are found without reading
// all others', an item `bindingofinstance` beside each has the binding's id, and as `userid` the account with
// the instance: it is written before the binding and removed after it. `listed` says in a binding's item that
// there is one; where it is missing (the Go broker's), the first list_all_bindings(), which the broker begins
// with, adds it.
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
  // Until it has once succeeded, list_bindings() looks through all bindings.
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
  [[nodiscard]] aws::Item key_in_list(const std::string& binding_id, const std::string& instance_id) const;
  [[nodiscard]] std::string list_of(const std::string& instance_id) const;
  [[nodiscard]] async::Task<core::Result<>> put(aws::Item item, std::int64_t previous_version);
  [[nodiscard]] async::Task<core::Result<>> remove(const std::string& id, std::int64_t version);
  [[nodiscard]] async::Task<core::Result<>> add_to_list(const std::string& binding_id,
                                                        const std::string& instance_id);
  // Of a type and a `userid`: as much as the index holds of each item.
  [[nodiscard]] async::Task<core::Result<aws::ItemPage>> indexed_page(const std::string& type,
                                                                      const std::string& userid,
                                                                      aws::Item start);
  // Of a type: whole items.
  [[nodiscard]] async::Task<core::Result<aws::ItemPage>> page(std::string type, aws::Item start);
  [[nodiscard]] async::Task<core::Result<std::vector<aws::Item>>> list(std::string type);
  [[nodiscard]] async::Task<core::Result<std::vector<aws::Item>>> with_all_attributes(
      std::vector<aws::Item> items);

  aws::DynamoDb dynamodb_;
  std::string table_;
  std::string account_uuid_;
  bool all_are_listed_ = false;  // every binding has its item `bindingofinstance`
};

}  // namespace broker
