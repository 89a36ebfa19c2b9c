#include "apiserver/writes.hpp"

#include <algorithm>
#include <array>

#include "apiserver/core_kinds.hpp"
#include "apiserver/managed_fields.hpp"
#include "apiserver/schema.hpp"
#include "core/log.hpp"
#include "kube/names.hpp"

namespace apiserver {

namespace {

constexpr int most_attempts = 10;
constexpr int most_names = 8;

// Each entry is compared with each other one where they are merged and owned; what is longer already may
// shrink.
void check_lists(const json::object& object, const json::object* before,
                 std::vector<kube::StatusCause>& causes) {
  constexpr std::size_t most = 1000;
  for (const char* name : {"ownerReferences", "finalizers", "managedFields"}) {
    const json::array* const list = core::find_array(object, {"metadata", name});
    const json::array* const old =
        before != nullptr ? core::find_array(*before, {"metadata", name}) : nullptr;
    if (list == nullptr || list->size() <= most || (old != nullptr && list->size() <= old->size())) continue;
    causes.push_back({.reason = "FieldValueTooMany",
                      .message = "Too many: " + std::to_string(list->size()) + ": must have at most " +
                                 std::to_string(most) + " items",
                      .field = "metadata." + std::string(name)});
  }
}

Answer<> validate(const Kind& kind, const json::object& object, const json::object* before) {
  std::vector<kube::StatusCause> causes = check_metadata(kind, object);
  check_lists(object, before, causes);
  for (kube::StatusCause& cause : schema::validate(object, kind.schema)) causes.push_back(std::move(cause));
  for (kube::StatusCause& cause : check(kind, object, before)) causes.push_back(std::move(cause));
  if (!causes.empty()) return refuse_invalid(kind.resource, kube::name_of(object), std::move(causes));
  return {};
}

// Of what users write, status is not counted: it must not keep them from a change.
std::size_t size_of(const Kind& kind, json::object object, bool is_users) {
  if (is_users && kind.has_status) object.erase("status");
  return core::to_text(json::value(std::move(object))).size();
}

// What was large before may go on being changed, but not grow.
Answer<> check_size(const Kind& kind, const json::object& next, const json::object* before, bool is_users) {
  const std::size_t most = is_users ? most_object_bytes : most_stored_bytes;
  const std::size_t size = size_of(kind, next, is_users);
  if (size <= most || (before != nullptr && size <= size_of(kind, *before, is_users))) return {};
  return refuse({.kind = core::ErrorKind::too_large,
                 .message = "Request entity too large: the object has " + std::to_string(size) +
                            " bytes, limit is " + std::to_string(most) +
                            ": keep large values in Secrets or ConfigMaps of their own"});
}

// These are never deleted. Source: https://github.com/kubernetes/kubernetes,
// plugin/pkg/admission/namespace/lifecycle
constexpr std::array<std::string_view, 4> immortal_namespaces{"default", "kube-system", "kube-public",
                                                              "kube-node-lease"};

// What takes the place of a state that is lost: the name is known. A namespace's content has to go before it.
json::object stand_in(const Kind& kind, const json::object& lost) {
  json::object object = lost;
  object["apiVersion"] = kind.resource.api_version();
  object["kind"] = kind.resource.kind;
  if (kind.is(kube::resources::namespaces))
    object["spec"] = json::object{{"finalizers", json::array{"kubernetes"}}};
  return object;
}

// "spec.plan: why" names the field that it is about.
kube::StatusCause cause_of(const std::string& message) {
  const std::size_t colon = message.find(": ");
  const bool names_field = colon != std::string::npos && message.find(' ') > colon;
  return {.reason = "FieldValueInvalid",
          .message = names_field ? message.substr(colon + 2) : message,
          .field = names_field ? message.substr(0, colon) : "spec"};
}

void default_members(const Kind& kind, json::object& object) {
  json::value value(std::move(object));
  schema::set_defaults(value, kind.schema);
  object = std::move(value.get_object());
}

}  // namespace

async::Task<Answer<>> Writes::check_namespace(const Kind& kind, std::string namespace_, std::string name) {
  if (!kind.resource.namespaced) co_return Answer<>();
  const KindPtr namespaces = registry_.find(kube::resources::namespaces);
  kube::ObjectKey key{.namespace_ = {}, .name = namespace_};
  const core::Result<Object> found = co_await store_.get(namespaces->key(key));
  if (!found) co_return refuse(found.error());
  if (*found == nullptr) co_return refuse_not_found(namespaces->resource, namespace_);
  if (kube::is_being_deleted(**found)) {
    co_return refuse_forbidden(
        kind.resource, name,
        "unable to create new content in namespace " + namespace_ + " because it is being terminated",
        {{.reason = "NamespaceTerminating",
          .message = "namespace " + namespace_ + " is being terminated",
          .field = "metadata.namespace"}});
  }
  co_return Answer<>();
}

async::Task<Answer<json::object>> Writes::admit(const Kind& kind, std::string subresource,
                                                Operation operation, json::object object,
                                                const json::object* before, const WriteOptions& options) {
  if (admission_ == nullptr) co_return object;
  const json::object& named = operation == Operation::remove ? *before : object;
  AdmissionRequest request{.resource = kind.resource,
                           .subresource = std::move(subresource),
                           .operation = operation,
                           .key = kube::key_of(named),
                           .object = std::move(object),
                           .old_object = before != nullptr ? *before : json::object(),
                           .user = options.user,
                           .dry_run = options.dry_run};
  const kube::ObjectKey key = request.key;
  core::Result<json::object> admitted = co_await admission_->admit(std::move(request));
  if (admitted) co_return std::move(*admitted);
  core::Error error = std::move(admitted.error());
  if (error.kind == core::ErrorKind::forbidden)
    co_return refuse_forbidden(kind.resource, key.name, error.message);
  // kubectl shows nothing but the causes of such an answer.
  if (error.kind == core::ErrorKind::invalid && (error.code.empty() || error.code == "Invalid")) {
    co_return refuse_invalid(kind.resource, key.name, {cause_of(error.message)});
  }
  kube::StatusDetails details = details_of(kind.resource, key.name);
  details.kind = kind.resource.kind;
  co_return refuse(std::move(error), std::move(details));
}

async::Task<core::Result<Object>> Writes::commit(const Kind& kind, Write write, bool dry_run) {
  if (dry_run) co_return Object(std::move(write.object));
  const bool removed = write.type == ChangeType::deleted;
  const bool is_definition = kind.is(crd_resource);
  core::Result<Object> written = co_await store_.write(std::move(write));
  if (written && is_definition && on_definition_) on_definition_(**written, removed);
  co_return written;
}

async::Task<Answer<Object>> Writes::create(KindPtr kind, std::string namespace_, json::object object,
                                           WriteOptions options) {
  if (auto decoded = decode(*kind, object, options.validation, *options.warnings); !decoded)
    co_return refuse(std::move(decoded.error()));
  json::object& metadata = object["metadata"].as_object();
  if (!kube::resource_version_of(object).empty())
    co_return refuse_request("resourceVersion should not be set on objects to be created");
  if (kind->resource.namespaced) {
    const std::string_view own = kube::namespace_of(object);
    if (!own.empty() && own != namespace_) {
      co_return refuse_request(
          "the namespace of the provided object does not match the namespace sent on the request");
    }
    metadata["namespace"] = namespace_;
  }
  const std::string prefix(core::find_string(metadata, {"generateName"}));
  const bool generates = kube::name_of(object).empty() && !prefix.empty();
  if (kube::name_of(object).empty() && !generates) {
    co_return refuse_invalid(kind->resource, "",
                             {{.reason = "FieldValueRequired",
                               .message = "Required value: name or generateName is required",
                               .field = "metadata.name"}});
  }
  std::string shown_name(kube::name_of(object));
  const Answer<> placed = co_await check_namespace(*kind, namespace_, std::move(shown_name));
  if (!placed) co_return refuse(placed.error());
  begin_life(*kind, object, now());
  for (int attempt = 1;; ++attempt) {
    if (generates) object["metadata"].as_object()["name"] = kube::generate_name(prefix);
    json::object copy = object;
    Answer<Object> created = co_await create_named(kind, std::move(copy), options);
    const bool taken = !created && created.error().error.kind == core::ErrorKind::already_exists;
    if (!generates || !taken || attempt == most_names) co_return created;
  }
}

async::Task<Answer<Object>> Writes::create_named(KindPtr kind, json::object object,
                                                 const WriteOptions& options) {
  default_members(*kind, object);
  complete(*kind, object, nullptr);
  Answer<json::object> admitted =
      co_await admit(*kind, "", Operation::create, std::move(object), nullptr, options);
  if (!admitted) co_return refuse(std::move(admitted.error()));
  std::vector<std::string> unknown;  // that admission has added
  schema::prune(*admitted, kind->schema, unknown);
  if (auto valid = validate(*kind, *admitted, nullptr); !valid) co_return refuse(std::move(valid.error()));
  if (!options.applied)
    track_update(*kind, {}, *admitted, {.name = options.field_manager, .subresource = "", .time = now()});
  if (auto fits = check_size(*kind, *admitted, nullptr, true); !fits)
    co_return refuse(std::move(fits.error()));
  const std::string name(kube::name_of(*admitted));
  std::string key = kind->key(kube::key_of(*admitted));
  if (options.dry_run) {
    const core::Result<Object> present = co_await store_.get(key);
    if (!present) co_return refuse(present.error());
    if (*present) co_return refuse_existing(kind->resource, name);
  }
  Write write{.key = std::move(key),
              .type = ChangeType::added,
              .object = std::make_shared<json::object>(std::move(*admitted)),
              .previous = nullptr};
  const core::Result<Object> written = co_await commit(*kind, std::move(write), options.dry_run);
  if (written) co_return *written;
  if (written.error().kind == core::ErrorKind::conflict) co_return refuse_existing(kind->resource, name);
  co_return refuse(written.error());
}

// The state to write after a change: identity kept, defaulted, admitted, valid.
async::Task<Answer<json::object>> Writes::successor(const Kind& kind, std::string subresource,
                                                    const json::object& current, json::object next,
                                                    const WriteOptions& options) {
  if (auto decoded = decode(kind, next, options.validation, *options.warnings); !decoded)
    co_return refuse(std::move(decoded.error()));
  if (auto continued = continue_life(kind, current, next, subresource); !continued)
    co_return refuse(std::move(continued.error()));
  default_members(kind, next);
  if (subresource.empty()) complete(kind, next, &current);
  Answer<json::object> admitted =
      co_await admit(kind, subresource, Operation::update, std::move(next), &current, options);
  if (!admitted) co_return admitted;
  std::vector<std::string> unknown;
  schema::prune(*admitted, kind.schema, unknown);
  if (auto valid = validate(kind, *admitted, &current); !valid) co_return refuse(std::move(valid.error()));
  count_generation(kind, current, *admitted);
  co_return admitted;
}

async::Task<Answer<Object>> Writes::update(KindPtr kind, kube::ObjectKey key, std::string subresource,
                                           Change change, WriteOptions options) {
  const std::string store_key = kind->key(key);
  for (int attempt = 1;; ++attempt) {
    const core::Result<Store::Found> found = co_await store_.find(store_key);
    if (!found) co_return refuse(found.error());
    if (found->is_lost && options.whole && subresource.empty())
      co_return co_await replace_lost(kind, store_key, found->object, std::move(change), std::move(options));
    if (found->is_lost) co_return refuse(unreadable(store_key, found->problem));
    const Object current = found->object;
    if (current == nullptr) co_return refuse_not_found(kind->resource, key.name);
    Answer<json::object> changed = change(*current);
    if (!changed) co_return refuse(std::move(changed.error()));
    if (!kind->resource.namespaced) core::erase(*changed, {"metadata", "namespace"});
    if (kube::name_of(*changed) != key.name || kube::namespace_of(*changed) != key.namespace_) {
      const bool other_name = kube::name_of(*changed) != key.name;
      if (!kube::name_of(*changed).empty() && other_name) {
        co_return refuse_request("the name of the object (" + std::string(kube::name_of(*changed)) +
                                 ") does not match the name on the URL (" + key.name + ")");
      }
      if (!other_name && !kube::namespace_of(*changed).empty() && kind->resource.namespaced) {
        co_return refuse_request(
            "the namespace of the provided object does not match the namespace sent on the request");
      }
      core::set(*changed, {"metadata", "name"}, json::value(key.name));
      if (kind->resource.namespaced)
        core::set(*changed, {"metadata", "namespace"}, json::value(key.namespace_));
    }
    Answer<json::object> next =
        co_await successor(*kind, subresource, *current, std::move(*changed), options);
    if (!next) co_return refuse(std::move(next.error()));
    if (!options.applied) {
      track_update(*kind, *current, *next,
                   {.name = options.field_manager, .subresource = subresource, .time = now()});
    }
    if (same_content(*current, *next) && !may_go(*kind, *next)) co_return current;
    const bool is_users = subresource.empty() && !kube::is_being_deleted(*current);
    if (auto fits = check_size(*kind, *next, current.get(), is_users); !fits)
      co_return refuse(std::move(fits.error()));
    const bool goes = may_go(*kind, *next);
    Write write{.key = store_key,
                .type = goes ? ChangeType::deleted : ChangeType::modified,
                .object = std::make_shared<json::object>(std::move(*next)),
                .previous = current};
    const core::Result<Object> written = co_await commit(*kind, std::move(write), options.dry_run);
    if (written) co_return *written;
    if (written.error().kind != core::ErrorKind::conflict) co_return refuse(written.error());
    if (attempt == most_attempts) co_return refuse_conflict(kind->resource, key.name);
  }
}

// As if it were made anew, in the place of what cannot be read.
async::Task<Answer<Object>> Writes::replace_lost(KindPtr kind, std::string store_key, Object lost,
                                                 Change change, WriteOptions options) {
  const json::object before = stand_in(*kind, *lost);
  Answer<json::object> changed = change(before);
  if (!changed) co_return refuse(std::move(changed.error()));
  json::object object = std::move(*changed);
  if (auto decoded = decode(*kind, object, options.validation, *options.warnings); !decoded)
    co_return refuse(std::move(decoded.error()));
  const std::string_view version = kube::resource_version_of(object);
  const kube::ObjectKey key = kind->object_key(store_key);
  if (!version.empty() && version != kube::resource_version_of(*lost))
    co_return refuse_conflict(kind->resource, key.name);
  // Whoever restores it knows who it was.
  const std::string uid(kube::uid_of(object));
  begin_life(*kind, object, now());
  core::set(object, {"metadata", "name"}, json::value(key.name));
  if (kind->resource.namespaced) core::set(object, {"metadata", "namespace"}, json::value(key.namespace_));
  if (!uid.empty()) core::set(object, {"metadata", "uid"}, json::value(uid));
  default_members(*kind, object);
  complete(*kind, object, nullptr);
  Answer<json::object> admitted =
      co_await admit(*kind, "", Operation::create, std::move(object), nullptr, options);
  if (!admitted) co_return refuse(std::move(admitted.error()));
  std::vector<std::string> unknown;
  schema::prune(*admitted, kind->schema, unknown);
  if (auto valid = validate(*kind, *admitted, nullptr); !valid) co_return refuse(std::move(valid.error()));
  if (auto fits = check_size(*kind, *admitted, nullptr, true); !fits)
    co_return refuse(std::move(fits.error()));
  Write write{.key = std::move(store_key),
              .type = ChangeType::modified,
              .object = std::make_shared<json::object>(std::move(*admitted)),
              .previous = lost};
  const core::Result<Object> written = co_await commit(*kind, std::move(write), options.dry_run);
  if (written) co_return *written;
  if (written.error().kind == core::ErrorKind::conflict) co_return refuse_conflict(kind->resource, key.name);
  co_return refuse(written.error());
}

async::Task<Answer<Object>> Writes::apply(KindPtr kind, kube::ObjectKey key, std::string subresource,
                                          json::object configuration, bool force, bool* created,
                                          WriteOptions options) {
  if (auto decoded = decode(*kind, configuration, options.validation, *options.warnings); !decoded)
    co_return refuse(std::move(decoded.error()));
  const Manager manager{.name = options.field_manager, .subresource = subresource, .time = now()};
  const core::Result<Object> found = co_await store_.get(kind->key(key));
  if (!found) co_return refuse(found.error());
  if (*found == nullptr && subresource.empty()) {
    core::set(configuration, {"metadata", "name"}, json::value(key.name));
    Answer<json::object> first =
        apply_configuration(*kind, nullptr, std::move(configuration), manager, force);
    if (!first) co_return refuse(std::move(first.error()));
    *created = true;
    options.applied = true;
    co_return co_await create(kind, key.namespace_, std::move(*first), std::move(options));
  }
  Change change = [&](const json::object& current) {
    return apply_configuration(*kind, &current, configuration, manager, force);
  };
  options.applied = true;
  co_return co_await update(kind, key, std::move(subresource), std::move(change), std::move(options));
}

async::Task<Answer<Writes::Removal>> Writes::remove(KindPtr kind, kube::ObjectKey key,
                                                    DeleteOptions delete_options, WriteOptions options) {
  if (kind->is(kube::resources::namespaces) &&
      std::ranges::find(immortal_namespaces, std::string_view(key.name)) != immortal_namespaces.end()) {
    co_return refuse_forbidden(kind->resource, key.name, "this namespace may not be deleted");
  }
  const std::string store_key = kind->key(key);
  for (int attempt = 1;; ++attempt) {
    const core::Result<Store::Found> found = co_await store_.find(store_key);
    if (!found) co_return refuse(found.error());
    Object current = found->object;
    if (current == nullptr) co_return refuse_not_found(kind->resource, key.name);
    if (found->is_lost) {
      current = std::make_shared<const json::object>(stand_in(*kind, *current));
      options.warnings->push_back("the stored state of this object could not be read (" + found->problem +
                                  "): what its finalizers stand for has not been cleaned up");
    }
    if (!delete_options.uid.empty() && delete_options.uid != kube::uid_of(*current)) {
      co_return refuse_conflict(kind->resource, key.name,
                                "Precondition failed: UID in precondition: " + delete_options.uid +
                                    ", UID in object meta: " + std::string(kube::uid_of(*current)));
    }
    if (!delete_options.resource_version.empty() &&
        delete_options.resource_version != kube::resource_version_of(*current)) {
      co_return refuse_conflict(
          kind->resource, key.name,
          "Precondition failed: ResourceVersion in precondition: " + delete_options.resource_version +
              ", ResourceVersion in object meta: " + std::string(kube::resource_version_of(*current)));
    }
    const Answer<json::object> admitted =
        co_await admit(*kind, "", Operation::remove, json::object(), current.get(), options);
    if (!admitted) co_return refuse(admitted.error());
    json::object next = begin_deletion(*kind, *current, delete_options, now());
    const bool goes = !has_finalizers(*kind, next);
    if (!goes && kube::is_being_deleted(*current) && same_content(*current, next))
      co_return Removal{.object = current, .gone = false};
    Write write{.key = store_key,
                .type = goes ? ChangeType::deleted : ChangeType::modified,
                .object = std::make_shared<json::object>(goes ? json::object(*current) : std::move(next)),
                .previous = current};
    const core::Result<Object> written = co_await commit(*kind, std::move(write), options.dry_run);
    if (written && found->is_lost && !options.dry_run)
      core::log::warn("An object that could not be read has been deleted: what it stood for may be left",
                      {{"object", store_key}, {"user", options.user.username}});
    if (written) co_return Removal{.object = *written, .gone = goes};
    if (written.error().kind != core::ErrorKind::conflict) co_return refuse(written.error());
    if (attempt == most_attempts) co_return refuse_conflict(kind->resource, key.name);
  }
}

}  // namespace apiserver
