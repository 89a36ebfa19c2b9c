// The duties of platforms: what may be sent after what was seen, and what faults excuse.
#include <gtest/gtest.h>

#include "tests/unit/simulation/osb_story.hpp"

namespace simulation {
namespace {

const std::string in_progress = R"({"state":"in progress"})";
const std::string no = R"({"description":"no"})";

const Duty platform[] = {
    {15, "catalog after a conflict",
     [](Story& it) {
       it.offer();
       it.ask(it.provision(), 422, R"({"error":"MaintenanceInfoConflict","description":"no"})");
       it.offer();
       it.check.finish(minutes(20));
     },
     [](Story& it) {
       it.offer();
       it.ask(it.provision(), 422, R"({"error":"MaintenanceInfoConflict","description":"no"})");
       it.check.finish(minutes(20));
     }},
    {28, "one operation at a time",
     [](Story& it) {
       it.make();
       it.ask(it.change_plan(), 202, R"({"operation":"u"})");
       it.ask(it.poll("u"), 200, R"({"state":"succeeded"})");
       it.ask(it.change_plan("p", "q"), 202, R"({"operation":"v"})");
     },
     [](Story& it) {
       it.make();
       it.ask(it.change_plan(), 202, R"({"operation":"u"})");
       it.ask(it.poll("u"), 200, in_progress);
       it.ask(it.change_plan("p"), 422, R"({"error":"ConcurrencyError","description":"no"})");
     }},
    {28, "no deletion during an update",
     [](Story& it) {
       it.ask(it.provision(), 202, R"({"operation":"c"})");
       it.is_deleted();
       it.ask(it.deprovision(), 202, R"({"operation":"d"})");
     },
     [](Story& it) {
       it.make();
       it.ask(it.change_plan(), 202, R"({"operation":"u"})");
       it.is_deleted();
       it.ask(it.deprovision(), 422, R"({"error":"ConcurrencyError","description":"no"})");
     }},
    {29, "name of the operation",
     [](Story& it) {
       it.ask(it.provision(), 202, R"({"operation":"a b"})");
       it.ask(it.poll("a%20b"), 200, in_progress);
     },
     [](Story& it) {
       it.ask(it.provision(), 202, R"({"operation":"a"})");
       it.ask(it.poll(""), 200, in_progress);
     }},
    {32, "plan of a poll",
     [](Story& it) {
       it.make();
       it.ask(it.change_plan(), 202, R"({"operation":"u"})");
       it.ask(it.poll("u", "p"), 200, in_progress);
     },
     [](Story& it) {
       it.make();
       it.ask(it.change_plan(), 202, R"({"operation":"u"})");
       it.ask(it.poll("u", "q"), 200, in_progress);
     }},
    {35, "what is gone",
     [](Story& it) {
       it.make();
       it.is_deleted();
       it.ask(it.deprovision(), 202, R"({"operation":"d"})");
       it.ask(it.poll("d"), 410);
       it.write_fails();
       it.ask(it.deprovision(), 410);
     },
     [](Story& it) {
       it.make();
       it.is_deleted();
       it.ask(it.deprovision(), 202, R"({"operation":"d"})");
       it.ask(it.poll("d"), 410);
       it.ask(it.deprovision(), 410);
     }},
    {36, "polls end",
     [](Story& it) {
       it.make();
       it.check.ended("manager-1");
       it.ask(it.poll("create"), 200, R"({"state":"succeeded"})");
     },
     [](Story& it) {
       it.make();
       it.ask(it.poll("create"), 200, R"({"state":"succeeded"})");
     }},
    {36, "no polls of what was done at once", [](Story& it) { it.ask(it.provision(), 201); },
     [](Story& it) {
       it.ask(it.provision(), 201);
       it.ask(it.poll(""), 200, R"({"state":"succeeded"})");
     }},
    {36, "Retry-After",
     [](Story& it) {
       it.ask(it.provision(), 202, "{}", {{"Retry-After", "30"}});
       it.now += seconds(30);
       it.ask(it.poll(""), 200, in_progress);
     },
     [](Story& it) {
       it.ask(it.provision(), 202, "{}", {{"Retry-After", "30"}});
       it.ask(it.poll(""), 200, in_progress);
     }},
    {36, "pause between polls",
     [](Story& it) {
       it.ask(it.provision(), 202, "{}");
       it.ask(it.poll(""), 200, in_progress);
       it.now -= milliseconds(800);
       it.ask(it.poll(""), 200, in_progress);
     },
     [](Story& it) {
       it.ask(it.provision(), 202, "{}");
       it.ask(it.poll(""), 200, in_progress);
       it.now -= milliseconds(980);
       it.ask(it.poll(""), 200, in_progress);
     }},
    {36, "polls go on",
     [](Story& it) {
       it.ask(it.provision(), 202, "{}");
       it.check.finish(it.now + minutes(10));
     },
     [](Story& it) {
       it.ask(it.provision(), 202, "{}");
       it.check.finish(it.now + minutes(30));
     }},
    {36, "endless repetition",
     [](Story& it) {
       for (int i = 0; i < 100; ++i) it.ask(it.get_catalog(), 503);
     },
     [](Story& it) {
       for (int i = 0; i < 61; ++i) {
         it.ask(it.get_catalog(), 503);
         it.now -= milliseconds(900);
       }
     }},
    {40, "plans of the catalog",
     [](Story& it) {
       it.offer();
       it.ask(it.provision("q"), 201);
     },
     [](Story& it) {
       it.offer();
       it.ask(it.provision("r"), 400, no);
     }},
    {42, "versions of the catalog",
     [](Story& it) {
       it.offer();
       it.make();
       it.ask(it.update(R"("maintenance_info":{"version":"1.0.0"})"), 200);
     },
     [](Story& it) {
       it.offer();
       it.make();
       it.ask(it.update(R"("maintenance_info":{"version":"3.0.0"})"), 422, no);
     }},
    {43, "one service for an id",
     [](Story& it) {
       it.ask(it.provision(), 201);
       it.is_deleted();
       it.ask(it.deprovision(), 200);
       it.ask(it.provision("p", "{}", "shop", "t"), 201);
     },
     [](Story& it) {
       it.ask(it.provision(), 201);
       it.ask(it.provision("p", "{}", "shop", "t"), 409, no);
     }},
    {43, "one instance for a binding's id",
     [](Story& it) {
       it.make_binding("b");
       it.ask(it.bind("", "c", "shop", "j"), 400, no);
     },
     [](Story& it) {
       it.make_binding("b");
       it.ask(it.bind("", "b", "shop", "j"), 400, no);
     }},
    {46, "which instances are fetched",
     [](Story& it) {
       it.offer();
       it.ask(it.fetch(), 404, no);
     },
     [](Story& it) {
       it.offer("");
       it.ask(it.fetch(), 404, no);
     }},
    {48, "previous plan",
     [](Story& it) {
       it.make();
       const auto lost = it.send(it.change_plan("q", "p"));
       it.see_nothing(lost);
       it.ask(it.change_plan("p", "p"), 200);
     },
     [](Story& it) {
       it.make();
       it.ask(it.change_plan("q", "r"), 200);
     }},
    {49, "plans that can be left",
     [](Story& it) {
       it.offer();
       it.make();
       it.ask(it.change_plan(), 200);
     },
     [](Story& it) {
       it.offer(R"("instances_retrievable":true)");
       it.make();
       it.ask(it.change_plan(), 400, no);
     }},
    {49, "updates of the context alone",
     [](Story& it) {
       it.offer();
       it.make();
       it.ask(it.update(R"("context":)" + Story::context("shop")), 200);
     },
     [](Story& it) {
       it.offer("");
       it.make();
       it.ask(it.update(R"("context":)" + Story::context("shop")), 200);
     }},
    {52, "what cannot be used",
     [](Story& it) {
       it.make();
       it.ask(it.change_plan(), 422, R"({"description":"no","instance_usable":true})");
       it.make_binding();
     },
     [](Story& it) {
       it.make();
       it.ask(it.change_plan(), 422, R"({"description":"no","instance_usable":false})");
       it.make_binding();
     }},
    {53, "what cannot be bound",
     [](Story& it) {
       it.offer();
       it.make_binding();
     },
     [](Story& it) {
       it.offer(all_flags, R"({"id":"p","name":"n","description":"d","bindable":false})");
       it.ask(it.bind(), 400, no);
     }},
    {63, "rotation",
     [](Story& it) {
       it.offer(all_flags, R"({"id":"p","name":"n","description":"d","binding_rotatable":true})");
       it.make_binding();
       it.ask(it.bind(R"("predecessor_binding_id":"b")", "c"), 201, R"({"credentials":{}})");
     },
     [](Story& it) {
       it.offer();
       it.make_binding();
       it.ask(it.bind(R"("predecessor_binding_id":"b")", "c"), 400, no);
     }},
    {64, "predecessors",
     [](Story& it) {
       it.make_binding();
       it.ask(it.bind(R"("predecessor_binding_id":"b")", "c"), 201, R"({"credentials":{}})");
     },
     [](Story& it) {
       it.make_binding();
       it.binding_is_deleted();
       it.ask(it.unbind(), 200);
       it.ask(it.bind(R"("predecessor_binding_id":"b")", "c"), 400, no);
     }},
    {66, "which bindings are made asynchronously",
     [](Story& it) {
       it.offer();
       it.ask(it.bind(), 202);
     },
     [](Story& it) {
       it.offer("");
       it.ask(it.bind(), 201, R"({"credentials":{}})");
     }},
    {67, "plan of a deletion",
     [](Story& it) {
       it.make();
       it.ask(it.change_plan(), 200);
       it.is_deleted();
       it.ask(it.deprovision("q"), 202);
     },
     [](Story& it) {
       it.make();
       it.ask(it.change_plan(), 200);
       it.is_deleted();
       it.ask(it.deprovision("p"), 202);
     }},
    {69, "bindings first",
     [](Story& it) {
       it.make();
       it.make_binding();
       it.is_deleted();
       it.binding_is_deleted();
       it.ask(it.unbind(), 200);
       it.ask(it.deprovision(), 202);
     },
     [](Story& it) {
       it.make();
       it.make_binding();
       it.is_deleted();
       it.ask(it.deprovision(), 202);
     }},
    {69, "no unbind after its instance",
     [](Story& it) {
       it.make();
       it.binding_is_deleted();
       it.ask(it.unbind(), 410);
     },
     [](Story& it) {
       it.make();
       it.is_deleted();
       it.ask(it.deprovision(), 200);
       it.binding_is_deleted();
       it.ask(it.unbind(), 410);
     }},
    {71, "what is deleted here is deleted there",
     [](Story& it) {
       it.make();
       it.instance_object(R"("annotations":{"servicecatalog.k8s.io/retain":"true"})");
       it.is_deleted();
       it.check.finish(it.now);
     },
     [](Story& it) {
       it.make();
       it.is_deleted();
       it.check.finish(it.now);
     }},
    {72, "mitigation after 5xx",
     [](Story& it) {
       it.instance_object();
       it.ask(it.provision(), 500);
       it.ask(it.deprovision(), 410);
       it.ask(it.provision(), 201);
       it.check.finish(it.now);
     },
     [](Story& it) {
       it.ask(it.provision(), 500);
       it.check.finish(it.now);
     }},
    {72, "mitigation before the next try",
     [](Story& it) {
       it.ask(it.provision(), 503);
       it.check.ended("manager-1");
       it.ask(it.provision(), 201);
     },
     [](Story& it) {
       it.ask(it.provision(), 503);
       it.ask(it.provision(), 201);
     }},
    {72, "mitigation after a time-out",
     [](Story& it) {
       it.see_nothing(it.send(it.provision()));
       it.ask(it.deprovision(), 200);
       it.check.finish(it.now);
     },
     [](Story& it) {
       it.see_nothing(it.send(it.provision()));
       it.check.finish(it.now);
     }},
    {72, "mitigation after a malformed 202",
     [](Story& it) {
       it.see(it.send(it.provision()), 202, "{\"ope");
       it.ask(it.deprovision(), 200);
       it.check.finish(it.now);
     },
     [](Story& it) {
       it.see(it.send(it.provision()), 202, "{\"ope");
       it.check.finish(it.now);
     }},
    {72, "mitigation after a failure",
     [](Story& it) {
       it.ask(it.provision(), 202, "{}");
       it.ask(it.poll(""), 200, R"({"state":"failed"})");
       it.ask(it.deprovision(), 200);
       it.check.finish(it.now);
     },
     [](Story& it) {
       it.ask(it.provision(), 202, "{}");
       it.ask(it.poll(""), 200, R"({"state":"failed"})");
       it.check.finish(it.now);
     }},
    {73, "mitigation of a bind",
     [](Story& it) {
       it.binding_object();
       it.ask(it.bind(), 500);
       it.ask(it.unbind(), 200);
       it.check.finish(it.now);
     },
     [](Story& it) {
       it.ask(it.bind(), 500);
       it.check.finish(it.now);
     }},
    {74, "no deletion after a 409",
     [](Story& it) {
       it.instance_object();
       it.see_nothing(it.send(it.provision()));
       it.ask(it.deprovision(), 410);
     },
     [](Story& it) {
       it.instance_object();
       it.ask(it.provision(), 409, no);
       it.ask(it.deprovision(), 202);
     }},
    {74, "no deletion after a failed update",
     [](Story& it) {
       it.instance_object();
       it.make();
       it.ask(it.change_plan(), 500);
       it.ask(it.change_plan(), 200);
     },
     [](Story& it) {
       it.instance_object();
       it.make();
       it.ask(it.change_plan(), 500);
       it.ask(it.deprovision(), 202);
     }},
    {74, "no deletion of what was found",
     [](Story& it) {
       it.instance_object();
       it.ask(it.fetch(), 404, no);
       it.ask(it.provision(), 500);
       it.ask(it.deprovision(), 200);
     },
     [](Story& it) {
       it.instance_object();
       it.ask(it.fetch(), 200, R"({"service_id":"s"})");
       it.ask(it.provision(), 500);
       it.ask(it.deprovision(), 200);
     }},
    {74, "no unbind of what is used",
     [](Story& it) {
       it.make_binding();
       it.binding_object("", R"("rotation":{"bindingID":"c","previous":[{"bindingID":"b"}]})");
       it.ask(it.unbind(), 200);
     },
     [](Story& it) {
       it.make_binding();
       it.binding_object();
       it.ask(it.unbind(), 200);
     }},
    {78, "context of a binding",
     [](Story& it) {
       it.make();
       it.make_binding();
     },
     [](Story& it) {
       it.make();
       it.ask(it.bind("", "b", "other"), 409, no);
     }},
};

class PlatformDuties : public ::testing::TestWithParam<Duty> {};

TEST_P(PlatformDuties, ConversationThatKeepsItIsFine) {
  Story story;
  GetParam().keeps(story);
  EXPECT_EQ(joined(story.check.violations()), "");
}

TEST_P(PlatformDuties, ConversationThatBreaksItIsNamed) {
  Story story;
  GetParam().breaks(story);
  const std::string found = joined(story.check.violations());
  EXPECT_NE(found.find(fmt::format("platform breaks duty {}: ", GetParam().number)), std::string::npos)
      << found;
  EXPECT_EQ(story.check.violations().size(), 1U) << found;
}

INSTANTIATE_TEST_SUITE_P(Platform, PlatformDuties, ::testing::ValuesIn(platform),
                         [](const ::testing::TestParamInfo<Duty>& each) {
                           std::string name =
                               fmt::format("{}_{}_{}", each.index, each.param.number, each.param.name);
                           for (char& c : name) {
                             if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
                           }
                           return name;
                         });

TEST(OsbConversation, SentenceNamesTimeRequestAndDuty) {
  Story story;
  story.ask(story.provision(), 404, no);
  ASSERT_EQ(story.check.violations().size(), 1U);
  EXPECT_EQ(
      story.check.violations().front(),
      "1.000 s: PUT /v2/service_instances/i?accepts_incomplete=true from manager-1 to broker-1: the broker "
      "breaks duty 10: status 404: the endpoint has no such status");
  EXPECT_EQ(story.check.take_violations().size(), 1U);
  EXPECT_TRUE(story.check.violations().empty());
}

// Two requests that crossed: which came first is not known.
TEST(OsbConversation, CrossingRequestsProveNothing) {
  Story story;
  story.make();
  const auto one = story.send(story.provision());
  const auto other = story.send(story.deprovision());
  story.handle(other, 202, R"({"operation":"d"})");
  story.handle(one, 409, no);
  EXPECT_EQ(joined(story.check.violations()), "");
}

// A request that vanished may have been carried out, and later.
TEST(OsbConversation, VanishedRequestsMayHaveHadTheirEffect) {
  Story story;
  story.make();
  story.is_deleted();
  story.see_nothing(story.send(story.deprovision()));
  story.now += minutes(1);
  story.ask(story.deprovision(), 410);
  EXPECT_EQ(joined(story.check.violations()), "");
}

// What another process of the platform has seen, this one need not know.
TEST(OsbConversation, SuccessorMayRepeat) {
  Story story;
  story.make();
  story.ask(story.change_plan(), 202, R"({"operation":"u"})");
  story.process = "manager-2";
  story.kube("PUT", "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/l", 200, "{}");
  story.ask(story.change_plan(), 202, R"({"operation":"u"})");
  story.ask(story.poll("u"), 200, in_progress);
  EXPECT_EQ(joined(story.check.violations()), "");
}

// What was retained is taken over by a new object, which knows nothing of the operation under way.
TEST(OsbConversation, AnotherObjectMayRepeat) {
  Story story;
  story.instance_object(R"("annotations":{"servicecatalog.k8s.io/retain":"true"},"finalizers":["f"])");
  story.ask(story.provision(), 202, R"({"operation":"create"})");
  story.is_deleted();
  story.ask(story.provision(), 202, R"({"operation":"create"})");
  EXPECT_EQ(joined(story.check.violations()), "");
}

// An API server that was set back asks about operations of before.
TEST(OsbConversation, RestoredPlatformMayRepeat) {
  Story story;
  story.make();
  story.ask(story.change_plan(), 200);
  story.check.platform_restored("api");
  story.ask(story.poll("create"), 200, R"({"state":"succeeded"})");
  story.ask(story.change_plan("q", "p"), 200);
  EXPECT_EQ(joined(story.check.violations()), "");
}

TEST(OsbConversation, RestoredBrokerMayHaveForgotten) {
  Story story;
  story.make();
  story.check.broker_restored("broker-1");
  story.is_deleted();
  story.ask(story.deprovision(), 410);
  EXPECT_EQ(joined(story.check.violations()), "");
}

// What a plan's maximum_polling_duration ends may be deleted.
TEST(OsbConversation, OperationThatTookTooLongHasFailed) {
  Story story;
  story.offer(all_flags, R"({"id":"p","name":"n","description":"d","maximum_polling_duration":60})");
  story.instance_object();
  story.ask(story.provision(), 202, "{}");
  story.now += seconds(61);
  story.ask(story.poll(""), 200, in_progress);
  story.ask(story.deprovision(), 202, "{}");
  EXPECT_EQ(joined(story.check.violations()), "");
}

}  // namespace
}  // namespace simulation
