#include "simulation/programs/api_server.hpp"

#include "apiserver/control_plane.hpp"
#include "apps/service-catalog/local_admission.hpp"
#include "async/task_group.hpp"
#include "catalog/api/crds.hpp"
#include "core/log.hpp"
#include "kube/client.hpp"
#include "net/in_process_transport.hpp"

namespace simulation {

namespace {

class ApiServer final : public Program {
 public:
  ApiServer(Simulator& simulator, Process& process) : simulator_(simulator), process_(process) {
    apiserver::ControlPlaneOptions options;
    options.data_dir = simulator.folder_of(process.name());
    options.store_threads = 0;
    for (const catalog::CrdFile& file : catalog::crd_files()) options.crd_texts.emplace_back(file.yaml);
    auto opened =
        apiserver::ControlPlane::open(process.executor(), process.clock(), metrics_, std::move(options));
    if (opened) {
      control_plane_ = std::move(*opened);
    } else {
      core::log::error("The API server cannot start", {{"error", opened.error().message}});
    }
  }

  async::Task<> run() override {
    if (!control_plane_) co_return;
    const net::Handler handler = control_plane_->handler();
    transport_ = std::make_unique<net::InProcessTransport>(process_.executor(), handler, &process_.clock());
    client_ = std::make_unique<kube::Client>(*transport_, "service-catalog");
    lookup_ = std::make_unique<catalog::admission::KubeLookup>(*client_);
    admission_ = std::make_unique<CatalogAdmission>(*lookup_);
    control_plane_->set_admission(*admission_);
    // All who call are administrators.
    simulator_.network.serve(process_.name(), process_,
                             [handler](const net::Request& request) -> async::Task<net::Response> {
                               const auto asked = std::make_shared<net::Request>(request);
                               asked->peer.in_process = true;
                               return answer(handler, asked);
                             });
    co_await control_plane_->run();
  }

 private:
  // Streams read the request until their end.
  static async::Task<net::Response> answer(net::Handler handler, std::shared_ptr<net::Request> asked) {
    net::Response response = co_await handler(*asked);
    if (auto* stream = std::get_if<net::BodyStream>(&response.body)) {
      response.body = net::BodyStream(
          [asked, write = std::move(*stream)](net::BodyWriter& writer) { return write(writer); });
    }
    co_return response;
  }

  Simulator& simulator_;
  Process& process_;
  core::Metrics metrics_;
  std::unique_ptr<apiserver::ControlPlane> control_plane_;
  std::unique_ptr<net::InProcessTransport> transport_;
  std::unique_ptr<kube::Client> client_;
  std::unique_ptr<catalog::admission::KubeLookup> lookup_;
  std::unique_ptr<CatalogAdmission> admission_;
};

}  // namespace

MakeProgram api_server(Simulator& simulator) {
  return [&simulator](Process& process) { return std::make_unique<ApiServer>(simulator, process); };
}

}  // namespace simulation
