// A platform's request and a broker's catalog as they are read: accepted or refused with a description, never
// anything else.
#include <cstdlib>
#include <fuzzer/FuzzedDataProvider.h>

#include "osb/request_reader.hpp"
#include "osb/requests.hpp"

namespace {

template <class T>
void must_tell(const core::Result<T>& read) {
  if (!read && read.error().message.empty()) std::abort();
}

void read_catalog(const std::string& body) {
  const auto parsed = core::parse_json(body);
  if (!parsed) return;
  const auto catalog = osb::catalog_from_json(*parsed);
  must_tell(catalog);
  if (catalog && !osb::catalog_from_json(osb::to_json(*catalog))) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  net::Request request{.method = "PUT", .headers = {}, .body = {}, .peer = {}};
  request.target = "/?" + input.ConsumeRandomLengthString(256);
  request.headers.set("X-Broker-API-Version", input.ConsumeRandomLengthString(16));
  request.headers.set("X-Broker-API-Originating-Identity", input.ConsumeRandomLengthString(256));
  request.headers.set("Content-Type", input.ConsumeRandomLengthString(64));
  const net::PathParameters path{{"instance", input.ConsumeRandomLengthString(64)},
                                 {"binding", input.ConsumeRandomLengthString(64)}};
  request.body = input.ConsumeRemainingBytesAsString();

  must_tell(osb::read_context(request));
  must_tell(osb::read_provision(request, path));
  must_tell(osb::read_update(request, path));
  must_tell(osb::read_deprovision(request, path));
  must_tell(osb::read_bind(request, path));
  must_tell(osb::read_unbind(request, path));
  must_tell(osb::read_last_operation(request, path));
  must_tell(osb::read_fetch_instance(request, path));
  must_tell(osb::read_fetch_binding(request, path));
  read_catalog(request.body);
  return 0;
}
