// Each duty that the checker knows: a conversation that keeps it, which it finds nothing in, and one that
// breaks it, of which it names that duty and no other.
#include <gtest/gtest.h>

#include "tests/unit/simulation/osb_story.hpp"

namespace simulation {
namespace {

net::Request with_header(net::Request request, const char* name, const std::string& value) {
  request.headers.set(name, value);
  return request;
}
net::Request with_target(net::Request request, std::string target) {
  request.target = std::move(target);
  return request;
}
net::Request without(net::Request request, std::string_view part) {
  for (std::string* text : {&request.target, &request.body}) {
    if (const std::size_t at = text->find(part); at != std::string::npos) text->erase(at, part.size());
  }
  return request;
}

const Duty form[] = {
    {1, "version", [](Story& it) { it.ask(it.get_catalog(), 200, catalog_of("", plan_p)); },
     [](Story& it) {
       it.ask(with_header(it.get_catalog(), "X-Broker-API-Version", "two"), 412, R"({"description":"no"})");
     }},
    {3, "identity", [](Story& it) { it.ask(it.provision(), 400, R"({"description":"no"})"); },
     [](Story& it) {
       it.ask(with_header(it.provision(), "X-Broker-API-Originating-Identity", "kubernetes !"), 400,
              R"({"description":"no"})");
     }},
    {3, "members of the identity", [](Story& it) { it.ask(it.deprovision(), 410); },
     [](Story& it) {
       it.ask(with_header(it.deprovision(), "X-Broker-API-Originating-Identity", "kubernetes e30="), 410);
     }},
    {3, "platform of the identity", [](Story& it) { it.ask(it.provision(), 201); },
     [](Story& it) {
       it.ask(with_header(it.provision(), "X-Broker-API-Originating-Identity", "cloudfoundry e30="), 201);
     }},
    {5, "request identity",
     [](Story& it) {
       it.ask(with_header(it.get_catalog(), "X-Broker-API-Request-Identity", "a"), 503);
       it.ask(with_header(it.get_catalog(), "X-Broker-API-Request-Identity", "b"), 503);
     },
     [](Story& it) {
       it.ask(with_header(it.get_catalog(), "X-Broker-API-Request-Identity", "a"), 503);
       it.ask(with_header(it.get_catalog(), "X-Broker-API-Request-Identity", "a"), 503);
     }},
    {5, "its repetition", [](Story& it) { it.ask(it.deprovision(), 410); },
     [](Story& it) { it.ask(it.deprovision(), 410, "{}", {{"X-Broker-API-Request-Identity", "other"}}); }},
    {7, "type of a body", [](Story& it) { it.ask(it.provision(), 201); },
     [](Story& it) { it.ask(with_header(it.provision(), "Content-Type", "text/plain"), 201); }},
    {7, "type of an answer", [](Story& it) { it.ask(it.deprovision(), 410); },
     [](Story& it) { it.ask(it.deprovision(), 410, "{}", {{"Content-Type", "text/html"}}); }},
    {8, "encoding",
     [](Story& it) {
       it.ask(with_target(it.provision(), "/v2/service_instances/a%20b?accepts_incomplete=true"), 201);
     },
     [](Story& it) {
       it.ask(with_target(it.provision(), "/v2/service_instances/a{b?accepts_incomplete=true"), 201);
     }},
    {10, "statuses", [](Story& it) { it.ask(it.provision(), 409, R"({"description":"no"})"); },
     [](Story& it) { it.ask(it.provision(), 404, R"({"description":"no"})"); }},
    {11, "members of errors",
     [](Story& it) { it.ask(it.provision(), 400, R"({"error":"BadThing","description":"no"})"); },
     [](Story& it) { it.ask(it.provision(), 400, R"({"error":"a bad thing","description":"no"})"); }},
    {11, "form of errors", [](Story& it) { it.ask(it.provision(), 500); },
     [](Story& it) { it.ask(it.provision(), 500, "<html>"); }},
    {12, "usability",
     [](Story& it) {
       it.make();
       it.ask(it.change_plan(), 422, R"({"description":"no","instance_usable":false})");
     },
     [](Story& it) { it.ask(it.provision(), 422, R"({"description":"no","instance_usable":false})"); }},
    {13, "error codes",
     [](Story& it) { it.ask(it.provision(), 422, R"({"error":"ConcurrencyError","description":"no"})"); },
     [](Story& it) { it.ask(it.provision(), 409, R"({"error":"ConcurrencyError","description":"no"})"); }},
    {27, "accepts_incomplete", [](Story& it) { it.ask(it.bind(), 202, R"({"operation":"b"})"); },
     [](Story& it) { it.ask(without(it.bind(), "?accepts_incomplete=true"), 202, R"({"operation":"b"})"); }},
    {29, "length of an operation", [](Story& it) { it.ask(it.provision(), 202, R"({"operation":null})"); },
     [](Story& it) {
       it.ask(it.provision(), 202, R"({"operation":")" + std::string(10'001, 'x') + R"("})");
     }},
    {33, "state",
     [](Story& it) {
       it.ask(it.provision(), 202, R"({"operation":"o"})");
       it.ask(it.poll("o"), 200, R"({"state":"in progress","description":"half"})");
     },
     [](Story& it) {
       it.ask(it.provision(), 202, R"({"operation":"o"})");
       it.ask(it.poll("o"), 200, R"({"state":"perhaps"})");
     }},
    {40, "members of a provision request", [](Story& it) { it.ask(it.provision(), 201); },
     [](Story& it) {
       it.ask(without(it.provision(), R"("space_guid":"n",)"), 400, R"({"description":"no"})");
     }},
    {43, "an instance's id", [](Story& it) { it.ask(it.provision(), 201); },
     [](Story& it) {
       it.ask(with_target(it.provision(), "/v2/service_instances/?accepts_incomplete=true"), 400,
              R"({"description":"no"})");
     }},
    {44, "dashboard", [](Story& it) { it.ask(it.provision(), 201, R"({"dashboard_url":null})"); },
     [](Story& it) { it.ask(it.provision(), 201, R"({"dashboard_url":1})"); }},
    {48, "members of an update",
     [](Story& it) {
       it.make();
       it.ask(it.change_plan(), 200);
     },
     [](Story& it) {
       it.make();
       it.ask(without(it.change_plan(), R"("service_id":"s",)"), 400, R"({"description":"no"})");
     }},
    {50, "words of a refusal", [](Story& it) { it.ask(it.provision(), 422, R"({"description":"no"})"); },
     [](Story& it) { it.ask(it.provision(), 422); }},
    {54, "members of a bind", [](Story& it) { it.ask(it.bind(), 201, R"({"credentials":{}})"); },
     [](Story& it) { it.ask(without(it.bind(), R"("plan_id":"p",)"), 400, R"({"description":"no"})"); }},
    {55, "credentials of a 202", [](Story& it) { it.ask(it.bind(), 202); },
     [](Story& it) { it.ask(it.bind(), 202, R"({"credentials":{}})"); }},
    {56, "credentials", [](Story& it) { it.ask(it.bind(), 201, R"({"credentials":{"a":1}})"); },
     [](Story& it) { it.ask(it.bind(), 201); }},
    {56, "credentials elsewhere", [](Story& it) { it.ask(it.provision(), 201); },
     [](Story& it) { it.ask(it.provision(), 201, R"({"credentials":{}})"); }},
    {60, "dates",
     [](Story& it) {
       it.ask(
           it.bind(), 201,
           R"({"credentials":{},"metadata":{"renew_before":"2026-01-01T00:00:00.0Z","expires_at":"2026-01-02T00:00:00.0Z"}})");
     },
     [](Story& it) {
       it.ask(
           it.bind(), 201,
           R"({"credentials":{},"metadata":{"renew_before":"2026-01-03T00:00:00.0Z","expires_at":"2026-01-02T00:00:00.0Z"}})");
     }},
    {61, "secrets",
     [](Story& it) {
       it.make_binding();
       it.ask(it.unbind(), 500, R"({"description":"no"})");
     },
     [](Story& it) {
       it.make_binding();
       it.ask(it.unbind(), 500, R"({"description":"the key open-sesame-b stays"})");
     }},
    {67, "members of a deletion", [](Story& it) { it.ask(it.unbind(), 410); },
     [](Story& it) { it.ask(without(it.unbind(), "&plan_id=p"), 400, R"({"description":"no"})"); }},
    {32, "members of a poll",
     [](Story& it) {
       it.ask(it.provision(), 202, R"({"operation":"o"})");
       it.ask(it.poll("o"), 500);
     },
     [](Story& it) {
       it.ask(it.provision(), 202, R"({"operation":"o"})");
       it.ask(without(it.poll("o"), "&plan_id=p"), 500);
     }},
    {76, "platform of the context", [](Story& it) { it.ask(it.provision(), 201); },
     [](Story& it) { it.ask(without(it.provision(), R"("platform":"kubernetes",)"), 201); }},
    {78, "members of the context", [](Story& it) { it.ask(it.provision(), 201); },
     [](Story& it) { it.ask(without(it.provision(), R"(,"instance_name":"database")"), 201); }},
};

const Duty catalog[] = {
    {16, "services", [](Story& it) { it.ask(it.get_catalog(), 200, R"({"services":[]})"); },
     [](Story& it) { it.ask(it.get_catalog(), 200); }},
    {17, "stable ids",
     [](Story& it) {
       it.offer();
       it.offer();
     },
     [](Story& it) {
       it.offer();
       it.ask(it.get_catalog(), 200,
              R"({"services":[{"id":"t","name":"db","description":"d","bindable":true,"plans":[)" + plan_p +
                  "]}]}");
     }},
    {18, "offerings", [](Story& it) { it.offer(); },
     [](Story& it) { it.ask(it.get_catalog(), 200, catalog_of("", "")); }},
    {19, "plans", [](Story& it) { it.offer(); },
     [](Story& it) {
       it.offer("", plan_p + "," + plan_p.substr(0, 9) + R"(,"name":"other","description":"d"})");
     }},
    {20, "requires", [](Story& it) { it.offer(R"("requires":["syslog_drain"])"); },
     [](Story& it) { it.offer(R"("requires":["coffee"])"); }},
    {21, "flags of offerings", [](Story& it) { it.offer(R"("tags":["a"])"); },
     [](Story& it) { it.offer(R"("plan_updateable":"yes")"); }},
    {22, "flags of plans",
     [](Story& it) {
       it.offer("", R"({"id":"p","name":"n","description":"d","maximum_polling_duration":60})");
     },
     [](Story& it) { it.offer("", R"({"id":"p","name":"n","description":"d","free":1})"); }},
    {23, "schemas",
     [](Story& it) {
       it.offer("", R"({"id":"p","name":"n","description":"d","schemas":{"service_instance":{"create":
           {"parameters":{"$schema":"http://json-schema.org/draft-04/schema#","$ref":"#/a"}}}}})");
     },
     [](Story& it) {
       it.offer("", R"({"id":"p","name":"n","description":"d","schemas":{"service_instance":{"create":
           {"parameters":{"$schema":"http://json-schema.org/draft-04/schema#","$ref":"http://elsewhere/"}}}}})");
     }},
    {24, "versions", [](Story& it) { it.offer(); },
     [](Story& it) {
       it.offer("", R"({"id":"p","name":"n","description":"d","maintenance_info":{"version":"1"}})");
     }},
};

