// Bodies that client-go has made (tests/data/protobuf/generate.go), and what is left of them.
#include <gtest/gtest.h>

#include "apiserver/protobuf/decode.hpp"
#include "core/file.hpp"
#include "core/hash.hpp"
#include "testing/source_dir.hpp"

namespace apiserver::protobuf {
namespace {

namespace json = boost::json;

json::array messages() {
  const auto text = core::read_file(fakes::source_path("tests/data/protobuf/messages.json"));
  return core::parse_json(text.value_or("[]"))->as_array();
}

// Go writes members of its JSON that say nothing: a creationTimestamp of null, empty structs and texts.
void drop_silence(json::value& value) {
  json::object* const object = value.if_object();
  if (json::array* list = value.if_array()) {
    for (json::value& element : *list) drop_silence(element);
  }
  if (object == nullptr) return;
  for (auto member = object->begin(); member != object->end();) {
    drop_silence(member->value());
    const json::value& value_of_member = member->value();
    const bool is_empty = (value_of_member.is_object() && value_of_member.get_object().empty()) ||
                          value_of_member == json::value("");
    member = member->value().is_null() || is_empty ? object->erase(member) : std::next(member);
  }
}

TEST(Protobuf, is_read_as_the_same_json) {
  const json::array all = messages();
  EXPECT_GE(all.size(), 14U);
  for (const json::value& message : all) {
    const auto bytes = core::base64_decode(core::find_string(message, {"bytes"}));
    ASSERT_TRUE(bytes);
    const auto object = decode(*bytes);
    ASSERT_TRUE(object) << core::find_string(message, {"kind"}) << ": " << object.error().message;
    json::value actual(*object);
    json::value expected = message.at("json");
    // What a server answers is not read from requests.
    if (core::find_string(message, {"kind"}) != "Namespace") expected.as_object().erase("status");
    drop_silence(actual);
    drop_silence(expected);
    EXPECT_EQ(core::to_canonical_text(actual), core::to_canonical_text(expected));
  }
}

TEST(Protobuf, that_is_cut_or_changed_is_refused_or_read_but_never_more) {
  for (const json::value& message : messages()) {
    const std::string bytes = *core::base64_decode(core::find_string(message, {"bytes"}));
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      (void)decode(bytes.substr(0, at));
      for (const int other : {0x00, 0x7f, 0x80, 0xff}) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(other);
        const auto object = decode(changed);
        if (!object) EXPECT_FALSE(object.error().message.empty());
      }
    }
  }
}

TEST(Protobuf, of_another_kind_is_told_to_come_as_json) {
  // An envelope with the kind "Pod" and nothing in it.
  const std::string pod = std::string("k8s\0", 4) + std::string("\x0a\x09\x0a\x02v1\x12\x03Pod", 11);
  const auto refused = decode(pod);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "UnsupportedMediaType");
  EXPECT_TRUE(refused.error().message.contains("Pod"));
  EXPECT_FALSE(decode(""));
  EXPECT_FALSE(decode("{}"));
}

}  // namespace
}  // namespace apiserver::protobuf
