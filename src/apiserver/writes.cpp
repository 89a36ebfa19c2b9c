#include "apiserver/writes.hpp"

#include "apiserver/core_kinds.hpp"
#include "apiserver/managed_fields.hpp"
#include "apiserver/schema.hpp"
#include "kube/names.hpp"

namespace apiserver {

namespace {

constexpr int most_attempts = 10;
constexpr int most_names = 8;
constexpr std::size_t most_object_bytes = 1536 * 1024;  // etcd's limit of a request

Answer<> validate(const Kind& kind, const json::object& object, const json::object* before) {
  std::vector<kube::StatusCause> causes = check_metadata(kind, object);
  for (kube::StatusCause& cause : schema::validate(object, kind.schema)) causes.push_back(std::move(cause));
  for (kube::StatusCause& cause : check(kind, object, before)) causes.push_back(std::move(cause));
  if (!causes.empty()) return refuse_invalid(kind.resource, kube::name_of(object), std::move(causes));
  return {};
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
    const core::Result<Object> found = co_await store_.get(store_key);
    if (!found) co_return refuse(found.error());
    const Object current = *found;
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
    if (core::to_text(*next).size() > most_object_bytes) {
      co_return refuse(
          {.kind = core::ErrorKind::too_large,
           .message = "Request entity too large: limit is " + std::to_string(most_object_bytes)});
    }
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
  const std::string store_key = kind->key(key);
  for (int attempt = 1;; ++attempt) {
    const core::Result<Object> found = co_await store_.get(store_key);
    if (!found) co_return refuse(found.error());
    const Object current = *found;
    if (current == nullptr) co_return refuse_not_found(kind->resource, key.name);
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
    if (written) co_return Removal{.object = *written, .gone = goes};
    if (written.error().kind != core::ErrorKind::conflict) co_return refuse(written.error());
    if (attempt == most_attempts) co_return refuse_conflict(kind->resource, key.name);
  }
}

}  // namespace apiserver
