#include "aws/s3.hpp"

#include <charconv>

#include <pugixml.hpp>

#include "aws/page_cursor.hpp"
#include "core/hash.hpp"

namespace aws {

namespace {

// Host and path of a bucket or object.
struct Address {
  std::string host, path;
};

core::Result<Address> address_of(const std::string& bucket, const std::string& key,
                                 const core::Result<Endpoint>& endpoint) {
  if (bucket.empty() || bucket.find('/') != std::string::npos) {
    return core::fail(core::ErrorKind::invalid, "\"" + bucket + "\" is not the name of a bucket");
  }
  if (!endpoint) return core::fail(endpoint.error());
  const std::string path = "/" + core::percent_encode(key, "/");
  if (endpoint->overridden || bucket.find('.') != std::string::npos) {
    return Address{.host = endpoint->url.host,
                   .path = "/" + core::percent_encode(bucket) + (key.empty() ? "" : path)};
  }
  return Address{.host = bucket + "." + endpoint->url.host, .path = path};
}

}  // namespace

core::Result<std::string> S3::object_url(const std::string& bucket, const std::string& key) const {
  const auto ours = session_.endpoint(Service::s3);
  if (!ours) return core::fail(ours.error());
  const auto nothing_is_configured = [](const std::string&) { return std::string(); };
  auto endpoint = resolve_endpoint(Service::s3, session_.region(), nothing_is_configured);
  if (endpoint) endpoint->overridden = ours->overridden;
  const auto address = address_of(bucket, key, endpoint);
  if (!address) return core::fail(address.error());
  return "https://" + address->host + address->path;
}

core::Result<net::Request> S3::request(std::string method, const std::string& bucket,
                                       const std::string& key) const {
  const auto endpoint = session_.endpoint(Service::s3);
  auto address = address_of(bucket, key, endpoint);
  if (!address) return core::fail(std::move(address.error()));
  net::Request request{.method = std::move(method), .target = std::move(address->path)};
  if (address->host != endpoint->url.host) request.headers.set("Host", address->host);
  return request;
}

async::Task<core::Result<std::string>> S3::get_object(std::string bucket, std::string key) {
  auto made = request("GET", bucket, key);
  if (!made) co_return core::fail(std::move(made.error()));
  auto reply = co_await session_.call(Service::s3, "GetObject", std::move(*made));
  if (!reply) co_return core::fail(std::move(reply.error()));
  co_return std::move(reply->body);
}

async::Task<core::Result<>> S3::put_object(std::string bucket, std::string key, std::string body,
                                           std::string content_type) {
  auto made = request("PUT", bucket, key);
  if (!made) co_return core::fail(std::move(made.error()));
  made->headers.set("Content-Type", content_type);
  made->body = std::move(body);
  auto reply = co_await session_.call(Service::s3, "PutObject", std::move(*made));
  if (!reply) co_return core::fail(std::move(reply.error()));
  co_return core::Result<>();
}

async::Task<core::Result<>> S3::delete_object(std::string bucket, std::string key) {
  auto made = request("DELETE", bucket, key);
  if (!made) co_return core::fail(std::move(made.error()));
  auto reply = co_await session_.call(Service::s3, "DeleteObject", std::move(*made));
  if (!reply) co_return core::fail(std::move(reply.error()));
  co_return core::Result<>();
}

async::Task<core::Result<std::vector<ObjectSummary>>> S3::list_objects(std::string bucket,
                                                                       std::string prefix) {
  std::vector<ObjectSummary> objects;
  PageCursor pages;
  while (true) {
    auto made = request("GET", bucket, "");
    if (!made) co_return core::fail(std::move(made.error()));
    made->target += "?list-type=2";
    if (!prefix.empty()) made->target += "&prefix=" + core::percent_encode(prefix);
    if (!pages.token().empty()) made->target += "&continuation-token=" + core::percent_encode(pages.token());
    auto reply = co_await session_.call(Service::s3, "ListObjectsV2", std::move(*made));
    if (!reply) co_return core::fail(std::move(reply.error()));
    pugi::xml_document document;
    if (!document.load_buffer(reply->body.data(), reply->body.size(),
                              pugi::parse_minimal | pugi::parse_escapes)) {
      co_return core::fail(core::ErrorKind::protocol, "ListObjectsV2 did not return XML");
    }
    const pugi::xml_node result = document.document_element();
    for (const pugi::xml_node& entry : result.children("Contents")) {
      ObjectSummary object{.key = entry.child_value("Key"),
                           .etag = entry.child_value("ETag"),
                           .last_modified = entry.child_value("LastModified")};
      const std::string_view size = entry.child_value("Size");
      std::from_chars(size.data(), size.data() + size.size(), object.size);
      objects.push_back(std::move(object));
    }
    const auto goes_on = pages.advance(result.child_value("NextContinuationToken"));
    if (!goes_on) co_return core::fail(goes_on.error().with_context("ListObjectsV2"));
    if (!*goes_on) co_return objects;
  }
}

async::Task<core::Result<>> S3::head_bucket(std::string bucket) {
  auto made = request("HEAD", bucket, "");
  if (!made) co_return core::fail(std::move(made.error()));
  auto reply = co_await session_.call(Service::s3, "HeadBucket", std::move(*made));
  if (!reply) co_return core::fail(std::move(reply.error()));
  co_return core::Result<>();
}

}  // namespace aws
