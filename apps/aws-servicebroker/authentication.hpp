// Who may call the broker, from the flags.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "async/clock.hpp"
#include "async/reloaded_files.hpp"
#include "options.hpp"
#include "osb/basic_authenticator.hpp"

// Without any flag of it every caller is accepted. The clock, the options and `reloaded`, which the file of
// users is added to, outlive the authentication. Errors name the flag: invalid, not_found (a file, an API
// server).
[[nodiscard]] core::Result<osb::Authentication> authentication_of(
    const Options& options, const boost::asio::any_io_executor& executor, async::Clock& clock,
    async::ReloadedFiles& reloaded);
