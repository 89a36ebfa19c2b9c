#include "aws/credentials/profile.hpp"

#include <array>
#include <cstdio>
#include <memory>

#include "aws/sts.hpp"
#include "core/json.hpp"

namespace aws {

namespace {

using core::ErrorKind;
using core::fail;

constexpr int longest_chain = 5;
constexpr std::size_t max_process_output = 64 * 1024;

std::string setting(const ProfileSettings& settings, std::string_view key) {
  const auto found = settings.find(key);
  return found != settings.end() ? found->second : std::string();
}

// The command's standard output, through the shell as the format asks for. Blocks.
core::Result<std::string> run_process(const std::string& command) {
  const auto close = [](FILE* pipe) { return ::pclose(pipe); };
  FILE* pipe = ::popen(command.c_str(), "re");  // NOLINT(cert-env33-c,bugprone-command-processor):
                                                // credential_process is a shell command by definition
  if (pipe == nullptr) return fail(ErrorKind::unavailable, "credential_process could not be started");
  std::string output;
  std::array<char, 4096> piece{};
  while (output.size() <= max_process_output) {
    const std::size_t count = std::fread(piece.data(), 1, piece.size(), pipe);
    if (count == 0) break;
    output.append(piece.data(), count);
  }
  const int status = close(pipe);
  if (status != 0)
    return fail(ErrorKind::unavailable, "credential_process ended with status " + std::to_string(status));
  return output;
}

core::Result<Identity> identity_of_process(const std::string& output, const std::string& profile) {
  const auto parsed = core::parse_json(output);
  if (!parsed || core::find_int(*parsed, {"Version"}) != 1) {
    return fail(ErrorKind::invalid,
                "credential_process of profile " + profile + " printed no JSON of version 1");
  }
  Identity identity{.access_key_id = std::string(core::find_string(*parsed, {"AccessKeyId"})),
                    .secret_access_key = std::string(core::find_string(*parsed, {"SecretAccessKey"})),
                    .session_token = std::string(core::find_string(*parsed, {"SessionToken"})),
                    .expires = core::parse_rfc3339(core::find_string(*parsed, {"Expiration"})),
                    .source = "credential_process of profile " + profile};
  if (identity.access_key_id.empty() || identity.secret_access_key.empty()) {
    return fail(ErrorKind::invalid, "credential_process of profile " + profile + " printed no keys");
  }
  return identity;
}

}  // namespace

async::Task<core::Result<Identity>> ProfileCredentials::get() {
  auto files = read_shared_files(options_.base.environment);
  if (!files) co_return fail(std::move(files.error()));
  std::string profile = options_.profile;
  bool must_exist = options_.must_exist;
  if (profile.empty()) {
    profile = options_.base.environment("AWS_PROFILE");
    must_exist = !profile.empty();
  }
  if (profile.empty()) profile = "default";
  if (!files->profiles.contains(profile)) {
    const ErrorKind kind = must_exist ? ErrorKind::invalid : ErrorKind::not_found;
    co_return fail(kind, "there is no profile " + profile + " in " + files->config_path + " or " +
                             files->credentials_path);
  }
  co_return co_await of_profile(std::move(*files), std::move(profile), 0);
}

async::Task<core::Result<Identity>> ProfileCredentials::of_profile(SharedFiles files, std::string profile,
                                                                   int depth) {
  if (depth > longest_chain)
    co_return fail(ErrorKind::invalid, "the source_profile chain of " + profile + " is circular or too long");
  const auto found = files.profiles.find(profile);
  if (found == files.profiles.end())
    co_return fail(ErrorKind::invalid, "source_profile " + profile + " does not exist");
  ProfileSettings settings = found->second;
  if (!setting(settings, "role_arn").empty())
    co_return co_await of_role(std::move(files), std::move(profile), std::move(settings), depth);
  const std::string id = setting(settings, "aws_access_key_id");
  const std::string secret = setting(settings, "aws_secret_access_key");
  if (id.empty() != secret.empty()) {
    co_return fail(ErrorKind::invalid,
                   "profile " + profile + " needs both aws_access_key_id and aws_secret_access_key");
  }
  if (!id.empty()) {
    co_return Identity{.access_key_id = id,
                       .secret_access_key = secret,
                       .session_token = setting(settings, "aws_session_token"),
                       .expires = std::nullopt,
                       .source = "profile " + profile + " in " + files.credentials_path};
  }
  if (const std::string command = setting(settings, "credential_process"); !command.empty()) {
    co_return co_await of_process(std::move(profile), command);
  }
  if (settings.contains("sso_session") || settings.contains("sso_start_url")) {
    co_return fail(ErrorKind::invalid,
                   "profile " + profile + " signs in by SSO, which a service cannot do; use a role, or keys");
  }
  co_return fail(depth == 0 ? ErrorKind::not_found : ErrorKind::invalid,
                 "profile " + profile + " has no credentials");
}

async::Task<core::Result<Identity>> ProfileCredentials::of_role(SharedFiles files, std::string profile,
                                                                ProfileSettings settings, int depth) {
  const std::string source = setting(settings, "source_profile");
  if (source.empty()) {
    co_return fail(
        ErrorKind::invalid,
        "profile " + profile + " has role_arn without source_profile; credential_source is not supported");
  }
  // A profile may be its own source: its keys then assume its role.
  SharedFiles source_files = files;
  if (source == profile) source_files.profiles[profile].erase("role_arn");
  auto base = co_await of_profile(std::move(source_files), source, depth + 1);
  if (!base) co_return base;
  SessionOptions options = options_.base;
  options.credentials = std::make_shared<StaticCredentials>(std::move(*base));
  if (const std::string region = setting(settings, "region"); options.region.empty()) options.region = region;
  Session session(std::move(options));
  Sts sts(session);
  std::string session_name = setting(settings, "role_session_name");
  if (session_name.empty()) session_name = "chandlery";
  AssumeRoleInput role{.role_arn = setting(settings, "role_arn"),
                       .session_name = session_name,
                       .external_id = setting(settings, "external_id")};
  auto identity = co_await sts.assume_role(std::move(role));
  if (!identity) co_return fail(identity.error().with_context("profile " + profile));
  identity->source = "profile " + profile + " (role " + setting(settings, "role_arn") + ")";
  co_return identity;
}

async::Task<core::Result<Identity>> ProfileCredentials::of_process(std::string profile, std::string command) {
  auto output = co_await options_.pool->run([command] { return run_process(command); });
  if (!output) co_return fail(output.error().with_context("profile " + profile));
  co_return identity_of_process(*output, profile);
}

}  // namespace aws
