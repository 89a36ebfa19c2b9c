#include "broker/store/store.hpp"

namespace broker {

async::Task<core::Result<std::vector<InstanceRecord>>> Store::list_instances() {
  std::vector<InstanceRecord> records;
  InstanceVisitor collect = [&records](InstanceRecord record) { records.push_back(std::move(record)); };
  auto seen = co_await visit_instances(std::move(collect));
  if (!seen) co_return core::fail(std::move(seen.error()));
  co_return records;
}

async::Task<core::Result<std::map<std::string, std::int64_t>>> Store::count_instances() {
  std::map<std::string, std::int64_t> counts;
  InstanceVisitor count = [&counts](const InstanceRecord& record) {
    ++counts[record.readable ? std::string(to_string(record.phase)) : "unreadable"];
  };
  auto seen = co_await visit_instances(std::move(count));
  if (!seen) co_return core::fail(std::move(seen.error()));
  co_return counts;
}

}  // namespace broker
