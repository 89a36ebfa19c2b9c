// The messages of the core API as protobuf writes them: field numbers, names and types, by kind. Facts of the
// generated.proto files of k8s.io/api and k8s.io/apimachinery.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace apiserver::protobuf {

enum class Type {
  // As Go omits them from JSON when they are empty or zero …
  text,
  texts,
  integer,
  flag,
  bytes,
  // … and as it keeps them, since they are pointers.
  optional_text,
  optional_integer,
  optional_flag,
  time,        // metav1.Time
  micro_time,  // metav1.MicroTime
  raw_json,    // FieldsV1
  object,
  objects,
  text_map,
  bytes_map,
  texts_map,
};

struct Message;
struct Field {
  std::uint32_t number;
  std::string_view name;
  Type type;
  const Message* message = nullptr;  // of object and objects
};
struct Message {
  std::span<const Field> fields;
  [[nodiscard]] const Field* find(std::uint32_t number) const;
};

// nullptr: a kind that we do not read in this form.
[[nodiscard]] const Message* message_of_kind(std::string_view kind);

}  // namespace apiserver::protobuf
