// A whole control plane in this process, over a folder of its own and a clock that is moved by hand.
#pragma once

#include <memory>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apiserver/control_plane.hpp"
#include "async/task_group.hpp"
#include "kube/client.hpp"
#include "net/in_process_transport.hpp"
#include "testing/manual_clock.hpp"
#include "testing/run.hpp"
#include "testing/temp_folder.hpp"

namespace apiserver {

namespace json = boost::json;

inline const kube::Resource config_maps{
    .group = "", .version = "v1", .kind = "ConfigMap", .plural = "configmaps", .namespaced = true};
inline const kube::Resource namespaces{
    .group = "", .version = "v1", .kind = "Namespace", .plural = "namespaces", .namespaced = false};
inline const kube::Resource boats{
    .group = "harbour.example", .version = "v1", .kind = "Boat", .plural = "boats", .namespaced = true};

// A kind with everything that a schema can say.
inline constexpr const char* boats_crd = R"(
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.harbour.example}
spec:
  group: harbour.example
  scope: Namespaced
  names: {kind: Boat, listKind: BoatList, plural: boats, singular: boat}
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {status: {}}
      selectableFields: [{jsonPath: .spec.flag}]
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              required: [name]
              properties:
                name: {type: string, minLength: 2, maxLength: 10, pattern: '^[a-z]+$'}
                flag: {type: string, enum: [blue, white], default: blue}
                masts: {type: integer, minimum: 1, maximum: 4}
                depth: {x-kubernetes-int-or-string: true}
                cargo: {type: object, x-kubernetes-preserve-unknown-fields: true}
                log: {type: string, nullable: true}
                crew:
                  type: array
                  maxItems: 3
                  x-kubernetes-list-type: map
                  x-kubernetes-list-map-keys: [name]
                  items:
                    type: object
                    required: [name]
                    properties: {name: {type: string}, role: {type: string, default: sailor}}
            status:
              type: object
              properties: {place: {type: string}}
)";

class ApiServer : public testing::Test {
 protected:
  ApiServer() { open(); }
  ~ApiServer() override { close(); }

  void open() {
    ControlPlaneOptions options;
    options.data_dir = folder_.path();
    options.crd_texts = {boats_crd};
    options.tokens = {{.secret = "the-token",
                       .user = {.username = "jane", .uid = {}, .groups = {"system:masters"}, .extra = {}}}};
    auto opened = ControlPlane::open(io_.get_executor(), clock_, metrics_, std::move(options));
    if (!opened) throw std::runtime_error(opened.error().message);
    control_plane_ = std::move(*opened);
    transport_ = std::make_unique<net::InProcessTransport>(io_.get_executor(), control_plane_->handler());
    client_ = std::make_unique<kube::Client>(*transport_, "test");
    tasks_ = std::make_unique<async::TaskGroup>(io_.get_executor());
    tasks_->spawn("control plane", control_plane_->run());
  }
  void close() {
    tasks_->cancel();
    fakes::run(io_, tasks_->join());
    client_.reset();
    transport_.reset();
    control_plane_.reset();
  }
  // As after a restart of the program.
  void reopen() {
    close();
    open();
  }

  template <class T>
  T run(async::Task<T> task) {
    return fakes::run(io_, std::move(task));
  }
  net::Reply call(net::Request request) {
    auto reply = run(transport_->send(std::move(request), {}));
    if (!reply) throw std::runtime_error(reply.error().message);
    return std::move(*reply);
  }
  net::Reply get(std::string target) { return call({.method = "GET", .target = std::move(target)}); }
  json::object create(const kube::Resource& resource, json::object object) {
    auto created = run(client_->create(resource, std::move(object)));
    if (!created) throw std::runtime_error(created.error().message);
    return std::move(*created);
  }
  static json::object object(std::string_view name, json::object members = {}) {
    members["metadata"] = json::object{{"name", name}, {"namespace", "default"}};
    return members;
  }
  static json::object boat(std::string_view name, std::string_view spec = R"({"name": "titanic"})") {
    return object(name, {{"spec", *core::parse_json(spec)}});
  }
  // Turns the loop until it is so; what the store's thread does takes real time.
  template <class Condition>
  [[nodiscard]] bool until(Condition condition) {
    const auto latest = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > latest) return false;
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(10));
    }
    return true;
  }

  fakes::TempFolder folder_;
  boost::asio::io_context io_;
  fakes::ManualClock clock_{io_.get_executor()};
  core::Metrics metrics_;
  std::unique_ptr<ControlPlane> control_plane_;
  std::unique_ptr<net::InProcessTransport> transport_;
  std::unique_ptr<kube::Client> client_;
  std::unique_ptr<async::TaskGroup> tasks_;
};

}  // namespace apiserver
