// YAML → JSON, as Kubernetes manifests and CloudFormation templates need it.
#pragma once

#include <string_view>

#include "core/json.hpp"

namespace core {

// How a local tag (!Ref, !GetAtt, !Sub …) is read.
enum class YamlTags {
  reject,          // plain YAML (kubeconfig, manifests): an unknown tag is an error
  cloudformation,  // short intrinsic functions become their long form: !Ref x → {"Ref": "x"}, !GetAtt a.b →
                   // {"Fn::GetAtt": ["a","b"]}
};

// Reads one document (the first; more than one is an error). Plain scalars get their YAML 1.2 core type (with
// YAML 1.1's yes/no kept as strings); quoted ones stay strings. Numbers that JSON cannot keep (1e400, .inf,
// 18446744073709551616) are refused, and are texts in a template. Aliases are followed up to 200,000 nodes
// and 16 MiB of text (billion laughs). Errors: invalid with line and column, too_large.
[[nodiscard]] Result<json::value> parse_yaml(std::string_view text, YamlTags tags = YamlTags::reject,
                                             const JsonLimits& limits = {});

// Block style, as `kubectl get -o yaml` prints it; ends with a line break.
[[nodiscard]] std::string to_yaml(const json::value& value);

}  // namespace core
