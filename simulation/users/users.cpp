#include "simulation/users/users.hpp"

#include <array>

#include "async/event.hpp"
#include "catalog/api/annotations.hpp"
#include "catalog/api/resources.hpp"
#include "core/log.hpp"
#include "simulation/checks/cluster.hpp"
#include "simulation/programs/broker.hpp"

namespace simulation {

namespace {

using catalog::resources::service_bindings;
using catalog::resources::service_instances;

constexpr std::array<const char*, 2> namespaces{"team-a", "team-b"};
constexpr std::uint32_t instances_in_namespace = 3;
constexpr std::uint32_t bindings_in_namespace = 4;

struct Class {
  const char* name;
  std::array<const char*, 2> plans;
};
constexpr std::array<Class, 3> classes{
    {{"queue", {"small", "large"}}, {"bucket", {"plain", "kept"}}, {"database", {"standard", "fast"}}}};

kube::ObjectKey instance_key(const Act& act) {
  return {namespaces.at(act.who % namespaces.size()),
          "i" + std::to_string(act.what % instances_in_namespace)};
}

kube::ObjectKey binding_key(const Act& act) {
  return {namespaces.at(act.who % namespaces.size()), "b" + std::to_string(act.what % bindings_in_namespace)};
}

json::object metadata(const kube::ObjectKey& key) {
  json::object metadata{{"name", key.name}};
  if (!key.namespace_.empty()) metadata["namespace"] = key.namespace_;
  return metadata;
}

json::object parameters_of(std::string_view class_name, std::uint32_t how) {
  if (how % 4 == 0) return {};
  if (how % 23 == 1) return {{"Unknown", "parameter"}};
  if (class_name == "queue") return {{"DelaySeconds", how % 900}};
  if (class_name == "bucket") return {{"Versioning", how % 2 == 0 ? "Enabled" : "Suspended"}};
  json::object parameters{{"Storage", 20 + how % 100}};
  if (how % 7 == 0) parameters["DatabaseName"] = "app" + std::to_string(how % 3);
  return parameters;
}

const Class& class_of(std::uint32_t how) {
  return classes.at((how / 31) % classes.size());
}

json::object instance_manifest(const kube::ObjectKey& key, std::uint32_t how) {
  const Class& chosen = class_of(how);
  json::object spec{{"clusterServiceClassExternalName", chosen.name},
                    {"clusterServicePlanExternalName", chosen.plans.at((how / 101) % 2)}};
  json::object parameters = parameters_of(chosen.name, how);
  if (!parameters.empty()) spec["parameters"] = std::move(parameters);
  return {{"apiVersion", service_instances.api_version()},
          {"kind", service_instances.kind},
          {"metadata", metadata(key)},
          {"spec", std::move(spec)}};
}

json::object binding_manifest(const kube::ObjectKey& key, std::uint32_t how) {
  return {{"apiVersion", service_bindings.api_version()},
          {"kind", service_bindings.kind},
          {"metadata", metadata(key)},
          {"spec", {{"instanceRef", {{"name", "i" + std::to_string(how % instances_in_namespace)}}}}}};
}

// Of an instance, under another name.
json::object copy_of(const kube::ObjectKey& key, json::object spec) {
  for (const char* field : {"clusterServiceClassRef", "clusterServicePlanRef", "userInfo", "updateRequests"})
    spec.erase(field);
  return {{"apiVersion", service_instances.api_version()},
          {"kind", service_instances.kind},
          {"metadata", metadata(key)},
          {"spec", std::move(spec)}};
}

json::object annotate(std::string_view name, json::value value) {
  return {{"metadata", {{"annotations", {{name, std::move(value)}}}}}};
}

}  // namespace

Users::Users(Simulator& simulator, Process& process, const std::string& api, std::vector<std::string> brokers)
    : simulator_(simulator),
      process_(process),
      brokers_(std::move(brokers)),
      transport_(simulator.network.connect(process, api)),
      client_(*transport_, "kubectl"),
      tasks_(process.executor()) {}

async::Task<> Users::run() {
  async::Event never(process_.executor());
  co_await never.wait();
}

void Users::note(const std::string& what, const core::Result<json::object>& result) {
  simulator_.trace.note(simulator_.timeline.since_start(), process_.name(),
                        what + (result ? ": done" : ": " + result.error().message));
}

async::Task<> Users::set_up() {
  std::vector<std::pair<kube::Resource, json::object>> objects;
  for (const char* name : namespaces)
    objects.emplace_back(
        kube::resources::namespaces,
        json::object{{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", name}}}});
  // Else a cluster that is set back to before the first instance would be another one for its brokers.
  objects.emplace_back(kube::resources::config_maps,
                       json::object{{"apiVersion", "v1"},
                                    {"kind", "ConfigMap"},
                                    {"metadata", metadata({"default", "cluster-info"})},
                                    {"data", {{"id", "cluster-of-" + process_.name()}}}});
  for (const std::string& host : brokers_) {
    objects.emplace_back(catalog::resources::cluster_service_brokers,
                         json::object{{"apiVersion", "servicecatalog.k8s.io/v1beta1"},
                                      {"kind", "ClusterServiceBroker"},
                                      {"metadata", {{"name", host}}},
                                      {"spec", {{"url", "http://" + host}}}});
  }
  for (auto& [resource, object] : objects) {
    while (true) {
      const auto made = co_await client_.create(resource, object);
      if (made || made.error().kind == core::ErrorKind::already_exists) break;
      note("set-up", made);
      co_await process_.clock().sleep_for(std::chrono::seconds(1));
    }
  }
}

void Users::perform(const Act& each) {
  spawn(act(each));
}

async::Task<> Users::act(Act act) {
  const kube::ObjectKey instance = instance_key(act);
  const kube::ObjectKey binding = binding_key(act);
  switch (act.kind) {
    case ActKind::create_instance:
      co_return co_await create_instance(instance, act.how);
    case ActKind::edit_parameters: {
      auto current = co_await client_.get(service_instances, instance);
      if (!current) co_return note("get " + instance.to_string(), current);
      json::value parameters =
          parameters_of(core::find_string(*current, {"spec", "clusterServiceClassExternalName"}), act.how);
      if (parameters.get_object().empty()) parameters = nullptr;
      co_return co_await edit_instance(instance,
                                       json::object{{"spec", {{"parameters", std::move(parameters)}}}},
                                       "edit the parameters of");
    }
    case ActKind::edit_plan: {
      auto current = co_await client_.get(service_instances, instance);
      if (!current) co_return note("get " + instance.to_string(), current);
      const std::string_view of_class =
          core::find_string(*current, {"spec", "clusterServiceClassExternalName"});
      for (const Class& each : classes) {
        if (each.name != of_class) continue;
        const json::object patch{{"spec", {{"clusterServicePlanExternalName", each.plans.at(act.how % 2)}}}};
        co_await edit_instance(instance, patch, "edit the plan of");
      }
      co_return;
    }
    case ActKind::apply_instance: {
      json::object manifest = instance_manifest(instance, act.how);
      if (const auto last = manifests_.find(instance); last != manifests_.end() && act.how % 3 != 0) {
        const std::string name(core::find_string(last->second, {"spec", "clusterServiceClassExternalName"}));
        manifest["spec"] = last->second.at("spec");
        manifest["spec"].as_object()["parameters"] = parameters_of(name, act.how);
      }
      co_return co_await apply(service_instances, instance, std::move(manifest));
    }
    case ActKind::replace_instance: {
      json::object manifest = instance_manifest(instance, act.how);
      if (const auto last = manifests_.find(instance); last != manifests_.end()) manifest = last->second;
      co_return co_await replace(service_instances, instance, std::move(manifest));
    }
    case ActKind::touch_instance: {
      auto current = co_await client_.get(service_instances, instance);
      if (!current) co_return note("get " + instance.to_string(), current);
      const json::value* before = core::find(*current, {"spec", "updateRequests"});
      const std::int64_t requests = before != nullptr && before->is_int64() ? before->get_int64() : 0;
      co_return co_await edit_instance(instance, json::object{{"spec", {{"updateRequests", requests + 1}}}},
                                       "touch");
    }
    case ActKind::delete_instance:
      co_return co_await remove(service_instances, instance, act.how);
    case ActKind::create_binding: {
      const auto made = co_await client_.create(service_bindings, binding_manifest(binding, act.how));
      co_return note("create the binding " + binding.to_string() + " of i" +
                         std::to_string(act.how % instances_in_namespace),
                     made);
    }
    case ActKind::replace_binding:
      co_return co_await replace(service_bindings, binding, binding_manifest(binding, act.how));
    case ActKind::delete_binding:
      co_return co_await remove(service_bindings, binding, act.how);
    case ActKind::rotate_binding: {
      const json::object patch =
          annotate(catalog::annotations::rotate, json::string("turn-" + std::to_string(++counter_)));
      const auto patched = co_await client_.patch(service_bindings, binding, kube::PatchType::merge, patch);
      co_return note("rotate " + binding.to_string(), patched);
    }
    case ActKind::delete_secret: {
      const auto removed = co_await client_.remove(kube::resources::secrets, binding);
      co_return note("delete the Secret " + binding.to_string(),
                     removed ? core::Result<json::object>(json::object()) : core::fail(removed.error()));
    }
    case ActKind::strip_finalizers:
      if (act.how % 2 == 0) co_return co_await strip_finalizers(service_instances, instance);
      co_return co_await strip_finalizers(service_bindings, binding);
    case ActKind::pause:
      co_return co_await edit_instance(instance, annotate(catalog::annotations::pause, "true"), "pause");
    case ActKind::resume:
      co_return co_await edit_instance(instance, annotate(catalog::annotations::pause, nullptr), "resume");
    case ActKind::move_instance:
      co_return co_await move(instance, namespaces.at((act.who + 1) % namespaces.size()), act.how % 2 == 0);
    case ActKind::readdress_broker:
      co_return co_await readdress(act.how);
    case ActKind::save_objects:
      co_return co_await save();
    case ActKind::restore_objects:
      co_return co_await restore(act.how);
    case ActKind::relist_broker: {
      const std::string& host = brokers_.at(act.who % brokers_.size());
      auto current = co_await client_.get(catalog::resources::cluster_service_brokers, {"", host});
      if (!current) co_return note("get the broker " + host, current);
      const json::value* before = core::find(*current, {"spec", "relistRequests"});
      const std::int64_t requests = before != nullptr && before->is_int64() ? before->get_int64() : 0;
      const json::object patch{{"spec", {{"relistRequests", requests + 1}}}};
      const auto patched = co_await client_.patch(catalog::resources::cluster_service_brokers, {"", host},
                                                  kube::PatchType::merge, patch);
      co_return note("relist " + host, patched);
    }
    default:
      co_return;  // not a user's
  }
}

async::Task<> Users::create_instance(kube::ObjectKey key, std::uint32_t how) {
  json::object manifest = instance_manifest(key, how);
  const std::string what =
      std::string(core::find_string(manifest, {"spec", "clusterServiceClassExternalName"})) + "/" +
      std::string(core::find_string(manifest, {"spec", "clusterServicePlanExternalName"}));
  manifests_[key] = manifest;
  const auto made = co_await client_.create(service_instances, std::move(manifest));
  if (made)
    specs_[std::string(core::find_string(*made, {"spec", "externalID"}))] = made->at("spec").as_object();
  note("create " + key.to_string() + " (" + what + ")", made);
}

const json::object* Users::spec_of(const std::string& external_id) const {
  const auto found = specs_.find(external_id);
  return found == specs_.end() ? nullptr : &found->second;
}

async::Task<> Users::claim(kube::ObjectKey key, json::object spec) {
  const std::string id(core::find_string(spec, {"externalID"}));
  note("claim " + id + " as " + key.to_string(),
       co_await client_.create(service_instances, copy_of(key, std::move(spec))));
}

async::Task<> Users::adopt(kube::ObjectKey to, json::object spec, std::string from) {
  const std::string id(core::find_string(spec, {"externalID"}));
  json::object manifest = copy_of(to, std::move(spec));
  manifest["metadata"].as_object()["annotations"] = json::object{{catalog::annotations::adopt_from, from}};
  const auto made = co_await client_.create(service_instances, std::move(manifest));
  note("adopt " + id + " from " + from + " as " + to.to_string(), made);
}

// Another URL that leads to the same broker (service_broker serves both).
async::Task<> Users::readdress(std::uint32_t how) {
  const std::string& name = brokers_.at(how % brokers_.size());
  const std::string url = "http://" + name + (how % 3 == 0 ? "" : new_address);
  const auto patched = co_await client_.patch(catalog::resources::cluster_service_brokers, {"", name},
                                              kube::PatchType::merge, json::object{{"spec", {{"url", url}}}});
  note("readdress " + name + " to " + url, patched);
}

async::Task<> Users::edit_instance(kube::ObjectKey key, json::value patch, std::string what) {
  what += " " + key.to_string() + ": " + core::to_text(patch);
  const auto patched =
      co_await client_.patch(service_instances, key, kube::PatchType::merge, std::move(patch));
  note(what, patched);
}

async::Task<> Users::apply(kube::Resource resource, kube::ObjectKey key, json::object manifest) {
  manifests_[key] = manifest;
  const auto applied = co_await client_.patch(resource, key, kube::PatchType::apply, manifest,
                                              {.field_manager = "a-user", .force = true});
  note("apply " + key.to_string() + ": " + core::to_text(manifest.at("spec")), applied);
}

async::Task<> Users::replace(kube::Resource resource, kube::ObjectKey key, json::object manifest) {
  const auto replaced = co_await client_.replace(resource, std::move(manifest));
  note("replace " + key.to_string(), replaced);
}

async::Task<> Users::remove(kube::Resource resource, kube::ObjectKey key, std::uint32_t how) {
  constexpr std::array<const char*, 4> propagation{"", "Background", "Foreground", "Orphan"};
  auto before = co_await client_.get(resource, key);
  while (!before && before.error().kind != core::ErrorKind::not_found) {
    co_await process_.clock().sleep_for(std::chrono::seconds(1));
    before = co_await client_.get(resource, key);
  }
  // Who claims what is another's, and has not got it, gives nothing up.
  const bool is_claim = key.name.starts_with(claim_prefix) && (!before || !is_ready(*before));
  if (before && !is_claim) {
    const std::string id(core::find_string(*before, {"spec", "externalID"}));
    given_up_.insert(id);
    forgotten_.erase(id);
  }
  const auto removed = co_await client_.remove(
      resource, key, {.propagation_policy = propagation.at(how % propagation.size())});
  note("delete " + resource.plural + " " + key.to_string(),
       removed ? core::Result<json::object>(json::object()) : core::fail(removed.error()));
}

async::Task<> Users::strip_finalizers(kube::Resource resource, kube::ObjectKey key) {
  const json::object patch{{"metadata", {{"finalizers", nullptr}}}};
  const auto patched = co_await client_.patch(resource, key, kube::PatchType::merge, patch);
  if (patched && kube::is_being_deleted(*patched))
    left_.insert(std::string(core::find_string(*patched, {"spec", "externalID"})));
  note("strip the finalizers of " + resource.plural + " " + key.to_string(), patched);
}

// As an operator does it who knows of the annotation: the old object is given up, the new one adopts.
async::Task<> Users::move(kube::ObjectKey key, std::string to_namespace, bool emigrates) {
  const auto current = co_await client_.get(service_instances, key);
  if (!current) co_return note("get " + key.to_string(), current);
  const std::string id(core::find_string(*current, {"spec", "externalID"}));
  json::object patch = annotate(catalog::annotations::abandon, "true");
  const auto abandoned =
      co_await client_.patch(service_instances, key, kube::PatchType::merge, std::move(patch));
  note("abandon " + key.to_string(), abandoned);
  // Also where only the answer was lost.
  left_.insert(id);
  if (!abandoned) co_return;
  const auto removed = co_await client_.remove(service_instances, key);
  note("delete " + key.to_string(),
       removed ? core::Result<json::object>(json::object()) : core::fail(removed.error()));
  co_await process_.clock().sleep_for(std::chrono::seconds(5));
  const kube::ObjectKey to{to_namespace, key.name + "m"};
  json::object spec = current->at("spec").as_object();
  if (!emigrates || !emigrate) co_return co_await adopt(to, std::move(spec), key.namespace_);
  const auto cluster = co_await client_.get(kube::resources::config_maps, {"default", "cluster-info"});
  if (!cluster) co_return note("get the cluster's id", cluster);
  emigrate(to, std::move(spec),
           std::string(core::find_string(*cluster, {"data", "id"})) + "/" + key.namespace_);
}

async::Task<> Users::save() {
  std::vector<std::pair<kube::Resource, json::object>> saved;
  for (const kube::Resource& resource : {service_instances, service_bindings}) {
    auto listed = co_await client_.list(resource, "");
    if (!listed) co_return;
    for (json::object& object : listed->items) saved.emplace_back(resource, std::move(object));
  }
  saved_ = std::move(saved);
  note("save " + std::to_string(saved_.size()) + " objects", json::object());
}

// As tools for backups do: what is gone is created again, with or without its status.
async::Task<> Users::restore(std::uint32_t how) {
  const auto saved = saved_;
  for (const auto& [resource, object] : saved) {
    json::object copy = object;
    json::object& meta = copy["metadata"].as_object();
    for (const char* field : {"uid", "resourceVersion", "creationTimestamp", "generation", "managedFields",
                              "deletionTimestamp", "deletionGracePeriodSeconds", "ownerReferences"})
      meta.erase(field);
    const json::value status = copy.contains("status") ? copy["status"] : nullptr;
    const kube::ObjectKey key = kube::key_of(copy);
    auto made = co_await client_.create(resource, std::move(copy));
    note("restore " + resource.plural + " " + key.to_string(), made);
    if (!made || how % 2 == 0 || !status.is_object()) continue;
    json::object with_status = std::move(*made);
    with_status["status"] = status;
    note("restore the status of " + key.to_string(),
         co_await client_.replace(resource, with_status, "status"));
  }
}

async::Task<> Users::delete_everything() {
  for (const kube::Resource& resource : {service_bindings, service_instances}) {
    while (true) {
      const auto listed = co_await client_.list(resource, "");
      if (listed) {
        for (const json::object& object : listed->items) {
          const kube::ObjectKey key = kube::key_of(object);
          if (core::find_string(object, {"metadata", "annotations", catalog::annotations::pause}) == "true") {
            note("resume " + key.to_string(),
                 co_await client_.patch(resource, key, kube::PatchType::merge,
                                        annotate(catalog::annotations::pause, nullptr)));
          }
          if (!kube::is_being_deleted(object)) co_await remove(resource, key, 0);
        }
        break;
      }
      co_await process_.clock().sleep_for(std::chrono::seconds(1));
    }
  }
}

}  // namespace simulation
