#include <algorithm>
#include <array>
#include <optional>

#include "kube/patch.hpp"

namespace kube {
namespace {

using core::ErrorKind;

// Which lists merge instead of being replaced, by their path in the object.
struct MergingList {
  std::string_view path;
  std::string_view merge_key;  // "" for a set of plain values
};
constexpr std::array merging_lists{
    MergingList{"/metadata/finalizers", ""},
    MergingList{"/metadata/ownerReferences", "uid"},
    MergingList{"/secrets", "name"},  // ServiceAccount
    MergingList{"/status/conditions", "type"},
};

constexpr std::string_view directive = "$patch";
constexpr std::string_view retain_keys = "$retainKeys";
constexpr std::string_view set_order = "$setElementOrder/";
constexpr std::string_view delete_from = "$deleteFromPrimitiveList/";

const MergingList* merging_list_at(std::string_view path) {
  const auto* rule = std::ranges::find(merging_lists, path, &MergingList::path);
  return rule == merging_lists.end() ? nullptr : rule;
}

std::unexpected<core::Error> refuse(std::string_view path, std::string_view why) {
  return core::fail(ErrorKind::invalid, "strategic merge patch: " + std::string(path.empty() ? "/" : path) +
                                            ": " + std::string(why));
}

// Lists are searched for each element of another: the product is bounded.
constexpr std::size_t most_comparisons = 10'000'000;

core::Result<> check_work(std::size_t one, std::size_t other, std::string_view path) {
  if (one == 0 || other <= most_comparisons / one) return {};
  return core::fail(ErrorKind::too_large,
                    "strategic merge patch: " + std::string(path.empty() ? "/" : path) +
                        ": the lists are too long to be merged: replace them with a merge patch");
}

core::Result<> merge_object(json::object& target, const json::object& patch, const std::string& path);

// What is said about the order: elements named there come in that order, before the others, which keep
// theirs.
json::array in_order(const json::array& list, const json::array& order, const auto& same_element) {
  json::array ordered;
  for (const json::value& named : order) {
    const auto* const element = std::ranges::find_if(
        list, [&](const json::value& candidate) { return same_element(candidate, named); });
    if (element != list.end()) ordered.push_back(*element);
  }
  for (const json::value& element : list) {
    const bool is_named =
        std::ranges::any_of(order, [&](const json::value& named) { return same_element(element, named); });
    if (!is_named) ordered.push_back(element);
  }
  return ordered;
}

void merge_set(json::array& target, const json::array& patch) {
  for (const json::value& value : patch) {
    if (std::ranges::find(target, value) == target.end()) target.push_back(value);
  }
}

core::Result<> merge_keyed_list(json::array& target, const json::array& patch, std::string_view key,
                                const std::string& path) {
  if (auto fits = check_work(target.size() + patch.size(), patch.size(), path); !fits) return fits;
  // One element {"$patch": "replace"} makes the others in the patch the whole list.
  const auto is_replace = [](const json::value& element) {
    return core::find_string(element, {directive}) == "replace" && element.as_object().size() == 1;
  };
  if (std::ranges::any_of(patch, is_replace)) target.clear();
  for (const json::value& element : patch) {
    if (!element.is_object()) return refuse(path, "elements must be objects");
    if (is_replace(element)) continue;
    const json::value* const id = element.get_object().if_contains(key);
    if (id == nullptr)
      return refuse(path, "an element has no \"" + std::string(key) + "\", by which this list is merged");
    auto* const existing = std::ranges::find_if(target, [&](const json::value& candidate) {
      const json::value* const other = core::find(candidate, {key});
      return other != nullptr && *other == *id;
    });
    const std::string_view action = core::find_string(element, {directive});
    if (action == "delete") {
      if (existing != target.end()) target.erase(existing);
      continue;
    }
    const bool afresh = existing == target.end() || action == "replace";
    json::object merged = afresh ? json::object() : existing->get_object();
    json::object changes = element.get_object();
    changes.erase(directive);
    if (core::Result<> result = merge_object(merged, changes, path + "/-"); !result) return result;
    if (existing != target.end()) {
      *existing = std::move(merged);
    } else {
      target.emplace_back(std::move(merged));
    }
  }
  return {};
}

core::Result<> merge_list(json::value& target, const json::array& patch, const std::string& path) {
  const MergingList* const rule = merging_list_at(path);
  if (rule == nullptr) {
    target = patch;
    return {};
  }
  if (!target.is_array()) target = json::array();
  if (rule->merge_key.empty()) {
    if (auto fits = check_work(target.get_array().size() + patch.size(), patch.size(), path); !fits)
      return fits;
    merge_set(target.get_array(), patch);
    return {};
  }
  return merge_keyed_list(target.get_array(), patch, rule->merge_key, path);
}

core::Result<> delete_from_list(json::object& target, std::string_view member, const json::value& values,
                                const std::string& path) {
  const json::array* const unwanted = values.if_array();
  if (unwanted == nullptr)
    return refuse(path, std::string(delete_from) + std::string(member) + " must be a list");
  json::value* const list = target.if_contains(member);
  if (list == nullptr || !list->is_array()) return {};
  json::array& elements = list->get_array();
  if (auto fits = check_work(elements.size(), unwanted->size(), path); !fits) return fits;
  const auto is_unwanted = [&](const json::value& value) {
    return std::ranges::find(*unwanted, value) != unwanted->end();
  };
  elements.erase(std::remove_if(elements.begin(), elements.end(), is_unwanted), elements.end());
  return {};
}

core::Result<> order_list(json::object& target, std::string_view member, const json::value& values,
                          const std::string& path) {
  const json::array* const order = values.if_array();
  if (order == nullptr) return refuse(path, std::string(set_order) + std::string(member) + " must be a list");
  const MergingList* const rule = merging_list_at(path + "/" + std::string(member));
  json::value* const list = target.if_contains(member);
  if (rule == nullptr || list == nullptr || !list->is_array()) return {};
  if (auto fits = check_work(list->get_array().size(), order->size(), path); !fits) return fits;
  *list = in_order(list->get_array(), *order, [rule](const json::value& element, const json::value& named) {
    if (rule->merge_key.empty()) return element == named;
    const json::value* const id = core::find(element, {rule->merge_key});
    const json::value* const named_id = core::find(named, {rule->merge_key});
    return id != nullptr && named_id != nullptr && *id == *named_id;
  });
  return {};
}

core::Result<> merge_member(json::object& target, std::string_view member, const json::value& value,
                            const std::string& path) {
  if (value.is_null()) {
    target.erase(member);
    return {};
  }
  if (const json::object* object = value.if_object()) {
    if (core::find_string(*object, {directive}) == "delete") {
      target.erase(member);
      return {};
    }
    json::value& slot = target[member];
    if (!slot.is_object()) slot = json::object();
    return merge_object(slot.get_object(), *object, path);
  }
  if (const json::array* list = value.if_array()) return merge_list(target[member], *list, path);
  target[member] = value;
  return {};
}

core::Result<> merge_object(json::object& target, const json::object& patch, const std::string& path) {
  if (const json::value* action = patch.if_contains(directive)) {
    if (*action == "replace") {
      target.clear();
    } else if (*action != "merge") {
      return refuse(path, "$patch must be replace, merge or delete");
    }
  }
  if (const json::value* retained = patch.if_contains(retain_keys)) {
    const json::array* const keys = retained->if_array();
    if (keys == nullptr) return refuse(path, "$retainKeys must be a list");
    if (auto fits = check_work(target.size(), keys->size(), path); !fits) return fits;
    json::object kept;
    for (const auto& [key, value] : target) {
      if (std::ranges::find(*keys, json::value(key)) != keys->end()) kept[key] = value;
    }
    target = std::move(kept);
  }
  for (const auto& [key, value] : patch) {
    const std::string_view member = key;
    if (!member.starts_with(delete_from)) continue;
    if (auto done = delete_from_list(target, member.substr(delete_from.size()), value, path); !done)
      return done;
  }
  for (const auto& [key, value] : patch) {
    const std::string_view member = key;
    if (member == directive || member == retain_keys || member.starts_with(delete_from) ||
        member.starts_with(set_order))
      continue;
    if (auto done = merge_member(target, member, value, path + "/" + std::string(member)); !done) return done;
  }
  for (const auto& [key, value] : patch) {
    const std::string_view member = key;
    if (!member.starts_with(set_order)) continue;
    if (auto done = order_list(target, member.substr(set_order.size()), value, path); !done) return done;
  }
  return {};
}

}  // namespace

core::Result<json::value> apply_strategic_merge_patch(json::value document, const json::value& patch) {
  if (!patch.is_object()) return core::fail(ErrorKind::invalid, "a strategic merge patch must be an object");
  if (!document.is_object()) document = json::object();
  if (core::Result<> merged = merge_object(document.get_object(), patch.get_object(), ""); !merged) {
    return core::fail(std::move(merged.error()));
  }
  return document;
}

}  // namespace kube
