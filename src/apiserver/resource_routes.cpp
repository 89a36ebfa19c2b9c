#include "apiserver/resource_routes.hpp"

#include <charconv>

#include "apiserver/bodies.hpp"
#include "apiserver/continuation.hpp"
#include "apiserver/responses.hpp"
#include "kube/patch.hpp"

namespace apiserver {

namespace {

constexpr std::chrono::seconds longest_watch = std::chrono::hours(1);

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

// A query parameter that is a number; 0 where it is absent. Error: 400.
Answer<std::int64_t> number_parameter(const net::Query& query, std::string_view name) {
  const std::string_view text = query.get(name);
  if (text.empty()) return 0;
  if (const auto number = number_of(text)) return *number;
  return refuse_request(std::string(name) + ": Invalid value: \"" + std::string(text) +
                        "\": must be a number ≥ 0");
}

IncludedObject included_object(const net::Query& query) {
  const std::string_view policy = query.get("includeObject");
  return policy == "None"     ? IncludedObject::none
         : policy == "Object" ? IncludedObject::object
                              : IncludedObject::metadata;
}

Answer<FieldValidation> field_validation(const net::Query& query) {
  const std::string_view mode = query.get("fieldValidation");
  if (mode == "Strict") return FieldValidation::strict;
  if (mode == "Ignore") return FieldValidation::ignore;
  if (mode.empty() || mode == "Warn") return FieldValidation::warn;
  return refuse_request("fieldValidation: Unsupported value: \"" + std::string(mode) +
                        "\": supported values: \"Ignore\", \"Warn\", \"Strict\"");
}

// Who writes, where the request does not say: the program's name.
std::string field_manager(const net::Request& request, const net::Query& query) {
  if (const std::string_view name = query.get("fieldManager"); !name.empty()) return std::string(name);
  const std::string_view agent = request.headers.get("User-Agent");
  const std::string_view program = agent.substr(0, agent.find('/'));
  return program.empty() ? "unknown" : std::string(program);
}

std::vector<std::string> warnings_of(const Kind& kind, const std::vector<Unreadable>& unreadable) {
  constexpr std::size_t most = 5;
  std::vector<std::string> warnings;
  for (const Unreadable& one : unreadable) {
    if (warnings.size() == most) break;
    warnings.push_back(kind.resource.plural + " \"" + kind.object_key(one.key).to_string() +
                       "\" is left out, because its stored state cannot be read (" + one.why +
                       "): delete or replace it");
  }
  if (unreadable.size() > most)
    warnings.push_back(std::to_string(unreadable.size() - most) + " more are left out for such reasons");
  return warnings;
}

bool is_known_part(const Kind& kind, const RequestInfo& info) {
  if (info.subresource.empty() || (info.subresource == "status" && kind.has_status)) return true;
  return info.subresource == "finalize" && kind.is(kube::resources::namespaces) && info.verb == "update";
}

Failure method_not_allowed() {
  return Failure({.kind = core::ErrorKind::invalid,
                  .message = "the server does not allow this method on the requested resource",
                  .code = "MethodNotAllowed"});
}

}  // namespace

kube::ObjectKey ResourceRoutes::Call::key() const {
  return {.namespace_ = kind->resource.namespaced ? info.namespace_ : "", .name = info.name};
}

async::Task<Answer<net::Response>> ResourceRoutes::handle(const net::Request& request,
                                                          const RequestInfo& info, KindPtr kind,
                                                          UserInfo user, Form form) {
  net::Query query = net::Query::parse(request.query());
  const Answer<FieldValidation> validation = field_validation(query);
  if (!validation) co_return refuse(validation.error());
  const std::string_view dry_run = query.get("dryRun");
  if (!dry_run.empty() && dry_run != "All")
    co_return refuse_request("dryRun: Unsupported value: \"" + std::string(dry_run) +
                             "\": supported values: \"All\"");
  if (!is_known_part(*kind, info)) {
    co_return refuse(
        {.kind = core::ErrorKind::not_found, .message = "the server could not find the requested resource"});
  }
  Presentation presentation{
      .form = std::move(form), .included = included_object(query), .now = clock_.system_now()};
  WriteOptions write{.user = std::move(user),
                     .field_manager = field_manager(request, query),
                     .validation = *validation,
                     .dry_run = dry_run == "All"};
  const Call call{.request = request,
                  .info = info,
                  .kind = std::move(kind),
                  .query = std::move(query),
                  .presentation = std::move(presentation),
                  .write = std::move(write)};
  const bool is_placed = !call.kind->resource.namespaced || !info.namespace_.empty();
  if (info.verb == "list") co_return co_await list(call);
  if (info.verb == "watch") co_return co_await watch(call);
  if (!is_placed && info.verb != "deletecollection") co_return refuse(method_not_allowed());
  if (info.verb == "get") co_return co_await get(call);
  if (info.verb == "create" && info.name.empty()) co_return co_await create(call);
  if (info.verb == "deletecollection") co_return co_await remove_collection(call);
  if (info.name.empty()) co_return refuse(method_not_allowed());
  if (info.verb == "update") co_return co_await replace(call);
  if (info.verb == "patch") co_return co_await patch(call);
  if (info.verb == "delete" && info.subresource.empty()) co_return co_await remove(call);
  co_return refuse(method_not_allowed());
}

async::Task<Answer<net::Response>> ResourceRoutes::get(const Call& call) {
  std::string key = call.kind->key(call.key());
  const core::Result<Store::Found> found = co_await store_.find(key);
  if (!found) co_return refuse(found.error());
  if (found->object == nullptr) co_return refuse_not_found(call.kind->resource, call.info.name);
  if (found->is_lost) co_return refuse(unreadable(key, found->problem));
  std::vector<std::string> warnings;
  if (!found->problem.empty()) {
    warnings.push_back(
        "a part of the stored object cannot be read and is shown as null: " + found->problem +
        ". Lists leave the object out until it has been changed (kubectl patch, replace) or deleted");
  }
  co_return respond(200, present(*call.kind, *found->object, call.presentation), call.presentation.form,
                    warnings);
}

async::Task<Answer<net::Response>> ResourceRoutes::list(const Call& call) {
  const Answer<Selection> selection = Selection::of(*call.kind, call.query);
  if (!selection) co_return refuse(selection.error());
  const Answer<std::int64_t> limit = number_parameter(call.query, "limit");
  if (!limit) co_return refuse(limit.error());
  const Answer<std::int64_t> version = number_parameter(call.query, "resourceVersion");
  if (!version) co_return refuse(version.error());
  ListRequest request{.prefix = call.kind->key_prefix(call.info.namespace_),
                      .limit = static_cast<std::size_t>(*limit)};
  if (!selection->everything())
    request.matches = [&selection](const json::object& object) { return selection->matches(object); };
  const std::string_view token = call.query.get("continue");
  if (!token.empty()) {
    const auto continuation = Continuation::parse(token);
    if (!continuation)
      co_return refuse_request("continue key is not valid: it is not a token that was given out here");
    request.after = request.prefix + continuation->after;
    request.revision = continuation->revision;
  } else if (*version != 0) {
    // Lists are never older than now: "not older than" only has to be reached; "exact" is taken by its word.
    const bool is_exact = call.query.get("resourceVersionMatch") == "Exact";
    const bool is_future = *version > store_.published();  // will be refused
    if (is_exact || is_future) request.revision = *version;
  }
  const std::size_t prefix_size = request.prefix.size();
  core::Result<ListPage> page = co_await store_.list(std::move(request));
  if (!page) {
    Failure failure(page.error());
    if (!token.empty() && page.error().kind == core::ErrorKind::gone) {
      failure.error.message =
          "The provided continue parameter is too old to display a consistent list result. You must start a "
          "new "
          "list without the continue parameter.";
    }
    if (page.error().kind == core::ErrorKind::timeout) {
      failure.details.causes = {
          {.reason = "ResourceVersionTooLarge", .message = "Too large resource version"}};
    }
    co_return refuse(std::move(failure));
  }
  json::object metadata{{"resourceVersion", std::to_string(page->revision)}};
  if (!page->next.empty()) {
    metadata["continue"] =
        Continuation{.revision = page->revision, .after = page->next.substr(prefix_size)}.to_string();
    if (selection->everything()) metadata["remainingItemCount"] = page->remaining;
  }
  co_return respond(200, present_list(*call.kind, page->items, metadata, call.presentation),
                    call.presentation.form, warnings_of(*call.kind, page->unreadable));
}

async::Task<Answer<net::Response>> ResourceRoutes::watch(const Call& call) {
  Answer<Selection> selection = Selection::of(*call.kind, call.query);
  if (!selection) co_return refuse(selection.error());
  const Answer<std::int64_t> seconds = number_parameter(call.query, "timeoutSeconds");
  if (!seconds) co_return refuse(seconds.error());
  const Answer<std::int64_t> version = number_parameter(call.query, "resourceVersion");
  if (!version) co_return refuse(version.error());
  const bool is_told = call.query.find("sendInitialEvents").has_value();
  const bool wants_initial = call.query.flag("sendInitialEvents");
  if (is_told && call.query.get("resourceVersionMatch") != "NotOlderThan") {
    const kube::Resource options{
        .group = "meta.k8s.io", .version = "v1", .kind = "ListOptions", .plural = "listoptions"};
    co_return refuse_invalid(
        options, "",
        {{.reason = "FieldValueForbidden",
          .message = "Forbidden: sendInitialEvents requires setting resourceVersionMatch to "
                     "NotOlderThan",
          .field = "resourceVersionMatch"}});
  }
  WatchRequest request{
      .kind = call.kind,
      .namespace_ = call.info.namespace_,
      .selection = std::move(*selection),
      .presentation = call.presentation,
      .sends_initial = is_told ? wants_initial : *version == 0,
      .marks_initial_end = wants_initial,
      .bookmarks = call.query.flag("allowWatchBookmarks"),
      .after = *version,
      .timeout = *seconds > 0 ? std::min(std::chrono::seconds(*seconds), longest_watch) : longest_watch,
      .bookmark_interval = bookmark_interval_};
  const auto session = std::make_shared<WatchSession>(store_, clock_, std::move(request));
  net::Response response{.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = {}};
  response.body = net::BodyStream([session](net::BodyWriter& writer) { return session->run(writer); });
  co_return response;
}

async::Task<Answer<net::Response>> ResourceRoutes::create(const Call& call) {
  Answer<json::object> object = object_of(call.request);
  if (!object) co_return refuse(std::move(object.error()));
  const Answer<Object> created =
      co_await writes_.create(call.kind, call.info.namespace_, std::move(*object), call.write);
  if (!created) co_return refuse(created.error());
  co_return respond(201, present(*call.kind, **created, call.presentation), call.presentation.form,
                    *call.write.warnings);
}

// Of what cannot be read nobody knows the version.
async::Task<bool> ResourceRoutes::is_lost(std::string key) {
  const core::Result<Store::Found> found = co_await store_.find(std::move(key));
  co_return found && found->is_lost;
}

async::Task<Answer<net::Response>> ResourceRoutes::replace(const Call& call) {
  Answer<json::object> object = object_of(call.request);
  if (!object) co_return refuse(std::move(object.error()));
  // Objects of CRDs are never overwritten unseen.
  if (!call.kind->built_in && kube::resource_version_of(*object).empty() &&
      !co_await is_lost(call.kind->key(call.key()))) {
    co_return refuse_invalid(call.kind->resource, call.info.name,
                             {{.reason = "FieldValueInvalid",
                               .message = "Invalid value: 0x0: must be specified for an update",
                               .field = "metadata.resourceVersion"}});
  }
  Writes::Change change = [&object](const json::object&) -> Answer<json::object> { return *object; };
  WriteOptions options = call.write;
  options.whole = true;
  const Answer<Object> updated = co_await writes_.update(call.kind, call.key(), call.info.subresource,
                                                         std::move(change), std::move(options));
  if (!updated) co_return refuse(updated.error());
  co_return respond(200, present(*call.kind, **updated, call.presentation), call.presentation.form,
                    *call.write.warnings);
}

namespace {

Answer<json::object> as_object(core::Result<json::value> patched) {
  if (!patched) return refuse(std::move(patched.error()));
  if (!patched->is_object()) return refuse_request("the patch leaves no object");
  return std::move(patched->get_object());
}

Answer<json::object> apply_patch(std::string_view type, const json::object& current,
                                 const json::value& patch) {
  if (type == "application/json-patch+json") return as_object(kube::apply_json_patch(current, patch));
  if (type == "application/strategic-merge-patch+json")
    return as_object(kube::apply_strategic_merge_patch(current, patch));
  if (!patch.is_object()) return refuse_request("a merge patch must be an object");
  json::value patched(current);
  core::merge_patch(patched, patch);
  return as_object(std::move(patched));
}

}  // namespace

async::Task<Answer<net::Response>> ResourceRoutes::patch(const Call& call) {
  const std::string_view type = media_type_of(call.request);
  const bool applies = type == "application/apply-patch+yaml";
  const bool is_known = applies || type == "application/json-patch+json" ||
                        type == "application/merge-patch+json" ||
                        (type == "application/strategic-merge-patch+json" && call.kind->built_in);
  if (!is_known) {
    co_return refuse_media_type(call.kind->built_in
                                    ? "application/json-patch+json, application/merge-patch+json, "
                                      "application/strategic-merge-patch+json, application/apply-patch+yaml"
                                    : "application/json-patch+json, application/merge-patch+json, "
                                      "application/apply-patch+yaml");
  }
  Answer<json::value> patch = patch_of(call.request);
  if (!patch) co_return refuse(std::move(patch.error()));
  bool created = false;
  Answer<Object> patched = Object();
  if (applies) {
    if (!patch->is_object()) co_return refuse_request("the configuration must be an object");
    if (call.query.get("fieldManager").empty()) {
      const kube::Resource options{
          .group = "meta.k8s.io", .version = "v1", .kind = "PatchOptions", .plural = ""};
      co_return refuse_invalid(options, "",
                               {{.reason = "FieldValueRequired",
                                 .message = "Required value: is required for apply patch",
                                 .field = "fieldManager"}});
    }
    patched =
        co_await writes_.apply(call.kind, call.key(), call.info.subresource, std::move(patch->get_object()),
                               call.query.flag("force"), &created, call.write);
  } else {
    Writes::Change change = [&](const json::object& current) { return apply_patch(type, current, *patch); };
    patched =
        co_await writes_.update(call.kind, call.key(), call.info.subresource, std::move(change), call.write);
  }
  if (!patched) co_return refuse(patched.error());
  co_return respond(created ? 201 : 200, present(*call.kind, **patched, call.presentation),
                    call.presentation.form, *call.write.warnings);
}

async::Task<Answer<net::Response>> ResourceRoutes::remove(const Call& call) {
  const Answer<DeleteRequest> request = delete_request_of(call.request);
  if (!request) co_return refuse(request.error());
  WriteOptions options = call.write;
  options.dry_run = options.dry_run || request->dry_run;
  const Answer<Writes::Removal> removal =
      co_await writes_.remove(call.kind, call.key(), request->options, std::move(options));
  if (!removal) co_return refuse(removal.error());
  if (!removal->gone) {
    co_return respond(200, present(*call.kind, *removal->object, call.presentation), call.presentation.form,
                      *call.write.warnings);
  }
  kube::StatusDetails details = details_of(call.kind->resource, call.info.name);
  details.uid = kube::uid_of(*removal->object);
  co_return respond(200, kube::success_status(details), {}, *call.write.warnings);
}

async::Task<Answer<net::Response>> ResourceRoutes::remove_collection(const Call& call) {
  const Answer<DeleteRequest> delete_request = delete_request_of(call.request);
  if (!delete_request) co_return refuse(delete_request.error());
  const Answer<Selection> selection = Selection::of(*call.kind, call.query);
  if (!selection) co_return refuse(selection.error());
  ListRequest request{
      .prefix = call.kind->key_prefix(call.info.namespace_),
      .matches = [&selection](const json::object& object) { return selection->matches(object); }};
  core::Result<ListPage> page = co_await store_.list(std::move(request));
  if (!page) co_return refuse(page.error());
  WriteOptions options = call.write;
  options.dry_run = options.dry_run || delete_request->dry_run;
  std::vector<kube::ObjectKey> keys;
  for (const Object& object : page->items) keys.push_back(kube::key_of(*object));
  if (selection->everything()) {  // of what cannot be read nobody knows whether it is selected
    for (const Unreadable& one : page->unreadable) keys.push_back(call.kind->object_key(one.key));
  }
  // One that may not be deleted does not keep the others.
  std::optional<Failure> first_refusal;
  for (kube::ObjectKey& key : keys) {
    const Answer<Writes::Removal> removal =
        co_await writes_.remove(call.kind, std::move(key), delete_request->options, options);
    if (!removal && removal.error().error.kind != core::ErrorKind::not_found && !first_refusal)
      first_refusal = removal.error();
  }
  if (first_refusal) co_return refuse(std::move(*first_refusal));
  const json::object metadata{{"resourceVersion", std::to_string(store_.published())}};
  co_return respond(200, present_list(*call.kind, page->items, metadata, call.presentation),
                    call.presentation.form, *call.write.warnings);
}

}  // namespace apiserver
