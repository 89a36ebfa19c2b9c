#include <cstdio>
#include <filesystem>
#include <unistd.h>

#include <fmt/format.h>

#include "simulation/programs/api_server.hpp"
#include "simulation/programs/broker.hpp"
#include "simulation/programs/controller_manager.hpp"
#include "simulation/programs/templates.hpp"

int main(int argc, char** argv) {
  using namespace simulation;
  const std::uint64_t seed = argc > 1 ? std::stoull(argv[1]) : 1;
  const bool quiet = argc > 2;
  Trace trace(quiet ? std::function<void(const std::string&)>()
                    : [](const std::string& line) { std::puts(line.c_str()); });
  const std::string folder = fmt::format("/dev/shm/chandlery-simulation-{}", getpid());
  {
    World world(seed, folder, trace);
    Process& api = world.add("api", api_server(world));
    api.start();
    world.run_for(std::chrono::seconds(1));
    Process& manager = world.add("manager-1", controller_manager(world, "api"));
    manager.start();
    TemplateFolder templates;
    for (const TemplateText& each : simulated_templates())
      templates.files[std::string(each.name)] = each.text;
    Process& broker = world.add(
        "broker-1",
        service_broker(world,
                       {.host = "broker-1", .broker_id = "one", .aws = "aws", .account_id = "123456789012"},
                       templates));
    broker.start();
    world.run_for(std::chrono::minutes(30));
    std::printf("%llu steps, %llu lines, digest %016llx\n", static_cast<unsigned long long>(world.steps),
                static_cast<unsigned long long>(trace.lines()),
                static_cast<unsigned long long>(trace.digest()));
  }
  std::filesystem::remove_all(folder);
}
