// Code of the fakes' virtual functions: the compiler makes it where the first of them is defined, and that is
// here.
#include "tests/unit/broker/fake_cloud.hpp"
#include "tests/unit/broker/faulty_cloud.hpp"
#include "tests/unit/broker/faulty_store.hpp"

namespace broker::test {

FakeCloud::~FakeCloud() = default;
FaultyCloud::~FaultyCloud() = default;
FaultyStore::~FaultyStore() = default;

}  // namespace broker::test
