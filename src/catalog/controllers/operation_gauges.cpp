#include "catalog/controllers/operation_gauges.hpp"

#include <array>
#include <map>

#include "catalog/api/views.hpp"

namespace catalog {

namespace {

using std::chrono::minutes;

struct Age {
  const char* label;
  std::chrono::milliseconds below;
};
constexpr std::array ages{Age{"under_1m", minutes(1)}, Age{"under_10m", minutes(10)},
                          Age{"under_1h", minutes(60)}, Age{"older", std::chrono::milliseconds::max()}};

void show_of(core::Metrics& metrics, runtime::Informer& informer,
             std::initializer_list<const char*> operations, core::SystemTime now) {
  std::map<std::string, std::map<std::string, std::size_t>> counts;
  for (const Object& object : informer.store().list()) {
    OperatedView view(*object);
    if (view.current_operation().empty()) continue;
    auto started = view.operation_start_time();
    auto age = std::chrono::floor<std::chrono::milliseconds>(started ? now - *started : minutes(0));
    const Age* bucket = ages.begin();
    while (age >= bucket->below) ++bucket;
    ++counts[std::string(view.current_operation())][bucket->label];
  }
  for (const char* operation : operations) {
    for (const Age& age : ages) {
      metrics.set_gauge("servicecatalog_operations_in_flight",
                        "Operations in progress, by how long ago they began.",
                        {{"kind", informer.resource().kind}, {"operation", operation}, {"age", age.label}},
                        static_cast<double>(counts[operation][age.label]));
    }
  }
}

}  // namespace

void show_operations(core::Metrics& metrics, Stores& stores, core::SystemTime now) {
  show_of(metrics, stores.instances(), {"Provision", "Update", "Deprovision"}, now);
  show_of(metrics, stores.bindings(), {"Bind", "Unbind"}, now);
}

}  // namespace catalog
