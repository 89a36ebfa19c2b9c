#include "net/url.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "core/text.hpp"

namespace net {

core::Result<Url> Url::parse(std::string_view text) {
  // A text that may hold a password is not repeated: messages go to logs.
  const std::string shown = text.contains('@') ? "this" : "\"" + core::shortened(text, 200) + "\"";
  const auto wrong = [&shown](const std::string& why) {
    return core::fail(core::ErrorKind::invalid, shown + " is not a valid URL: " + why);
  };
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed) return wrong("write it as https://host[:port][/path]");
  const boost::urls::url_view& view = *parsed;
  Url url;
  url.scheme = std::string(view.scheme());
  for (char& c : url.scheme) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  if (url.scheme != "http" && url.scheme != "https") return wrong("the scheme must be http or https");
  if (view.has_userinfo())
    return wrong("it must not hold a user name or password; give credentials in their own fields");
  if (view.has_fragment()) return wrong("it must not hold a fragment (#…)");
  url.host = std::string(view.host_address());
  if (url.host.empty()) return wrong("the host is missing");
  if (view.has_port() && !view.port().empty()) {
    if (view.port_number() == 0) return wrong("the port must be between 1 and 65535");
    url.port = view.port_number();
  } else {
    url.port = url.tls() ? 443 : 80;
  }
  url.path = std::string(view.encoded_path());
  while (!url.path.empty() && url.path.back() == '/') url.path.pop_back();
  url.query = std::string(view.encoded_query());
  return url;
}

std::string Url::authority() const {
  std::string text = host.find(':') != std::string::npos ? "[" + host + "]" : host;
  if (port != (tls() ? 443 : 80)) text += ":" + std::to_string(port);
  return text;
}

std::string Url::to_string() const {
  return scheme + "://" + authority() + path + (query.empty() ? "" : "?" + query);
}

}  // namespace net
