#include "items.hpp"

async::Task<core::Result<>> Items::put(const std::string& id, std::string content) {
  return s3_.put_object(bucket_, prefix_ + id, std::move(content), "text/plain; charset=utf-8");
}

async::Task<core::Result<std::string>> Items::content(const std::string& id) {
  return s3_.get_object(bucket_, prefix_ + id);
}

async::Task<core::Result<std::vector<std::string>>> Items::ids() {
  auto objects = co_await s3_.list_objects(bucket_, prefix_);
  if (!objects) co_return core::fail(std::move(objects.error()));
  std::vector<std::string> ids;
  for (const aws::ObjectSummary& object : *objects) ids.push_back(object.key.substr(prefix_.size()));
  co_return ids;
}

async::Task<core::Result<>> Items::remove(const std::string& id) {
  return s3_.delete_object(bucket_, prefix_ + id);
}

async::Task<core::Result<>> Items::remove_all() {
  auto left = co_await ids();
  if (!left) co_return core::fail(std::move(left.error()));
  for (const std::string& id : *left) {
    auto removed = co_await remove(id);
    if (!removed) co_return removed;
  }
  co_return core::Result<>{};
}
