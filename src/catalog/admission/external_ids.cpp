#include "catalog/admission/external_ids.hpp"

#include "catalog/api/annotations.hpp"
#include "catalog/policies/adoption.hpp"
#include "catalog/policies/ownership.hpp"
#include "core/text.hpp"

namespace catalog::admission {

async::Task<core::Result<std::optional<IdHolder>>> holder_of_id(const Request& request, Lookup& lookup) {
  std::optional<IdHolder> none;
  std::string id(core::find_string(request.object, {"spec", "externalID"}));
  if (request.operation != Operation::create || id.empty()) co_return none;
  core::Result<std::vector<json::object>> found =
      co_await lookup.with_external_id(request.resource, std::move(id));
  if (!found) co_return core::fail(found.error());
  for (const json::object& object : *found) {
    kube::ObjectKey key = kube::key_of(object);
    if (!holds_its_ids(ObjectView(object)) || key == request.key) continue;
    User user = request.user;
    kube::ObjectKey asked = key;
    core::Result<bool> visible =
        co_await lookup.may(std::move(user), "get", request.resource, std::move(asked));
    if (!visible) co_return core::fail(visible.error());
    co_return IdHolder{
        .key = std::move(key), .visible = *visible, .deleting = kube::is_being_deleted(object)};
  }
  co_return none;
}

core::Result<> check_external_id_is_free(const Request& request, const std::optional<IdHolder>& holder) {
  if (!holder) return {};
  std::string id = core::shortened(core::find_string(request.object, {"spec", "externalID"}), 100);
  std::string why = "\"" + id + "\" is already linked by ";
  if (holder->visible) {
    why += "the " + request.resource.kind + " " + holder->key.to_string();
  } else {
    why += "another " + request.resource.kind + " of this cluster";
  }
  why += holder->deleting ? ", which is being deleted: try again when it is gone"
                          : ": leave the field out to get a new id; to move what has this id to this object, "
                            "first delete the other one with the annotation " +
                                std::string(annotations::retain) + "=true";
  return invalid("spec.externalID", why);
}

async::Task<core::Result<>> check_adoption(const Request& request, Lookup& lookup) {
  if (request.resource.plural != resources::service_instances.plural) co_return core::Result<>();
  std::string_view value = annotation(request.object, annotations::adopt_from);
  bool is_news = !value.empty() && value != annotation(request.old_object, annotations::adopt_from);
  if (!is_news) co_return core::Result<>();
  std::string field = "metadata.annotations[" + std::string(annotations::adopt_from) + "]";
  core::Result<Origin> origin = parse_origin(value);
  if (!origin) co_return invalid(field, origin.error().message);
  // Nobody here knows the namespaces of another cluster.
  std::string namespace_ = origin->cluster_id.empty() ? origin->namespace_ : std::string();
  std::string where = namespace_.empty() ? "in all namespaces" : "in the namespace \"" + namespace_ + "\"";
  User user = request.user;
  kube::ObjectKey any{namespace_, ""};
  core::Result<bool> allowed =
      co_await lookup.may(std::move(user), "adopt", request.resource, std::move(any));
  if (!allowed) co_return core::fail(allowed.error());
  if (*allowed) co_return core::Result<>();
  co_return forbidden(field + ": " + request.user.username +
                      " may not take over an instance from there: that " + "requires the verb \"adopt\" on " +
                      request.resource.plural + "." + request.resource.group + " " + where);
}

}  // namespace catalog::admission
