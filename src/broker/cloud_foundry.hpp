// The keys that applications on Cloud Foundry read, beside the outputs' own names (broker.md, "Credentials").
// Pure.
#pragma once

#include <string_view>

#include "core/json.hpp"

namespace broker {

// Of a template with CloudFoundry: true. Classes other than rdsmysql, rdsmariadb, rdspostgresql and s3 get
// none; a key whose outputs are not all there is left out.
void add_cloud_foundry_keys(std::string_view class_name, boost::json::object& credentials);

}  // namespace broker
