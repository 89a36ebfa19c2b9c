// What the services of one account share: time, chance, names, and the journal.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/aws/journal.hpp"
#include "simulation/aws/settings.hpp"
#include "simulation/aws/wire.hpp"
#include "simulation/kernel/random.hpp"
#include "simulation/kernel/timeline.hpp"

namespace simulation {

class World {
 public:
  World(const Timeline& timeline, const Random& random, AwsSettings settings);

  [[nodiscard]] core::SystemTime real_now() const { return timeline_.system_now(); }
  // The moment of what is being looked at: work that was due earlier is done when someone next asks.
  [[nodiscard]] core::SystemTime now() const { return moment_ ? *moment_ : real_now(); }
  class Moment {
   public:
    Moment(World& world, core::SystemTime when) : world_(world) { world_.moment_ = when; }
    ~Moment() { world_.moment_.reset(); }
    Moment(const Moment&) = delete;
    Moment& operator=(const Moment&) = delete;

   private:
    World& world_;
  };

  // Names as AWS makes them, of a stream of their own.
  [[nodiscard]] std::string uuid();
  [[nodiscard]] std::string upper_alphanumeric(std::size_t length);  // A-Z2-7
  [[nodiscard]] std::string alphanumeric(std::size_t length);        // A-Za-z0-9
  [[nodiscard]] std::string request_id() { return uuid(); }
  [[nodiscard]] std::string arn(std::string_view service, std::string_view resource,
                                bool has_region = true) const;

  // A random duration in [0, most].
  [[nodiscard]] milliseconds share_of(milliseconds most) {
    return milliseconds(most.count() <= 0 ? 0 : chances.below(static_cast<std::uint64_t>(most.count()) + 1));
  }

  // The planned fault that meets this call, used once.
  [[nodiscard]] std::optional<AwsFault> next_fault(const Call& call);

  AwsSettings settings;
  Journal journal;
  std::vector<AwsFault> faults;
  Random chances;  // of failures, delays, faults

 private:
  const Timeline& timeline_;
  Random names_;
  std::optional<core::SystemTime> moment_;
};

}  // namespace simulation
