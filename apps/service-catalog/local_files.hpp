// The data folder of `service-catalog local`: its lock, its certificates, the administrator's token, the
// kubeconfig.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/file_lock.hpp"
#include "net/tls.hpp"

// Held as long as the process lives: one control plane a folder.
class DataFolder {
 public:
  // Makes the folder (mode 0700) where it is missing. Errors: conflict (another process holds it),
  // unavailable.
  [[nodiscard]] static core::Result<DataFolder> open(const std::string& path);
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  DataFolder(std::string path, core::FileLock lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  std::string path_;
  core::FileLock lock_;
};

struct ServerIdentity {
  net::ServerTls tls;  // its client CA is our own: `ca.crt` and `ca.key` sign client certificates
  std::string ca_pem;
  std::string admin_token;
};

// Makes what is missing: a CA, a server certificate for the address and localhost (made anew 30 days before
// it ends), the token. Files that hold keys have mode 0600.
[[nodiscard]] core::Result<ServerIdentity> load_identity(const DataFolder& folder,
                                                         const std::string& address);

// A kubeconfig with the administrator's token; mode 0600.
[[nodiscard]] core::Result<> write_kubeconfig(const std::string& path, const ServerIdentity& identity,
                                              const std::string& url);
