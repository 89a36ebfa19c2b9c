// Every verb of the Kubernetes API as a plain net::Request, without I/O: URL rules are unit tests.
// Source: https://kubernetes.io/docs/reference/using-api/api-concepts/
//
// Errors: invalid: a name or namespace that would address something else (empty, ".", "..", with '/'), or
// that is missing.
#pragma once

#include <string>
#include <string_view>

#include "kube/client.hpp"
#include "kube/resource.hpp"
#include "net/http.hpp"

namespace kube::requests {

// "/api/v1/namespaces/demo/secrets", "/apis/servicecatalog.k8s.io/v1beta1/clusterservicebrokers"; an empty
// namespace stands for all of them.
[[nodiscard]] core::Result<std::string> collection_path(const Resource& resource,
                                                        std::string_view namespace_);
// The collection's path + "/name[/subresource]". A namespaced resource needs the key's namespace.
[[nodiscard]] core::Result<std::string> object_path(const Resource& resource, const ObjectKey& key,
                                                    std::string_view subresource = {});

[[nodiscard]] core::Result<net::Request> get(const Resource& resource, const ObjectKey& key);
// One page; continue_token is the last page's metadata.continue.
[[nodiscard]] core::Result<net::Request> list(const Resource& resource, std::string_view namespace_,
                                              const ListOptions& options,
                                              std::string_view continue_token = {});
// Bookmarks are always asked for.
[[nodiscard]] core::Result<net::Request> watch(const Resource& resource, std::string_view namespace_,
                                               const WatchOptions& options);
// apiVersion and kind are added where the object has none; the namespace comes from its metadata.
[[nodiscard]] core::Result<net::Request> create(const Resource& resource, json::object object);
[[nodiscard]] core::Result<net::Request> replace(const Resource& resource, json::object object,
                                                 std::string_view subresource = {});
[[nodiscard]] core::Result<net::Request> patch(const Resource& resource, const ObjectKey& key, PatchType type,
                                               const json::value& patch, const PatchOptions& options = {});
[[nodiscard]] core::Result<net::Request> remove(const Resource& resource, const ObjectKey& key,
                                                const DeleteOptions& options = {});

// "application/merge-patch+json" …
[[nodiscard]] std::string_view content_type_of(PatchType type);

}  // namespace kube::requests
