// Where the Authorization header's value comes from.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "core/json.hpp"
#include "kube/client.hpp"
#include "kube/exec_credential.hpp"

namespace kube {

[[nodiscard]] Client::TokenSource constant_authorization(std::string value);

// "Bearer <content>", read again when what was read is a minute old: projected tokens are renewed on disk.
// When it cannot be read again the last one is used as long as there is one.
using MonotonicTime = std::function<std::chrono::steady_clock::time_point()>;
[[nodiscard]] Client::TokenSource token_from_file(
    std::string path, MonotonicTime now = [] { return std::chrono::steady_clock::now(); });

// The credential's token until a minute before it expires, then a new one from the plugin.
[[nodiscard]] Client::TokenSource token_from_plugin(json::object exec, std::string folder,
                                                    ExecCredential first);

}  // namespace kube
