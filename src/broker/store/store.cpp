#include "broker/store/store.hpp"

namespace broker {

async::Task<core::Result<std::map<std::string, std::int64_t>>> Store::count_instances() {
  const auto records = co_await list_instances();
  if (!records) co_return core::fail(records.error());
  std::map<std::string, std::int64_t> counts;
  for (const InstanceRecord& record : *records) ++counts[std::string(to_string(record.phase))];
  co_return counts;
}

}  // namespace broker
