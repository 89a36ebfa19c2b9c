// Two requests for the same ids at once, as platforms and replicas send them: the second comes and ends
// between any two calls of the first. Whatever the order, nothing is made twice and nothing is left.
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/unit/broker/world.hpp"

namespace {

using namespace broker;
using namespace broker::test;
using core::ErrorKind;

// A crossing request may be told to come again; it is never the user's error.
template <class Response>
bool is_accepted(const core::Result<Response>& answer) {
  return answer || answer.error().code == "ConcurrencyError";
}

class Crossing : public testing::Test {
 protected:
  // For each call of `first`: a fresh world in which `second` happens before that call.
  template <class First, class Second, class Check>
  void at_every_call(const First& first, const Second& second, const Check& check) {
    int calls = 0;
    for (bool met = true; met; ++calls) {
      SCOPED_TRACE("before call " + std::to_string(calls));
      World world;
      prepare_(world);
      world.faults.meanwhile(calls, [&]() { return second(world); });
      first(world);
      met = world.faults.met();
      if (met) check(world);
    }
    EXPECT_GT(calls, 2);
  }
  std::function<void(World&)> prepare_ = [](World&) {};
};

void make_instance(World& world) {
  ASSERT_TRUE(world.provision());
  ASSERT_TRUE(world.poll_until_done("provision"));
}

void make_binding(World& world) {
  make_instance(world);
  ASSERT_TRUE(world.bind());
}

async::Task<> provision(World& world) {
  const osb::ProvisionRequest request = world.provision_request();
  const auto answer = co_await world.broker().provision(request, {});
  EXPECT_TRUE(is_accepted(answer)) << answer.error().message;
}

async::Task<> deprovision(World& world) {
  const osb::DeprovisionRequest request = world.deprovision_request();
  const auto answer = co_await world.broker().deprovision(request, {});
  EXPECT_TRUE(is_accepted(answer) || answer.error().kind == ErrorKind::gone) << answer.error().message;
  // The platform polls until the deletion has ended.
  const osb::LastOperationRequest poll{.instance_id = "i1", .operation = "deprovision"};
  for (auto state = co_await world.broker().last_operation(poll, {});
       state && state->state == osb::OperationState::in_progress;) {
    state = co_await world.broker().last_operation(poll, {});
  }
}

async::Task<> poll(World& world) {
  const osb::LastOperationRequest request{.instance_id = "i1", .operation = "provision"};
  const auto answer = co_await world.broker().last_operation(request, {});
  EXPECT_TRUE(answer) << answer.error().message;
}

async::Task<> bind(World& world) {
  const osb::BindRequest request = world.bind_request();
  const auto answer = co_await world.broker().bind(request, {});
  EXPECT_TRUE(is_accepted(answer)) << answer.error().message;
}

async::Task<> unbind(World& world) {
  const osb::UnbindRequest request = world.unbind_request();
  const auto answer = co_await world.broker().unbind(request, {});
  EXPECT_TRUE(is_accepted(answer) || answer.error().kind == ErrorKind::gone) << answer.error().message;
}

async::Task<> resume(World& world) {
  const auto resumed = co_await world.broker().resume();
  EXPECT_TRUE(resumed) << resumed.error().message;
}

void expect_one_stack(World& world) {
  const auto created = world.poll_until_done("provision");
  ASSERT_TRUE(created) << created.error().message;
  EXPECT_EQ(created->state, osb::OperationState::succeeded);
  EXPECT_EQ(world.cloud.living_stacks(), 1U);
  EXPECT_EQ(world.instances(), 1U);
}

void expect_one_user(World& world) {
  const auto bound = world.bind();
  ASSERT_TRUE(bound) << bound.error().message;
  const auto& user = world.cloud.users.at("aws-sb-binding-b1");
  ASSERT_EQ(user.keys.size(), 1U);
  EXPECT_EQ(core::find_string(bound->credentials, {"S3_AWS_ACCESS_KEY_ID"}), user.keys.begin()->first);
}

// Each stack has its record and each binding's user its own: what has a record is found by the next request.
void expect_all_recorded(World& world) {
  const auto stays = std::ranges::count_if(world.cloud.stacks, [](const auto& each) {
    return !each.second.deleted && each.second.stack.status != "DELETE_IN_PROGRESS";
  });
  EXPECT_EQ(static_cast<std::size_t>(stays), world.instances());
  EXPECT_EQ(world.cloud.users.contains("aws-sb-binding-b1"), world.bindings() == 1);
}

void expect_nothing(World& world) {
  EXPECT_EQ(world.cloud.living_stacks(), 0U);
  EXPECT_TRUE(world.cloud.users.empty());
  EXPECT_EQ(world.instances(), 0U);
  EXPECT_EQ(world.bindings(), 0U);
}

TEST_F(Crossing, provisions_make_one_stack) {
  at_every_call([](World& world) { world.run(provision(world)); }, provision, expect_one_stack);
}

TEST_F(Crossing, a_provision_and_a_deprovision_leave_no_stack_without_a_record) {
  at_every_call([](World& world) { std::ignore = world.provision(); }, deprovision, expect_all_recorded);
}

TEST_F(Crossing, a_deprovision_and_a_repeated_provision_leave_no_stack_without_a_record) {
  prepare_ = make_instance;
  at_every_call([](World& world) { world.run(deprovision(world)); }, provision, expect_all_recorded);
}

TEST_F(Crossing, polls_agree_on_the_outcome) {
  prepare_ = [](World& world) { ASSERT_TRUE(world.provision()); };
  at_every_call([](World& world) { world.run(poll(world)); }, poll, expect_one_stack);
}

TEST_F(Crossing, deprovisions_leave_nothing) {
  prepare_ = make_binding;
  at_every_call([](World& world) { world.run(deprovision(world)); }, deprovision, expect_nothing);
}

TEST_F(Crossing, binds_make_one_user_with_one_key) {
  prepare_ = make_instance;
  at_every_call([](World& world) { world.run(bind(world)); }, bind, expect_one_user);
}

TEST_F(Crossing, a_bind_and_an_unbind_leave_no_user_without_a_record) {
  prepare_ = make_instance;
  at_every_call([](World& world) { std::ignore = world.bind(); }, unbind, expect_all_recorded);
}

TEST_F(Crossing, an_unbind_and_a_repeated_bind_leave_no_user_without_a_record) {
  prepare_ = make_binding;
  at_every_call([](World& world) { world.run(unbind(world)); }, bind, expect_all_recorded);
}

TEST_F(Crossing, unbinds_leave_no_user) {
  prepare_ = make_binding;
  at_every_call([](World& world) { world.run(unbind(world)); }, unbind,
                [](World& world) {
                  EXPECT_FALSE(world.cloud.users.contains("aws-sb-binding-b1"));
                  EXPECT_EQ(world.bindings(), 0U);
                });
}

TEST_F(Crossing, a_bind_and_a_deprovision_leave_nothing) {
  prepare_ = make_instance;
  at_every_call([](World& world) { std::ignore = world.bind(); }, deprovision, expect_nothing);
}

TEST_F(Crossing, a_deprovision_and_a_bind_leave_nothing) {
  prepare_ = make_instance;
  at_every_call([](World& world) { world.run(deprovision(world)); }, bind, expect_nothing);
}

TEST_F(Crossing, a_provision_and_a_replica_that_starts_make_one_stack) {
  at_every_call([](World& world) { world.run(provision(world)); }, resume, expect_one_stack);
}

TEST_F(Crossing, a_deprovision_and_a_replica_that_starts_leave_nothing) {
  prepare_ = make_binding;
  at_every_call([](World& world) { world.run(deprovision(world)); }, resume, expect_nothing);
}

// --- an adoption, after which nothing may be answered to the former owner

boost::json::object context_of(const char* name_space) {
  return {{"platform", "kubernetes"}, {"clusterid", "c"}, {"namespace", name_space}};
}

// Whose record is of an earlier version, so that the next request completes it.
void make_instance_of_namespace(World& world) {
  osb::ProvisionRequest request = world.provision_request();
  request.context = context_of("old");
  ASSERT_TRUE(world.run(world.broker().provision(request, {})));
  ASSERT_TRUE(world.poll_until_done("provision"));
  InstanceRecord record = world.run(world.store().get_instance("i1"))->value();
  record.origin.reset();
  ASSERT_TRUE(world.run(world.store().put_instance(std::move(record))));
}

async::Task<> adopt(World& world) {
  osb::ProvisionRequest request = world.provision_request();
  request.context = context_of("new");
  request.context.as_object()["adopted_from"] = {{"namespace", "old"}};
  EXPECT_TRUE(co_await world.broker().provision(request, {}));
  const osb::LastOperationRequest poll{.instance_id = "i1", .operation = "update-1"};
  for (auto state = co_await world.broker().last_operation(poll, {});
       state && state->state == osb::OperationState::in_progress;) {
    state = co_await world.broker().last_operation(poll, {});
  }
}

TEST_F(Crossing, an_adoption_ends_a_repeated_provision_of_the_former_owner) {
  prepare_ = make_instance_of_namespace;
  core::Result<osb::ProvisionResponse> answer;
  at_every_call(
      [&](World& world) {
        osb::ProvisionRequest request = world.provision_request();
        request.context = context_of("old");
        answer = world.run(world.broker().provision(request, {}));
      },
      adopt,
      [&](World& world) {
        EXPECT_FALSE(answer);
        EXPECT_EQ(world.run(world.store().get_instance("i1"))->value().origin->name_space, "new");
      });
}

TEST_F(Crossing, an_adoption_ends_an_update_of_the_former_owner) {
  prepare_ = make_instance_of_namespace;
  core::Result<osb::UpdateResponse> answer;
  at_every_call(
      [&](World& world) {
        osb::UpdateRequest request{.instance_id = "i1", .service_id = world.service_id()};
        request.context = context_of("old");
        request.accepts_incomplete = true;
        answer = world.run(world.broker().update(request, {}));
      },
      adopt,
      [&](World& world) {
        // One that has nothing to do may have been answered for before.
        EXPECT_EQ(world.run(world.store().get_instance("i1"))->value().origin->name_space, "new");
        EXPECT_FALSE(answer);
      });
}

}  // namespace
