#include "core/gzip.hpp"

#include <zlib.h>

#include <gtest/gtest.h>

namespace core {
namespace {

std::string gunzip(std::string bytes) {
  std::string out(1'000'000, '\0');
  z_stream stream{};
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  inflateInit2(&stream, 15 + 16);
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST(Gzip, is_what_it_was_when_it_is_unpacked) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i);
  for (const std::string& each : {std::string(), std::string("a"), text}) EXPECT_EQ(gunzip(gzip(each)), each);
  EXPECT_LT(gzip(text).size(), text.size() / 2);
  EXPECT_EQ(gzip(text), gzip(text)) << "no time stands in it";
}

}  // namespace
}  // namespace core
