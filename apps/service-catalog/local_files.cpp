#include "local_files.hpp"

#include <filesystem>
#include <sys/stat.h>
#include <utility>

#include "core/file.hpp"
#include "core/hash.hpp"
#include "core/json.hpp"
#include "core/random.hpp"
#include "core/time.hpp"
#include "core/yaml.hpp"

namespace {

using core::ErrorKind;
using core::fail;

constexpr std::chrono::days ca_lifetime{3650};
constexpr std::chrono::days server_lifetime{365};
constexpr std::chrono::days renew_before{30};

core::Result<std::string> read_or_make(const std::string& path, core::Result<std::string> (*make)()) {
  auto text = core::read_file(path);
  if (text || text.error().kind != ErrorKind::not_found) return text;
  auto made = make();
  if (!made) return made;
  if (auto written = core::write_file(path, *made, 0600); !written) return fail(std::move(written.error()));
  return made;
}

core::Result<std::string> new_token() {
  return core::random_hex(24);
}

core::Result<net::KeyPair> load_ca(const DataFolder& folder) {
  auto certificate = core::read_file(folder.file("ca.crt"));
  auto key = core::read_file(folder.file("ca.key"));
  if (certificate && key)
    return net::KeyPair{.certificate_pem = std::move(*certificate), .key_pem = std::move(*key)};
  auto ca = net::make_ca("chandlery local control plane", ca_lifetime);
  if (!ca) return ca;
  if (auto written = core::write_file(folder.file("ca.key"), ca->key_pem, 0600); !written)
    return fail(std::move(written.error()));
  if (auto written = core::write_file(folder.file("ca.crt"), ca->certificate_pem, 0644); !written)
    return fail(std::move(written.error()));
  return ca;
}

bool still_good(const DataFolder& folder, const std::string& address) {
  const auto note = core::read_file(folder.file("server.json"));
  const auto parsed = note ? core::parse_json(*note) : core::Result<boost::json::value>(boost::json::value());
  if (!parsed || core::find_string(*parsed, {"address"}) != address) return false;
  const auto ends = core::parse_rfc3339(core::find_string(*parsed, {"ends"}));
  return ends && *ends - core::now() > renew_before;
}

core::Result<net::KeyPair> load_server(const DataFolder& folder, const net::KeyPair& ca,
                                       const std::string& address) {
  if (still_good(folder, address)) {
    auto certificate = core::read_file(folder.file("server.crt"));
    auto key = core::read_file(folder.file("server.key"));
    if (certificate && key)
      return net::KeyPair{.certificate_pem = std::move(*certificate), .key_pem = std::move(*key)};
  }
  net::CertificateRequest request{.common_name = "service-catalog local",
                                  .organizations = {},
                                  .dns_names = {"localhost", "kubernetes", "kubernetes.default.svc"},
                                  .ip_addresses = {"127.0.0.1", "::1"},
                                  .valid_for = server_lifetime,
                                  .server = true};
  if (address != "127.0.0.1" && address != "0.0.0.0") request.ip_addresses.push_back(address);
  auto made = net::make_certificate(ca, request);
  if (!made) return made;
  const std::string note = core::to_text(
      boost::json::object{{"address", address}, {"ends", core::to_rfc3339(core::now() + server_lifetime)}});
  for (const auto& [name, text, mode] :
       {std::tuple<const char*, const std::string&, unsigned>{"server.key", made->key_pem, 0600},
        {"server.crt", made->certificate_pem, 0644},
        {"server.json", note, 0600}}) {
    if (auto written = core::write_file(folder.file(name), text, mode); !written)
      return fail(std::move(written.error()));
  }
  return made;
}

}  // namespace

core::Result<DataFolder> DataFolder::open(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error)
    return fail(ErrorKind::unavailable, "the data folder " + path + " cannot be created: " + error.message());
  ::chmod(path.c_str(), 0700);
  auto lock = core::FileLock::take(path + "/lock", "the data folder " + path);
  if (!lock) {
    core::Error error = std::move(lock.error());
    if (error.kind == ErrorKind::conflict) error.message += ": end it, or use another --data-dir";
    return fail(std::move(error));
  }
  return DataFolder(path, std::move(*lock));
}

core::Result<ServerIdentity> load_identity(const DataFolder& folder, const std::string& address) {
  auto ca = load_ca(folder);
  if (!ca) return fail(std::move(ca.error()));
  auto server = load_server(folder, *ca, address);
  if (!server) return fail(std::move(server.error()));
  auto token = read_or_make(folder.file("admin.token"), &new_token);
  if (!token) return fail(std::move(token.error()));
  return ServerIdentity{.tls = {.certificate_pem = std::move(server->certificate_pem),
                                .key_pem = std::move(server->key_pem),
                                .client_ca_pem = ca->certificate_pem},
                        .ca_pem = ca->certificate_pem,
                        .admin_token = std::move(*token)};
}

core::Result<> write_kubeconfig(const std::string& path, const ServerIdentity& identity,
                                const std::string& url) {
  namespace json = boost::json;
  const json::object cluster{{"server", url},
                             {"certificate-authority-data", core::base64_encode(identity.ca_pem)}};
  const json::object config{
      {"apiVersion", "v1"},
      {"kind", "Config"},
      {"clusters", json::array{json::object{{"name", "chandlery"}, {"cluster", cluster}}}},
      {"users", json::array{json::object{{"name", "kubernetes-admin"},
                                         {"user", json::object{{"token", identity.admin_token}}}}}},
      {"contexts", json::array{json::object{
                       {"name", "chandlery"},
                       {"context", json::object{{"cluster", "chandlery"}, {"user", "kubernetes-admin"}}}}}},
      {"current-context", "chandlery"}};
  return core::write_file(path, core::to_yaml(config), 0600);
}
