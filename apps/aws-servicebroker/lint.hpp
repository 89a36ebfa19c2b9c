// aws-servicebroker lint [--print] TEMPLATE…: what is wrong with templates, before a broker offers them.
#pragma once

// Of arguments that begin with "lint". Exit code: 0 all can be offered, 1 a problem was printed, 2 wrong use.
[[nodiscard]] int run_lint(int count, char** arguments);
