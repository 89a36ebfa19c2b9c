#include "simulation/kernel/timeline.hpp"

namespace simulation {

void Timeline::advance() {
  now_ = due_.top().when;
  const std::function<void()> act = due_.top().act;
  due_.pop();
  act();
}

}  // namespace simulation
