#include "apiserver/protobuf/decode.hpp"

#include <protozero/pbf_reader.hpp>

#include "apiserver/protobuf/messages.hpp"
#include "core/hash.hpp"
#include "core/time.hpp"

namespace apiserver::protobuf {

namespace json = boost::json;

namespace {

using Reader = protozero::pbf_reader;

constexpr std::string_view magic("k8s\0", 4);

// protozero only asserts that a field is read as what it is.
Reader& checked(Reader& reader, protozero::pbf_wire_type type) {
  if (reader.wire_type() != type) throw protozero::unknown_pbf_wire_type_exception();
  return reader;
}

std::string text_of(Reader& reader) {
  const protozero::data_view view = checked(reader, protozero::pbf_wire_type::length_delimited).get_view();
  return {view.data(), view.size()};
}

Reader message_of(Reader& reader) {
  return checked(reader, protozero::pbf_wire_type::length_delimited).get_message();
}

std::int64_t number_of(Reader& reader) {
  return checked(reader, protozero::pbf_wire_type::varint).get_int64();
}

// seconds = 1, nanos = 2; "" for Go's zero time, which is written as nothing.
std::string time_of(Reader time, bool micros) {
  std::int64_t seconds = 0;
  std::int64_t nanos = 0;
  bool is_set = false;
  while (time.next()) {
    is_set = true;
    if (time.tag() == 1) {
      seconds = number_of(time);
    } else if (time.tag() == 2) {
      nanos = number_of(time);
    } else {
      time.skip();
    }
  }
  constexpr std::int64_t longest = 253'402'300'799;  // the year 9999
  if (!is_set || seconds < -longest || seconds > longest) return {};
  const core::SystemTime point{
      std::chrono::seconds(seconds) +
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::nanoseconds(nanos))};
  return micros ? core::to_rfc3339_micros(point) : core::to_rfc3339(point);
}

json::value raw_json_of(Reader reader) {
  while (reader.next()) {
    if (reader.tag() != 1) {
      reader.skip();
      continue;
    }
    const std::string text = text_of(reader);
    if (auto value = core::parse_json(text)) return std::move(*value);
    throw protozero::invalid_length_exception();
  }
  return json::object();
}

json::array texts_of(Reader reader) {
  json::array list;
  while (reader.next()) {
    if (reader.tag() == 1) {
      list.emplace_back(text_of(reader));
    } else {
      reader.skip();
    }
  }
  return list;
}

// key = 1, value = 2
void put_entry(json::object& map, Reader entry, Type type) {
  std::string key;
  json::value value = type == Type::texts_map ? json::value(json::array()) : json::value("");
  while (entry.next()) {
    if (entry.tag() == 1) {
      key = text_of(entry);
    } else if (entry.tag() == 2 && type == Type::texts_map) {
      value = texts_of(message_of(entry));
    } else if (entry.tag() == 2) {
      std::string text = text_of(entry);
      value = type == Type::bytes_map ? core::base64_encode(text) : std::move(text);
    } else {
      entry.skip();
    }
  }
  map[key] = std::move(value);
}

template <class Container>
Container& member(json::object& object, std::string_view name) {
  json::value& value = object[name];
  if (value.is_null()) value = Container();
  if constexpr (std::is_same_v<Container, json::array>)
    return value.as_array();
  else
    return value.as_object();
}

json::object object_of(Reader reader, const Message& message);

void read_field(json::object& object, const Field& field, Reader& reader) {
  switch (field.type) {
    case Type::text:
      if (const std::string text = text_of(reader); !text.empty()) object[field.name] = text;
      return;
    case Type::optional_text:
      object[field.name] = text_of(reader);
      return;
    case Type::texts:
      member<json::array>(object, field.name).emplace_back(text_of(reader));
      return;
    case Type::integer:
      if (const std::int64_t number = number_of(reader); number != 0) object[field.name] = number;
      return;
    case Type::optional_integer:
      object[field.name] = number_of(reader);
      return;
    case Type::flag:
      if (number_of(reader) != 0) object[field.name] = true;
      return;
    case Type::optional_flag:
      object[field.name] = number_of(reader) != 0;
      return;
    case Type::bytes:
      if (const std::string data = text_of(reader); !data.empty())
        object[field.name] = core::base64_encode(data);
      return;
    case Type::time:
    case Type::micro_time:
      if (const std::string time = time_of(message_of(reader), field.type == Type::micro_time); !time.empty())
        object[field.name] = time;
      return;
    case Type::raw_json:
      object[field.name] = raw_json_of(message_of(reader));
      return;
    case Type::object:
      object[field.name] = object_of(message_of(reader), *field.message);
      return;
    case Type::objects:
      member<json::array>(object, field.name).emplace_back(object_of(message_of(reader), *field.message));
      return;
    case Type::text_map:
    case Type::bytes_map:
    case Type::texts_map:
      put_entry(member<json::object>(object, field.name), message_of(reader), field.type);
      return;
  }
}

json::object object_of(Reader reader, const Message& message) {
  json::object object;
  while (reader.next()) {
    const Field* const field = message.find(reader.tag());
    if (field == nullptr) {
      reader.skip();
    } else {
      read_field(object, *field, reader);
    }
  }
  return object;
}

// runtime.Unknown: typeMeta = 1 {apiVersion = 1, kind = 2}, raw = 2
struct Envelope {
  std::string api_version, kind, raw;
};

Envelope envelope_of(std::string_view bytes) {
  Envelope envelope;
  Reader reader(bytes.data(), bytes.size());
  while (reader.next()) {
    if (reader.tag() == 1) {
      Reader type = message_of(reader);
      while (type.next()) {
        std::string* const part = type.tag() == 1   ? &envelope.api_version
                                  : type.tag() == 2 ? &envelope.kind
                                                    : nullptr;
        if (part != nullptr) {
          *part = text_of(type);
        } else {
          type.skip();
        }
      }
    } else if (reader.tag() == 2) {
      envelope.raw = text_of(reader);
    } else {
      reader.skip();
    }
  }
  return envelope;
}

core::Result<json::object> decode_envelope(const Envelope& envelope) {
  const Message* const message = message_of_kind(envelope.kind);
  if (message == nullptr) {
    return core::fail(core::ErrorKind::invalid,
                      "the body of the request was in an unknown format: " + envelope.kind +
                          " is read as application/json or application/yaml",
                      "UnsupportedMediaType");
  }
  json::object object{{"apiVersion", envelope.api_version}, {"kind", envelope.kind}};
  for (auto& [name, value] : object_of(Reader(envelope.raw.data(), envelope.raw.size()), *message))
    object[name] = std::move(value);
  // Texts of protobuf are any bytes; those of JSON are UTF-8.
  auto checked = core::parse_json(core::to_text(object));
  if (!checked) return core::fail(std::move(checked.error()));
  return std::move(checked->get_object());
}

}  // namespace

core::Result<json::object> decode(std::string_view body) {
  if (!body.starts_with(magic)) {
    return core::fail(core::ErrorKind::invalid,
                      "the body of the request does not begin as Kubernetes' protobuf messages do");
  }
  try {
    return decode_envelope(envelope_of(body.substr(magic.size())));
  } catch (const protozero::exception& broken) {
    return core::fail(
        core::ErrorKind::invalid,
        std::string("the body of the request is not a protobuf message of its kind: ") + broken.what());
  }
}

}  // namespace apiserver::protobuf
