#include "simulation/aws/buckets.hpp"

#include <algorithm>

#include "core/hash.hpp"
#include "core/time.hpp"

namespace simulation {

S3Address s3_address(std::string_view host, std::string_view path) {
  S3Address address;
  const std::string decoded = core::percent_decode(path).value_or(std::string(path));
  std::string_view rest = decoded;
  if (rest.starts_with('/')) rest.remove_prefix(1);
  const std::size_t s3 = host.starts_with("s3.") ? 0 : host.find(".s3.");
  if (s3 != 0 && s3 != host.npos) {
    address.bucket = host.substr(0, s3);
    address.key = rest;
  } else {
    address.bucket = rest.substr(0, rest.find('/'));
    address.key = rest.substr(std::min(address.bucket.size() + 1, rest.size()));
  }
  return address;
}

Bucket* BucketService::find(const std::string& name) {
  const auto found = buckets_.find(name);
  return found == buckets_.end() ? nullptr : &found->second;
}

Answer<Bucket*> BucketService::create(const std::string& name, Tags tags) {
  const bool is_name =
      name.size() >= 3 && name.size() <= 63 && std::ranges::all_of(name, [](unsigned char c) {
        return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '-' || c == '.';
      });
  if (!is_name) return refuse("InvalidBucketName", "The specified bucket is not valid.");
  if (buckets_.contains(name)) return refuse("BucketAlreadyOwnedByYou", name + " already exists", 409);
  return &(buckets_[name] = {.name = name, .tags = std::move(tags), .objects = {}});
}

Answer<> BucketService::remove(const std::string& name) {
  const Bucket* bucket = find(name);
  if (bucket == nullptr) return refuse("NoSuchBucket", "The specified bucket does not exist", 404);
  if (!bucket->objects.empty())
    return refuse("BucketNotEmpty", "The bucket you tried to delete is not empty", 409);
  buckets_.erase(name);
  return Reply{};
}

void BucketService::put(const std::string& bucket, const std::string& key, std::string body,
                        const std::string& content_type) {
  std::string etag = core::sha256_hex(body).substr(0, 32);
  buckets_[bucket].name = bucket;
  buckets_[bucket].objects[key] = {.body = std::move(body),
                                   .content_type = content_type,
                                   .etag = "\"" + std::move(etag) + "\"",
                                   .modified = world_.now()};
}

const S3Object* BucketService::find_by_url(std::string_view url) {
  constexpr std::string_view scheme = "https://";
  if (!url.starts_with(scheme)) return nullptr;
  url.remove_prefix(scheme.size());
  const std::string_view host = url.substr(0, url.find('/'));
  const S3Address address = s3_address(host, url.substr(host.size()));
  const Bucket* bucket = find(address.bucket);
  if (bucket == nullptr) return nullptr;
  const auto found = bucket->objects.find(address.key);
  return found == bucket->objects.end() ? nullptr : &found->second;
}

Answer<> BucketService::list(const Call& call, const Bucket& bucket) const {
  const net::Query query = net::Query::parse(call.request->query());
  const std::string prefix(query.get("prefix"));
  const std::string after(query.get("continuation-token"));
  constexpr std::size_t page = 1'000;
  Reply reply{.body = R"(<?xml version="1.0" encoding="UTF-8"?>)"
                      R"(<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)"};
  add_element(reply.body, "Name", bucket.name);
  add_element(reply.body, "Prefix", prefix);
  std::size_t count = 0;
  std::string last;
  bool is_truncated = false;
  for (auto at = after.empty() ? bucket.objects.lower_bound(prefix) : bucket.objects.upper_bound(after);
       at != bucket.objects.end() && at->first.starts_with(prefix); ++at) {
    if (count == page) {
      is_truncated = true;
      break;
    }
    ++count;
    last = at->first;
    reply.body += "<Contents>";
    add_element(reply.body, "Key", at->first);
    add_element(reply.body, "LastModified", xml_time(at->second.modified));
    add_element(reply.body, "ETag", at->second.etag);
    add_element(reply.body, "Size", std::to_string(at->second.body.size()));
    add_element(reply.body, "StorageClass", "STANDARD");
    reply.body += "</Contents>";
  }
  add_element(reply.body, "KeyCount", std::to_string(count));
  add_element(reply.body, "MaxKeys", "1000");
  add_element(reply.body, "IsTruncated", is_truncated ? "true" : "false");
  if (is_truncated) add_element(reply.body, "NextContinuationToken", last);
  reply.body += "</ListBucketResult>";
  return reply;
}

Answer<> BucketService::handle(const Call& call) {
  const S3Address address = s3_address(call.request->headers.get("Host"), call.request->path());
  Bucket* bucket = find(address.bucket);
  if (bucket == nullptr) return refuse("NoSuchBucket", "The specified bucket does not exist", 404);
  if (call.action == "HeadBucket") return Reply{};
  if (call.action == "ListObjectsV2") return list(call, *bucket);
  if (call.action == "PutObject") {
    put(address.bucket, address.key, call.request->body,
        std::string(call.request->headers.get("Content-Type")));
    return Reply{.body = "", .headers = {{"ETag", bucket->objects.at(address.key).etag}}};
  }
  if (call.action == "DeleteObject") {
    bucket->objects.erase(address.key);
    return Reply{.body = "", .status = 204};
  }
  const auto found = bucket->objects.find(address.key);
  if (found == bucket->objects.end()) return refuse("NoSuchKey", "The specified key does not exist.", 404);
  return Reply{.body = found->second.body,
               .headers = {{"ETag", found->second.etag},
                           {"Content-Type", found->second.content_type},
                           {"Last-Modified", core::to_rfc1123(found->second.modified)}}};
}

}  // namespace simulation
