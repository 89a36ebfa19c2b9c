// What users want of instances and bindings, as the API server's answers to the controllers' writes tell it:
// which are being deleted, kept or given up, and which ids of a binding are to be revoked. And which of those
// writes have failed, so that a controller may ask brokers again what it has asked before.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "simulation/checks/osb_message.hpp"

namespace simulation::osb_check {

class Intents {
 public:
  // Whether anything was ever seen of this API server: else nothing is known of intents.
  [[nodiscard]] bool knows(const std::string& api) const { return apis_.contains(api); }
  // An answer to a write, as the server gave it.
  void written(const std::string& api, const net::Request& request, const net::Reply& reply);
  // The same, as the client got it; `status` 0: it got none.
  void seen(const std::string& api, const net::Request& request, int status);

  struct Object {
    bool is_deleted = false;
    bool is_released = false;  // it has no finalizer any more, and goes
    // An annotation says, or has said, that the broker shall not be called, or keeps what it has.
    bool is_left = false;
    bool is_restored = false;   // its status is another object's
    bool cannot_keep = false;   // of a binding: its credentials do not fit into a Secret
    std::set<std::string> ids;  // all that were ever its own
    std::string current;        // of a binding: the id of what is in its Secret
    std::string uid;
    std::string name;  // namespace/name
  };
  // By the id that the broker knows; nullopt: never seen. Of several objects with that id, what holds for
  // any.
  [[nodiscard]] std::optional<Object> instance(const std::string& api, const std::string& id) const;
  [[nodiscard]] std::optional<Object> binding(const std::string& api, const std::string& id) const;
  // Which objects have this id, but for those that are gone: another one need not know what they knew.
  [[nodiscard]] std::string holders(const std::string& api, const std::string& id) const;
  // How often a write about the object with this id has failed, as the clients of `api` saw it.
  [[nodiscard]] std::uint64_t failures(const std::string& api, const std::string& id) const;

 private:
  using Objects = std::map<std::string, Object>;  // by path
  [[nodiscard]] std::optional<Object> find(const std::map<std::string, Objects>& all, const std::string& api,
                                           const std::string& id) const;

  std::set<std::string> apis_;
  std::map<std::string, Objects> instances_, bindings_;  // by API server
  // API server → id → paths
  std::map<std::string, std::map<std::string, std::set<std::string>>> paths_;
  std::map<std::string, std::map<std::string, std::uint64_t>> failures_;  // API server → path → count
};

// Whether the request is a write of a ServiceInstance, a ServiceBinding or their status.
[[nodiscard]] bool is_catalog_write(const net::Request& request);

}  // namespace simulation::osb_check
