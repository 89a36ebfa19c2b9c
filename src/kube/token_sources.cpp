#include "kube/token_sources.hpp"

#include "core/file.hpp"

namespace kube {
namespace {

using std::chrono::minutes;

class FileToken {
 public:
  FileToken(std::string path, MonotonicTime now) : path_(std::move(path)), now_(std::move(now)) {}

  core::Result<std::string> operator()() {
    if (!authorization_.empty() && now_() - read_at_ < minutes(1)) return authorization_;
    core::Result<std::string> content = core::read_file(path_);
    if (!content) return authorization_.empty() ? content : authorization_;
    const std::size_t last = content->find_last_not_of(" \t\r\n");
    if (last == std::string::npos) {
      if (authorization_.empty()) return core::fail(core::ErrorKind::unavailable, path_ + ": has no token");
      return authorization_;
    }
    authorization_ = "Bearer " + content->substr(0, last + 1);
    read_at_ = now_();
    return authorization_;
  }

 private:
  std::string path_;
  MonotonicTime now_;
  std::string authorization_;
  std::chrono::steady_clock::time_point read_at_;
};

class PluginToken {
 public:
  PluginToken(json::object exec, std::string folder, ExecCredential first)
      : exec_(std::move(exec)), folder_(std::move(folder)), credential_(std::move(first)) {}

  core::Result<std::string> operator()() {
    if (credential_.expires && *credential_.expires - core::now() < minutes(1)) {
      core::Result<ExecCredential> renewed = run_credential_plugin(exec_, folder_);
      if (!renewed) return core::fail(std::move(renewed.error()));
      credential_ = std::move(*renewed);
    }
    return "Bearer " + credential_.token;
  }

 private:
  json::object exec_;
  std::string folder_;
  ExecCredential credential_;
};

}  // namespace

Client::TokenSource constant_authorization(std::string value) {
  return [value = std::move(value)]() -> core::Result<std::string> { return value; };
}

Client::TokenSource token_from_file(std::string path, MonotonicTime now) {
  return FileToken(std::move(path), std::move(now));
}

Client::TokenSource token_from_plugin(json::object exec, std::string folder, ExecCredential first) {
  return PluginToken(std::move(exec), std::move(folder), std::move(first));
}

}  // namespace kube
