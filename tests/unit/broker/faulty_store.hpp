// The real SQLite store with a fault point around each write.
#pragma once

#include "broker/store/store.hpp"
#include "tests/unit/broker/fault_points.hpp"

namespace broker::test {

class FaultyStore final : public Store {
 public:
  FaultyStore(Store& store, FaultPoints& faults) : store_(store), faults_(faults) {}

  async::Task<core::Result<std::optional<InstanceRecord>>> get_instance(std::string id) override {
    return store_.get_instance(std::move(id));
  }
  async::Task<core::Result<InstanceRecord>> put_instance(InstanceRecord record) override {
    return around(store_.put_instance(std::move(record)));
  }
  async::Task<core::Result<>> remove_instance(InstanceRecord record) override {
    return around(store_.remove_instance(std::move(record)));
  }
  async::Task<core::Result<std::vector<InstanceRecord>>> list_instances() override {
    return store_.list_instances();
  }
  async::Task<core::Result<std::optional<BindingRecord>>> get_binding(std::string id) override {
    return store_.get_binding(std::move(id));
  }
  async::Task<core::Result<BindingRecord>> put_binding(BindingRecord record) override {
    return around(store_.put_binding(std::move(record)));
  }
  async::Task<core::Result<>> remove_binding(BindingRecord record) override {
    return around(store_.remove_binding(std::move(record)));
  }
  async::Task<core::Result<std::vector<BindingRecord>>> list_bindings(std::string instance_id) override {
    return store_.list_bindings(std::move(instance_id));
  }
  async::Task<core::Result<std::optional<StoredTemplate>>> get_template(std::string digest) override {
    return store_.get_template(std::move(digest));
  }
  async::Task<core::Result<>> put_template(StoredTemplate kept) override {
    return around(store_.put_template(std::move(kept)));
  }
  async::Task<core::Result<>> remove_template(StoredTemplate kept) override {
    return around(store_.remove_template(std::move(kept)));
  }
  async::Task<core::Result<std::vector<StoredTemplate>>> list_templates() override {
    return store_.list_templates();
  }
  async::Task<core::Result<std::optional<std::string>>> get_setting(std::string name) override {
    return store_.get_setting(std::move(name));
  }
  async::Task<core::Result<>> add_setting(std::string name, std::string value) override {
    return around(store_.add_setting(std::move(name), std::move(value)));
  }

 private:
  template <class T>
  async::Task<T> around(async::Task<T> write) {
    faults_.before_effect();
    T result = co_await std::move(write);
    faults_.after_effect();
    co_return result;
  }
  Store& store_;
  FaultPoints& faults_;
};

}  // namespace broker::test
