// Instances with one binding each, as a user makes and deletes them, and the same writes without a catalog.
#pragma once

#include <string>

#include "async/task.hpp"

namespace bench {

struct Pairs {
  std::string kubeconfig;
  std::string namespace_ = "bench";
  int count = 1;
};

// Makes the instances, then their bindings, from 16 connections. Prints how long it took until every binding
// was Ready, and how long the creating alone: {"ready_seconds": …, "created_seconds": …}.
[[nodiscard]] async::Task<int> create_pairs(Pairs pairs);

// Deletes the bindings, then the instances; until the last is gone: {"deleted_seconds": …}.
[[nodiscard]] async::Task<int> delete_pairs(Pairs pairs);

// What the catalog writes of a pair besides what its user does.
struct WritesOfAPair {
  int instance_patches = 0, instance_status_patches = 0;
  int binding_patches = 0, binding_status_patches = 0;
  int events = 0;
};

// Creates instance, binding and Secret of each pair, and patches them as often: what the API server does
// alone, as fast as 16 connections ask it to. {"seconds": …}
[[nodiscard]] async::Task<int> write_alone(Pairs pairs, WritesOfAPair writes);

}  // namespace bench
