// The Open Service Broker API on HTTP, all routes on one screen (routes.cpp).
#pragma once

#include <functional>
#include <string>

#include "net/router.hpp"
#include "osb/authenticator.hpp"
#include "osb/broker.hpp"

namespace osb {

// What is known of a request when it is answered; for the access log and metrics. Never holds secrets.
struct ServedCall {
  std::string action;  // "provision"
  std::string peer;    // the other side's address
  std::string caller;  // who it has proved to be; "" where nobody is asked for, or was refused
  std::string instance_id;
  std::string binding_id;
  std::string service_id, plan_id;  // as the request names them; "" where it does not
  std::string request_id;
  std::string user;  // as the platform names who asked; "" where it does not
  int status = 0;
  double seconds = 0;
  std::string error;  // the error's message, where there was one
};
using CallLog = std::function<void(const ServedCall&)>;

// All arguments outlive the router.
void add_broker_routes(net::Router& router, Broker& broker, const Authentication& authentication,
                       CallLog log = {});

}  // namespace osb
