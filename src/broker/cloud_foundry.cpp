#include "broker/cloud_foundry.hpp"

#include <optional>
#include <span>
#include <string>

#include "core/hash.hpp"

namespace broker {

namespace json = boost::json;

namespace {

struct Renamed {
  const char *key, *output;
};

constexpr Renamed s3_keys[] = {{"access_key_id", "S3AwsAccessKeyId"},
                               {"secret_access_key", "S3AwsSecretAccessKey"},
                               {"arn", "BucketArn"}};
constexpr Renamed mysql_keys[] = {
    {"name", "DBName"}, {"host", "EndpointAddress"},    {"hostname", "EndpointAddress"},
    {"port", "Port"},   {"username", "MasterUsername"}, {"password", "MasterPassword"}};
constexpr Renamed postgresql_keys[] = {{"db_name", "DBName"},
                                       {"db_host", "EndpointAddress"},
                                       {"db_port", "Port"},
                                       {"host", "EndpointAddress"},
                                       {"hostname", "EndpointAddress"},
                                       {"port", "Port"},
                                       {"read_host", "EndpointAddress"},
                                       {"read_port", "Port"},
                                       {"username", "MasterUsername"},
                                       {"password", "MasterPassword"}};

void add(json::object& credentials, std::span<const Renamed> keys) {
  for (const auto& [key, output] : keys) {
    if (const json::value* value = credentials.if_contains(output)) credentials[key] = json::value(*value);
  }
}

// What the URIs of a database are made of.
struct Database {
  std::string place;           // "host:port/name"
  std::string user, password;  // percent-encoded
};

std::optional<Database> database_of(const json::object& credentials) {
  const auto text = [&](std::string_view key) { return std::string(core::find_string(credentials, {key})); };
  for (const char* needed : {"DBName", "EndpointAddress", "Port", "MasterUsername", "MasterPassword"}) {
    if (text(needed).empty()) return std::nullopt;
  }
  return Database{.place = text("EndpointAddress") + ":" + text("Port") + "/" + text("DBName"),
                  .user = core::percent_encode(text("MasterUsername")),
                  .password = core::percent_encode(text("MasterPassword"))};
}

void add_mysql_uris(json::object& credentials, const Database& database) {
  credentials["uri"] =
      "mysql://" + database.user + ":" + database.password + "@" + database.place + "?reconnect=true";
  credentials["jdbcUrl"] = "jdbc:mysql://" + database.place + "?user=" + database.user +
                           "&password=" + database.password + "&useSSL=false";
}

void add_postgresql_uris(json::object& credentials, const Database& database) {
  const std::string uri = "postgresql://" + database.user + ":" + database.password + "@" + database.place;
  for (const char* key : {"uri", "read_uri"}) credentials[key] = uri;
  for (const char* key : {"jdbc_uri", "jdbc_read_uri"})
    credentials[key] = "jdbc:postgresql://" + database.place;
}

}  // namespace

void add_cloud_foundry_keys(std::string_view class_name, json::object& credentials) {
  const bool is_mysql = class_name == "rdsmysql" || class_name == "rdsmariadb";
  const bool is_postgresql = class_name == "rdspostgresql";
  if (class_name == "s3") add(credentials, s3_keys);
  if (is_mysql) add(credentials, mysql_keys);
  if (is_postgresql) add(credentials, postgresql_keys);
  const auto database = database_of(credentials);
  if (database && is_mysql) add_mysql_uris(credentials, *database);
  if (database && is_postgresql) add_postgresql_uris(credentials, *database);
}

}  // namespace broker
