// A store whose every call can meet a fault.
#pragma once

#include "broker/store/store.hpp"
#include "tests/unit/broker/fault_points.hpp"

namespace broker::test {

class FaultyStore final : public Store {
 public:
  FaultyStore(Store& store, FaultPoints& faults) : store_(store), faults_(faults) {}
  ~FaultyStore() override;  // in fakes.cpp, so that only there code is made of what is virtual

  async::Task<core::Result<std::optional<InstanceRecord>>> get_instance(std::string id) override {
    return faults_.around<std::optional<InstanceRecord>>([this, id] { return store_.get_instance(id); });
  }
  async::Task<core::Result<InstanceRecord>> put_instance(InstanceRecord record) override {
    return faults_.around<InstanceRecord>([this, record] { return store_.put_instance(record); });
  }
  async::Task<core::Result<>> remove_instance(InstanceRecord record) override {
    return faults_.around<void>([this, record] { return store_.remove_instance(record); });
  }
  async::Task<core::Result<>> visit_instances(InstanceVisitor visit) override {
    return faults_.around<void>([this, visit] { return store_.visit_instances(visit); });
  }
  async::Task<core::Result<std::optional<BindingRecord>>> get_binding(std::string id) override {
    return faults_.around<std::optional<BindingRecord>>([this, id] { return store_.get_binding(id); });
  }
  async::Task<core::Result<BindingRecord>> put_binding(BindingRecord record) override {
    return faults_.around<BindingRecord>([this, record] { return store_.put_binding(record); });
  }
  async::Task<core::Result<>> remove_binding(BindingRecord record) override {
    return faults_.around<void>([this, record] { return store_.remove_binding(record); });
  }
  async::Task<core::Result<std::vector<BindingRecord>>> list_bindings(std::string instance_id) override {
    return faults_.around<std::vector<BindingRecord>>(
        [this, instance_id] { return store_.list_bindings(instance_id); });
  }
  async::Task<core::Result<std::vector<BindingRecord>>> list_all_bindings() override {
    return faults_.around<std::vector<BindingRecord>>([this] { return store_.list_all_bindings(); });
  }
  async::Task<core::Result<std::optional<StoredTemplate>>> get_template(std::string digest) override {
    return faults_.around<std::optional<StoredTemplate>>(
        [this, digest] { return store_.get_template(digest); });
  }
  async::Task<core::Result<>> put_template(StoredTemplate kept) override {
    return faults_.around<void>([this, kept] { return store_.put_template(kept); });
  }
  async::Task<core::Result<>> remove_template(StoredTemplate kept) override {
    return faults_.around<void>([this, kept] { return store_.remove_template(kept); });
  }
  async::Task<core::Result<std::vector<StoredTemplate>>> list_templates() override {
    return faults_.around<std::vector<StoredTemplate>>([this] { return store_.list_templates(); });
  }
  async::Task<core::Result<std::optional<std::string>>> get_setting(std::string name) override {
    return faults_.around<std::optional<std::string>>([this, name] { return store_.get_setting(name); });
  }
  async::Task<core::Result<>> add_setting(std::string name, std::string value) override {
    return faults_.around<void>([=, this] { return store_.add_setting(name, value); });
  }

 private:
  Store& store_;
  FaultPoints& faults_;
};

}  // namespace broker::test
