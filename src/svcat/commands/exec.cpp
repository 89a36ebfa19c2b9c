#include "svcat/commands/exec.hpp"

#include <cerrno>
#include <iostream>
#include <system_error>
#include <unistd.h>

#include "catalog/api/conditions.hpp"
#include "catalog/api/views.hpp"
#include "svcat/environment.hpp"
#include "svcat/status_text.hpp"

namespace svcat {

namespace {

using core::ErrorKind;
using core::json::object;

// Whether it can be used; an error where waiting cannot help.
core::Result<bool> is_usable(const object& binding) {
  const catalog::BindingView view(binding);
  const std::string subject = "binding " + view.key().to_string();
  if (view.deleting()) return core::fail(ErrorKind::unprocessable, subject + " is being deleted");
  if (view.failed()) {
    const std::string reason(catalog::condition_message(view.status(), catalog::condition_type::failed));
    return core::fail(ErrorKind::unprocessable, subject + " has failed: " + reason);
  }
  return view.ready();
}

async::Task<core::Result<object>> ready_binding(Reader& reader, async::Clock& clock, kube::ObjectKey key,
                                                std::chrono::milliseconds timeout) {
  constexpr std::chrono::milliseconds interval{500};
  const async::Clock::TimePoint deadline = clock.now() + timeout;
  while (true) {
    auto binding = co_await reader.get(catalog::resources::service_bindings, key);
    if (!binding) co_return binding;
    const auto usable = is_usable(*binding);
    if (!usable) co_return core::fail(usable.error());
    if (*usable) co_return binding;
    if (clock.now() + interval > deadline) {
      std::string status = full_status(*binding);
      if (status.empty()) status = "the controller has not processed it yet";
      co_return core::fail(ErrorKind::timeout,
                           "binding " + key.to_string() + " is not ready after " +
                               core::to_duration_text(timeout) + " (" + status +
                               "): svcat describe binding shows more, --timeout waits longer");
    }
    co_await clock.sleep_for(interval);
  }
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& variables) {
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (!variables.contains(std::string(text.substr(0, text.find('='))))) entries.emplace_back(text);
  }
  for (const auto& [name, value] : variables) entries.push_back(name + "=" + value);
  return entries;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

async::Task<core::Result<std::map<std::string, std::string>>> credentials_of(
    Reader& reader, async::Clock& clock, kube::ObjectKey binding, std::chrono::milliseconds timeout) {
  const auto ready = co_await ready_binding(reader, clock, binding, timeout);
  if (!ready) co_return core::fail(ready.error());
  kube::ObjectKey key{.namespace_ = binding.namespace_,
                      .name = std::string(catalog::BindingView(*ready).secret_name())};
  const auto secret = co_await reader.get(kube::resources::secrets, std::move(key));
  if (!secret) co_return core::fail(secret.error());
  co_return variables_of(*secret);
}

int replace_process(const std::vector<std::string>& command,
                    const std::map<std::string, std::string>& variables) {
  std::vector<std::string> arguments = command;
  std::vector<std::string> environment = environment_with(variables);
  execvpe(arguments.front().c_str(), pointers_to(arguments).data(), pointers_to(environment).data());
  const int reason = errno;
  std::cerr << "Error: " << arguments.front() << " cannot be run: " << std::system_category().message(reason)
            << "\n";
  return reason == ENOENT ? 127 : 126;
}

}  // namespace svcat
