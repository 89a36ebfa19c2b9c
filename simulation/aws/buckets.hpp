// S3: buckets with objects, addressed by host or by path.
#pragma once

#include <map>
#include <string>

#include "simulation/aws/iam.hpp"
#include "simulation/aws/world.hpp"

namespace simulation {

struct S3Object {
  std::string body, content_type, etag;
  core::SystemTime modified;
};
struct Bucket {
  std::string name;
  Tags tags;
  std::map<std::string, S3Object> objects;
};

class BucketService {
 public:
  explicit BucketService(World& world) : world_(world) {}
  // The host tells the bucket ("b.s3.us-east-1.amazonaws.com"), or the path's first segment.
  [[nodiscard]] Answer<> handle(const Call& call);
  [[nodiscard]] const auto& buckets() const { return buckets_; }

  Answer<Bucket*> create(const std::string& name, Tags tags = {});
  // Failure: BucketNotEmpty, NoSuchBucket.
  Answer<> remove(const std::string& name);
  void put(const std::string& bucket, const std::string& key, std::string body,
           const std::string& content_type = "text/plain");
  [[nodiscard]] Bucket* find(const std::string& name);
  // Where CloudFormation reads a TemplateURL. nullptr where there is no such object.
  [[nodiscard]] const S3Object* find_by_url(std::string_view url);

 private:
  [[nodiscard]] Answer<> list(const Call& call, const Bucket& bucket) const;

  World& world_;
  std::map<std::string, Bucket> buckets_;
};

// Bucket and key that a host and path mean.
struct S3Address {
  std::string bucket, key;
};
[[nodiscard]] S3Address s3_address(std::string_view host, std::string_view path);

}  // namespace simulation
