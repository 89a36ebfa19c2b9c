#include "apiserver/protobuf/messages.hpp"

#include <algorithm>
#include <array>

namespace apiserver::protobuf {

namespace {

using enum Type;

constexpr auto owner_reference_fields = std::to_array<Field>({{1, "kind", text},
                                                              {3, "name", text},
                                                              {4, "uid", text},
                                                              {5, "apiVersion", text},
                                                              {6, "controller", optional_flag},
                                                              {7, "blockOwnerDeletion", optional_flag}});
constexpr Message owner_reference{owner_reference_fields};

constexpr auto managed_fields_fields = std::to_array<Field>({{1, "manager", text},
                                                             {2, "operation", text},
                                                             {3, "apiVersion", text},
                                                             {4, "time", time},
                                                             {6, "fieldsType", text},
                                                             {7, "fieldsV1", raw_json},
                                                             {8, "subresource", text}});
constexpr Message managed_fields{managed_fields_fields};

constexpr auto object_meta_fields =
    std::to_array<Field>({{1, "name", text},
                          {2, "generateName", text},
                          {3, "namespace", text},
                          {4, "selfLink", text},
                          {5, "uid", text},
                          {6, "resourceVersion", text},
                          {7, "generation", integer},
                          {8, "creationTimestamp", time},
                          {9, "deletionTimestamp", time},
                          {10, "deletionGracePeriodSeconds", optional_integer},
                          {11, "labels", text_map},
                          {12, "annotations", text_map},
                          {13, "ownerReferences", objects, &owner_reference},
                          {14, "finalizers", texts},
                          {17, "managedFields", objects, &managed_fields}});
constexpr Message object_meta{object_meta_fields};
constexpr Field metadata{1, "metadata", object, &object_meta};

constexpr auto preconditions_fields =
    std::to_array<Field>({{1, "uid", optional_text}, {2, "resourceVersion", optional_text}});
constexpr Message preconditions{preconditions_fields};
constexpr auto delete_options_fields = std::to_array<Field>({{1, "gracePeriodSeconds", optional_integer},
                                                             {2, "preconditions", object, &preconditions},
                                                             {3, "orphanDependents", optional_flag},
                                                             {4, "propagationPolicy", optional_text},
                                                             {5, "dryRun", texts}});

constexpr auto condition_fields = std::to_array<Field>({{1, "type", text},
                                                        {2, "status", text},
                                                        {4, "lastTransitionTime", time},
                                                        {5, "reason", text},
                                                        {6, "message", text}});
constexpr Message condition{condition_fields};
constexpr auto namespace_spec_fields = std::to_array<Field>({{1, "finalizers", texts}});
constexpr Message namespace_spec{namespace_spec_fields};
constexpr auto namespace_status_fields =
    std::to_array<Field>({{1, "phase", text}, {2, "conditions", objects, &condition}});
constexpr Message namespace_status{namespace_status_fields};
constexpr auto namespace_fields = std::to_array<Field>(
    {metadata, {2, "spec", object, &namespace_spec}, {3, "status", object, &namespace_status}});

constexpr auto secret_fields = std::to_array<Field>({metadata,
                                                     {2, "data", bytes_map},
                                                     {3, "type", text},
                                                     {4, "stringData", text_map},
                                                     {5, "immutable", optional_flag}});
constexpr auto config_map_fields = std::to_array<Field>(
    {metadata, {2, "data", text_map}, {3, "binaryData", bytes_map}, {4, "immutable", optional_flag}});

constexpr auto object_reference_fields = std::to_array<Field>({{1, "kind", text},
                                                               {2, "namespace", text},
                                                               {3, "name", text},
                                                               {4, "uid", text},
                                                               {5, "apiVersion", text},
                                                               {6, "resourceVersion", text},
                                                               {7, "fieldPath", text}});
constexpr Message object_reference{object_reference_fields};
constexpr auto local_reference_fields = std::to_array<Field>({{1, "name", text}});
constexpr Message local_reference{local_reference_fields};
constexpr auto service_account_fields =
    std::to_array<Field>({metadata,
                          {2, "secrets", objects, &object_reference},
                          {3, "imagePullSecrets", objects, &local_reference},
                          {4, "automountServiceAccountToken", optional_flag}});

constexpr auto event_source_fields = std::to_array<Field>({{1, "component", text}, {2, "host", text}});
constexpr Message event_source{event_source_fields};
constexpr auto event_series_fields =
    std::to_array<Field>({{1, "count", integer}, {2, "lastObservedTime", micro_time}});
constexpr Message event_series{event_series_fields};
constexpr auto event_fields = std::to_array<Field>({metadata,
                                                    {2, "involvedObject", object, &object_reference},
                                                    {3, "reason", text},
                                                    {4, "message", text},
                                                    {5, "source", object, &event_source},
                                                    {6, "firstTimestamp", time},
                                                    {7, "lastTimestamp", time},
                                                    {8, "count", integer},
                                                    {9, "type", text},
                                                    {10, "eventTime", micro_time},
                                                    {11, "series", object, &event_series},
                                                    {12, "action", text},
                                                    {13, "related", object, &object_reference},
                                                    {14, "reportingComponent", text},
                                                    {15, "reportingInstance", text}});

constexpr auto lease_spec_fields = std::to_array<Field>({{1, "holderIdentity", optional_text},
                                                         {2, "leaseDurationSeconds", optional_integer},
                                                         {3, "acquireTime", micro_time},
                                                         {4, "renewTime", micro_time},
                                                         {5, "leaseTransitions", optional_integer},
                                                         {6, "strategy", optional_text},
                                                         {7, "preferredHolder", optional_text}});
constexpr Message lease_spec{lease_spec_fields};
constexpr auto lease_fields = std::to_array<Field>({metadata, {2, "spec", object, &lease_spec}});

constexpr auto bound_reference_fields =
    std::to_array<Field>({{1, "kind", text}, {2, "apiVersion", text}, {3, "name", text}, {4, "uid", text}});
constexpr Message bound_reference{bound_reference_fields};
constexpr auto token_request_spec_fields =
    std::to_array<Field>({{1, "audiences", texts},
                          {3, "boundObjectRef", object, &bound_reference},
                          {4, "expirationSeconds", optional_integer}});
constexpr Message token_request_spec{token_request_spec_fields};
constexpr auto token_request_fields =
    std::to_array<Field>({metadata, {2, "spec", object, &token_request_spec}});
constexpr auto token_review_spec_fields = std::to_array<Field>({{1, "token", text}, {2, "audiences", texts}});
constexpr Message token_review_spec{token_review_spec_fields};
constexpr auto token_review_fields =
    std::to_array<Field>({metadata, {2, "spec", object, &token_review_spec}});
constexpr auto self_subject_review_fields = std::to_array<Field>({metadata});

constexpr auto resource_attributes_fields = std::to_array<Field>({{1, "namespace", text},
                                                                  {2, "verb", text},
                                                                  {3, "group", text},
                                                                  {4, "version", text},
                                                                  {5, "resource", text},
                                                                  {6, "subresource", text},
                                                                  {7, "name", text}});
constexpr Message resource_attributes{resource_attributes_fields};
constexpr auto path_attributes_fields = std::to_array<Field>({{1, "path", text}, {2, "verb", text}});
constexpr Message path_attributes{path_attributes_fields};
constexpr auto access_review_spec_fields =
    std::to_array<Field>({{1, "resourceAttributes", object, &resource_attributes},
                          {2, "nonResourceAttributes", object, &path_attributes},
                          {3, "user", text},
                          {4, "groups", texts},
                          {5, "extra", texts_map},
                          {6, "uid", text}});
constexpr Message access_review_spec{access_review_spec_fields};
constexpr auto access_review_fields =
    std::to_array<Field>({metadata, {2, "spec", object, &access_review_spec}});
constexpr auto rules_review_spec_fields = std::to_array<Field>({{1, "namespace", text}});
constexpr Message rules_review_spec{rules_review_spec_fields};
constexpr auto rules_review_fields =
    std::to_array<Field>({metadata, {2, "spec", object, &rules_review_spec}});

struct KindMessage {
  std::string_view kind;
  Message message;
};
constexpr auto kinds = std::to_array<KindMessage>({{"ConfigMap", {config_map_fields}},
                                                   {"DeleteOptions", {delete_options_fields}},
                                                   {"Event", {event_fields}},
                                                   {"Lease", {lease_fields}},
                                                   {"LocalSubjectAccessReview", {access_review_fields}},
                                                   {"Namespace", {namespace_fields}},
                                                   {"Secret", {secret_fields}},
                                                   {"SelfSubjectAccessReview", {access_review_fields}},
                                                   {"SelfSubjectReview", {self_subject_review_fields}},
                                                   {"SelfSubjectRulesReview", {rules_review_fields}},
                                                   {"ServiceAccount", {service_account_fields}},
                                                   {"SubjectAccessReview", {access_review_fields}},
                                                   {"TokenRequest", {token_request_fields}},
                                                   {"TokenReview", {token_review_fields}}});

}  // namespace

const Field* Message::find(std::uint32_t number) const {
  const auto found = std::ranges::find(fields, number, &Field::number);
  return found == fields.end() ? nullptr : &*found;
}

const Message* message_of_kind(std::string_view kind) {
  const auto* const found = std::ranges::find(kinds, kind, &KindMessage::kind);
  return found == kinds.end() ? nullptr : &found->message;
}

}  // namespace apiserver::protobuf