const Duty broker[] = {
    {41, "identical",
     [](Story& it) {
       it.make();
       it.ask(it.provision(), 200);
     },
     [](Story& it) {
       it.make();
       it.ask(it.provision(), 409, R"({"description":"no"})");
     }},
    {41, "different",
     [](Story& it) {
       it.make();
       it.ask(it.provision("p", R"({"a":1})"), 409, R"({"description":"no"})");
     },
     [](Story& it) {
       it.make();
       it.ask(it.provision("p", R"({"a":1})"), 200);
     }},
    {41, "another's",
     [](Story& it) {
       it.make();
       it.ask(it.provision("p", "{}", "other"), 409, R"({"description":"no"})");
     },
     [](Story& it) {
       it.make();
       it.ask(it.provision("p", "{}", "other"), 200);
     }},
    {30, "the same operation",
     [](Story& it) {
       const auto lost = it.send(it.provision());
       it.handle(lost, 202, R"({"operation":"a"})");
       it.see_nothing(lost, core::ErrorKind::unavailable);
       it.ask(it.provision(), 202, R"({"operation":"a"})");
     },
     [](Story& it) {
       const auto lost = it.send(it.provision());
       it.handle(lost, 202, R"({"operation":"a"})");
       it.see_nothing(lost, core::ErrorKind::unavailable);
       it.ask(it.provision(), 202, R"({"operation":"b"})");
     }},
    {30, "the same operation of a doubled request",
     [](Story& it) {
       const auto doubled = it.send(it.provision());
       it.handle(doubled, 202, R"({"operation":"a"})");
       it.handle(doubled, 202, R"({"operation":"a"})");
     },
     [](Story& it) {
       const auto doubled = it.send(it.provision());
       it.handle(doubled, 202, R"({"operation":"a"})");
       it.handle(doubled, 202, R"({"operation":"b"})");
     }},
    {33, "polls of what is there",
     [](Story& it) {
       it.ask(it.provision(), 202, R"({"operation":"o"})");
       it.ask(it.poll("o"), 200, R"({"state":"in progress"})");
     },
     [](Story& it) {
       it.ask(it.provision(), 202, R"({"operation":"o"})");
       it.ask(it.poll("o"), 404, R"({"description":"no"})");
     }},
    {38, "ends",
     [](Story& it) {
       it.make();
       it.check.ended("manager-1");
       it.ask(it.poll("create"), 200, R"({"state":"succeeded"})");
     },
     [](Story& it) {
       it.make();
       it.check.ended("manager-1");
       it.ask(it.poll("create"), 200, R"({"state":"failed"})");
     }},
    {46, "a fetched instance is there",
     [](Story& it) {
       it.offer();
       it.make();
       it.ask(it.fetch(), 200);
     },
     [](Story& it) {
       it.offer();
       it.make();
       it.ask(it.fetch(), 404, R"({"description":"no"})");
     }},
    {47, "service of a fetched instance",
     [](Story& it) {
       it.make();
       it.ask(it.fetch(), 200, R"({"service_id":"s"})");
     },
     [](Story& it) {
       it.make();
       it.ask(it.fetch(), 200, R"({"service_id":"t"})");
     }},
    {14, "a refused update",
     [](Story& it) {
       it.make();
       it.ask(it.change_plan(), 422, R"({"description":"no"})");
       it.ask(it.fetch(), 200, R"({"plan_id":"p"})");
     },
     [](Story& it) {
       it.make();
       it.ask(it.change_plan(), 500);
       it.ask(it.fetch(), 200, R"({"plan_id":"q"})");
     }},
    {14, "parameters",
     [](Story& it) {
       it.ask(it.provision("p", R"({"a":1})"), 201);
       it.ask(it.fetch(), 200, R"({"parameters":{"a":1}})");
     },
     [](Story& it) {
       it.ask(it.provision("p", R"({"a":1})"), 201);
       it.ask(it.fetch(), 200, R"({"parameters":{"a":2}})");
     }},
    {50, "updates of what is gone",
     [](Story& it) {
       it.ask(it.deprovision(), 410);
       it.check.ended("manager-1");
       it.ask(it.change_plan(), 400, R"({"description":"no"})");
     },
     [](Story& it) {
       it.ask(it.deprovision(), 410);
       it.check.ended("manager-1");
       it.ask(it.change_plan(), 202, R"({"operation":"u"})");
     }},
    {54, "binds from elsewhere",
     [](Story& it) {
       it.make();
       it.process = "manager-of-another-cluster";
       it.ask(it.bind("", "b", "other"), 409, R"({"description":"no"})");
     },
     [](Story& it) {
       it.make();
       it.process = "manager-of-another-cluster";
       it.ask(it.bind("", "b", "other"), 201, R"({"credentials":{}})");
     }},
    {55, "identical bindings",
     [](Story& it) {
       it.make_binding();
       it.ask(it.bind(), 200, R"({"credentials":{}})");
     },
     [](Story& it) {
       it.make_binding();
       it.ask(it.bind(), 409, R"({"description":"no"})");
     }},
    {55, "different bindings",
     [](Story& it) {
       it.make_binding();
       it.ask(it.bind(R"("parameters":{"a":1})"), 409, R"({"description":"no"})");
     },
     [](Story& it) {
       it.make_binding();
       it.ask(it.bind(R"("parameters":{"a":1})"), 201, R"({"credentials":{}})");
     }},
    {66, "a removed binding",
     [](Story& it) {
       it.make_binding();
       it.ask(it.unbind(), 200);
       it.ask(it.fetch_binding(), 404, R"({"description":"no"})");
     },
     [](Story& it) {
       it.make_binding();
       it.ask(it.unbind(), 200);
       it.ask(it.fetch_binding(), 200, R"({"credentials":{}})");
     }},
    {67, "a deletion with another service",
     [](Story& it) {
       it.make();
       it.process = "manager-of-another-cluster";
       it.ask(it.deprovision("p", "t"), 400, R"({"description":"no"})");
     },
     [](Story& it) {
       it.make();
       it.process = "manager-of-another-cluster";
       it.ask(it.deprovision("p", "t"), 202);
     }},
    {68, "nothing is forgotten",
     [](Story& it) {
       it.make();
       it.ask(it.deprovision(), 202, R"({"operation":"d"})");
       it.ask(it.poll("d"), 410);
     },
     [](Story& it) {
       it.make();
       it.ask(it.deprovision(), 410);
     }},
    {68, "what is gone is 410",
     [](Story& it) {
       it.ask(it.deprovision(), 410);
       it.check.ended("manager-1");
       it.ask(it.deprovision(), 410);
     },
     [](Story& it) {
       it.ask(it.deprovision(), 410);
       it.check.ended("manager-1");
       it.ask(it.deprovision(), 202);
     }},
};

class Duties : public ::testing::TestWithParam<Duty> {};

TEST_P(Duties, ConversationThatKeepsItIsFine) {
  Story story;
  GetParam().keeps(story);
  EXPECT_EQ(joined(story.check.violations()), "");
}

TEST_P(Duties, ConversationThatBreaksItIsNamed) {
  Story story;
  GetParam().breaks(story);
  const std::string found = joined(story.check.violations());
  const std::string duty = fmt::format("breaks duty {}: ", GetParam().number);
  EXPECT_NE(found.find(duty), std::string::npos) << found;
  EXPECT_EQ(story.check.violations().size(), 1U) << found;
}

std::string name_of(const ::testing::TestParamInfo<Duty>& each) {
  std::string name = fmt::format("{}_{}_{}", each.index, each.param.number, each.param.name);
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Form, Duties, ::testing::ValuesIn(form), name_of);
INSTANTIATE_TEST_SUITE_P(Catalog, Duties, ::testing::ValuesIn(catalog), name_of);
INSTANTIATE_TEST_SUITE_P(Broker, Duties, ::testing::ValuesIn(broker), name_of);

}  // namespace
}  // namespace simulation
