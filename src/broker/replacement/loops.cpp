#include "broker/replacement/loops.hpp"

#include "broker/value_text.hpp"

namespace broker {

namespace json = boost::json;

namespace {

constexpr std::string_view loop_prefix = "Fn::ForEach::";
constexpr std::size_t most_made = 150'000;  // nodes; a template has at most 500 resources

class LoopWriter {
 public:
  LoopWriter(const json::object& document, const Values& parameters) : resolver_(document, parameters) {}

  [[nodiscard]] bool is_exhausted() const { return made_ > most_made || resolver_.is_exhausted(); }

  json::value write_out(const json::value& value) {
    ++made_;
    if (is_exhausted()) return nullptr;
    if (const json::array* list = value.if_array()) {
      json::array written;
      for (const json::value& each : *list) written.push_back(write_out(each));
      return written;
    }
    const json::object* object = value.if_object();
    if (object == nullptr) return value;
    json::object written;
    for (const auto& [key, each] : *object) {
      if (!std::string_view(key).starts_with(loop_prefix) || !write_loop(each, written))
        written.insert_or_assign(key, write_out(each));
    }
    return written;
  }

 private:
  // Adds what a loop makes. False: it is none, or what it goes over is not known.
  bool write_loop(const json::value& loop, json::object& into) {
    const json::array* parts = loop.if_array();
    if (parts == nullptr || parts->size() != 3 || !(*parts)[0].is_string() || !(*parts)[2].is_object())
      return false;
    const auto items = resolver_.resolve((*parts)[1]);
    if (!items || !items->is_array() || !is_literal(*items)) return false;
    for (const json::value& item : items->get_array()) {
      const json::value body = with(value_text((*parts)[0]), value_text(item), (*parts)[2]);
      if (is_exhausted()) return true;
      const json::value made = write_out(body);
      if (!made.is_object()) return true;
      for (const auto& [key, each] : made.get_object()) into.insert_or_assign(key, each);
    }
    return true;
  }

  // A loop's body for one of its items.
  json::value with(std::string_view name, std::string_view item, const json::value& body) {
    ++made_;
    if (is_exhausted()) return nullptr;
    if (body.is_string()) return json::value(text_with(name, item, body.get_string()));
    if (const json::array* list = body.if_array()) {
      json::array replaced;
      for (const json::value& each : *list) replaced.push_back(with(name, item, each));
      return replaced;
    }
    const json::object* object = body.if_object();
    if (object == nullptr) return body;
    if (function_of(*object) == "Ref" && value_text(object->begin()->value()) == name)
      return json::value(item);
    json::object replaced;
    for (const auto& [key, each] : *object)
      replaced.insert_or_assign(text_with(name, item, key), with(name, item, each));
    return replaced;
  }

  // ${Name} stands for the item, &{Name} for its letters and digits.
  std::string text_with(std::string_view name, std::string_view item, std::string_view text) {
    std::string plain(item);
    std::erase_if(plain, [](unsigned char each) { return std::isalnum(each) == 0; });
    std::string replaced(text);
    for (const auto& [mark, value] : {std::pair('$', std::string(item)), std::pair('&', plain)}) {
      const std::string placeholder = std::string(1, mark) + "{" + std::string(name) + "}";
      for (std::size_t at = 0; (at = replaced.find(placeholder, at)) != std::string::npos; at += value.size())
        replaced.replace(at, placeholder.size(), value);
    }
    made_ += replaced.size() / 64;
    return replaced;
  }

  ValueResolver resolver_;
  std::size_t made_ = 0;
};

}  // namespace

core::Result<json::object> without_loops(const json::object& document, const Values& parameters) {
  json::object written = document;
  LoopWriter writer(document, parameters);
  for (const char* section : {"Conditions", "Resources"}) {
    if (const json::value* found = document.if_contains(section)) written[section] = writer.write_out(*found);
    if (writer.is_exhausted())
      return core::fail(core::ErrorKind::too_large, "its loops create more than CloudFormation accepts");
  }
  return written;
}

}  // namespace broker
