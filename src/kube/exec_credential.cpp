#include "kube/exec_credential.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

extern char** environ;  // NOLINT: POSIX names it so

namespace kube {
namespace {

using core::ErrorKind;
using std::chrono::steady_clock;

constexpr std::chrono::seconds time_limit{60};
constexpr std::size_t max_output = 1024UL * 1024;

struct Command {
  std::vector<std::string> arguments;  // the program first
  std::vector<std::string> environment;
};

core::Result<Command> command_of(const json::object& exec, const std::string& folder) {
  const std::string_view version = core::find_string(exec, {"apiVersion"});
  if (version != "client.authentication.k8s.io/v1" && version != "client.authentication.k8s.io/v1beta1") {
    return core::fail(ErrorKind::invalid, "exec.apiVersion \"" + std::string(version) +
                                              "\" must be client.authentication.k8s.io/v1 or v1beta1");
  }
  std::string program(core::find_string(exec, {"command"}));
  if (program.empty()) return core::fail(ErrorKind::invalid, "exec.command is missing");
  if (program.contains('/')) program = (std::filesystem::path(folder) / program).string();

  Command command;
  command.arguments.push_back(std::move(program));
  if (const json::array* arguments = core::find_array(exec, {"args"})) {
    for (const json::value& argument : *arguments) {
      if (!argument.is_string()) return core::fail(ErrorKind::invalid, "exec.args must be strings");
      command.arguments.emplace_back(argument.get_string());
    }
  }
  for (char** variable = environ; *variable != nullptr; ++variable)
    command.environment.emplace_back(*variable);
  if (const json::array* variables = core::find_array(exec, {"env"})) {
    for (const json::value& variable : *variables) {
      command.environment.push_back(std::string(core::find_string(variable, {"name"})) + "=" +
                                    std::string(core::find_string(variable, {"value"})));
    }
  }
  const json::object info{
      {"apiVersion", version}, {"kind", "ExecCredential"}, {"spec", {{"interactive", false}}}};
  command.environment.push_back("KUBERNETES_EXEC_INFO=" + core::to_text(info));
  return command;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Reads until the end, the size limit or the deadline; false at a limit.
bool read_all(int pipe, std::string& output, steady_clock::time_point deadline) {
  std::array<char, 4096> piece{};
  while (output.size() <= max_output) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now()).count();
    pollfd ready{.fd = pipe, .events = POLLIN, .revents = 0};
    const int polled = left > 0 ? poll(&ready, 1, static_cast<int>(left)) : 0;
    if (polled == 0) return false;
    const ssize_t count = polled < 0 ? -1 : read(pipe, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count == 0;
    output.append(piece.data(), static_cast<std::size_t>(count));
  }
  return false;
}

core::Result<std::string> output_of(Command command) {
  const std::string program = command.arguments.front();
  std::array<int, 2> pipe_ends{};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) {
    return core::fail(ErrorKind::unavailable, "exec: no pipe: " + std::string(std::strerror(errno)));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
  pid_t child = 0;
  const std::vector<char*> arguments = pointers_to(command.arguments);
  const std::vector<char*> environment = pointers_to(command.environment);
  const int problem =
      posix_spawnp(&child, program.c_str(), &actions, nullptr, arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  close(pipe_ends[1]);
  if (problem != 0) {
    close(pipe_ends[0]);
    return core::fail(ErrorKind::unavailable,
                      "exec: " + program + " cannot be run: " + std::strerror(problem));
  }
  std::string output;
  const bool complete = read_all(pipe_ends[0], output, steady_clock::now() + time_limit);
  close(pipe_ends[0]);
  if (!complete) kill(child, SIGKILL);
  int state = 0;
  while (waitpid(child, &state, 0) < 0 && errno == EINTR) {
  }
  if (!complete) {
    return core::fail(ErrorKind::timeout, "exec: " + program + " did not end its output within " +
                                              std::to_string(time_limit.count()) + "s");
  }
  if (!WIFEXITED(state) || WEXITSTATUS(state) != 0) {
    return core::fail(ErrorKind::unavailable,
                      "exec: " + program + " failed (" +
                          (WIFEXITED(state) ? "exit status " + std::to_string(WEXITSTATUS(state))
                                            : "signal " + std::to_string(WTERMSIG(state))) +
                          "); its output is above");
  }
  return output;
}

}  // namespace

core::Result<ExecCredential> run_credential_plugin(const json::object& exec, const std::string& folder) {
  core::Result<Command> command = command_of(exec, folder);
  if (!command) return core::fail(std::move(command.error()));
  const std::string program = command->arguments.front();
  const core::Result<std::string> output = output_of(std::move(*command));
  if (!output) return core::fail(output.error());
  // Its output holds secrets: no part of it goes into a message.
  const core::Result<json::value> answer = core::parse_json(*output);
  if (!answer || core::find_string(*answer, {"kind"}) != "ExecCredential") {
    return core::fail(ErrorKind::invalid, "exec: " + program + " printed no ExecCredential");
  }
  ExecCredential credential;
  credential.token = core::find_string(*answer, {"status", "token"});
  credential.certificate_pem = core::find_string(*answer, {"status", "clientCertificateData"});
  credential.key_pem = core::find_string(*answer, {"status", "clientKeyData"});
  if (credential.certificate_pem.empty() != credential.key_pem.empty()) {
    return core::fail(ErrorKind::invalid,
                      "exec: " + program + " returned only one of clientCertificateData and clientKeyData");
  }
  if (credential.token.empty() && credential.certificate_pem.empty()) {
    return core::fail(ErrorKind::invalid,
                      "exec: " + program + " returned neither a token nor a client certificate");
  }
  if (const std::string_view expires = core::find_string(*answer, {"status", "expirationTimestamp"});
      !expires.empty()) {
    credential.expires = core::parse_rfc3339(expires);
    if (!credential.expires)
      return core::fail(ErrorKind::invalid,
                        "exec: " + program + ": expirationTimestamp is not an RFC 3339 time");
  }
  return credential;
}

}  // namespace kube
