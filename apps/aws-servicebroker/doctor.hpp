// aws-servicebroker doctor [the broker's flags]: checks, without changing anything, what the broker needs,
// and says what to mend.
#pragma once

#include "async/task.hpp"
#include "options.hpp"

// A line on standard output for each check: "OK" or "FAIL", what was checked, and what was found. The value
// is the exit code: 1 where a check failed.
[[nodiscard]] async::Task<int> run_doctor(Options options);
