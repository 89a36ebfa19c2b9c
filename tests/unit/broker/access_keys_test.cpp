// Keys of other accounts: which overrides give them, and by which an instance is worked with.
#include "broker/access_keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/broker/broker_in_accounts.hpp"

namespace broker {
namespace {

using core::ErrorKind;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

std::vector<std::string> pair_for(const std::string& place, const std::string& id) {
  return {"PARAM_OVERRIDE_test_" + place + "_aws_access_key=" + id,
          "PARAM_OVERRIDE_test_" + place + "_aws_secret_key=secret-of-" + id};
}

Overrides overrides_of(const std::vector<std::pair<std::string, std::string>>& ids_by_place) {
  std::vector<std::string> environment;
  for (const auto& [place, id] : ids_by_place) {
    for (std::string& each : pair_for(place, id)) environment.push_back(std::move(each));
  }
  return Overrides::from_environment("test", environment);
}

TEST(AccessKeys, are_the_secrets_of_all_overrides_by_their_ids) {
  const auto keys =
      access_keys(overrides_of({{"all_n_all", "AKIAONE"}, {"c_n_s3", "AKIATWO"}, {"c_all_all", "AKIAONE"}}));
  ASSERT_TRUE(keys) << keys.error().message;
  EXPECT_THAT(*keys,
              ElementsAre(Pair("AKIAONE", testing::Field(&AccessKeySecret::secret, "secret-of-AKIAONE")),
                          Pair("AKIATWO", testing::Field(&AccessKeySecret::secret, "secret-of-AKIATWO"))));
  EXPECT_TRUE(access_keys(Overrides())->empty());
}

TEST(AccessKeys, that_are_half_a_pair_are_refused_with_what_is_missing) {
  const struct {
    std::vector<std::string> environment;
    const char* said;
  } table[] = {
      {{"PARAM_OVERRIDE_test_all_n_all_aws_access_key=AKIAONE"},
       "PARAM_OVERRIDE_test_all_n_all_aws_secret_key is missing"},
      {{"PARAM_OVERRIDE_test_all_n_all_aws_secret_key=hush"},
       "PARAM_OVERRIDE_test_all_n_all_aws_access_key is missing"},
      {{"PARAM_OVERRIDE_test_all_n_all_aws_access_key=AKIAONE",
        "PARAM_OVERRIDE_test_all_n_all_aws_secret_key="},
       "PARAM_OVERRIDE_test_all_n_all_aws_secret_key is missing or empty"},
      {{"PARAM_OVERRIDE_test_all_n_all_aws_access_key=", "PARAM_OVERRIDE_test_all_n_all_aws_secret_key=hush"},
       "PARAM_OVERRIDE_test_all_n_all_aws_access_key is missing or empty"},
      {{"PARAM_OVERRIDE_test_all_n_all_aws_access_key=AKIAONE",
        "PARAM_OVERRIDE_test_all_n_s3_aws_secret_key=hush"},
       "is missing"},
      {{"PARAM_OVERRIDE_test_all_all_all_aws_access_key=AKIAONE",
        "PARAM_OVERRIDE_test_all_all_all_aws_secret_key=hush",
        "PARAM_OVERRIDE_test_all_n_all_aws_access_key=AKIAONE",
        "PARAM_OVERRIDE_test_all_n_all_aws_secret_key=hush-hush"},
       "PARAM_OVERRIDE_test_all_n_all_aws_secret_key is not the secret that belongs to the same "
       "aws_access_key in PARAM_OVERRIDE_test_all_all_all_aws_access_key"},
  };
  for (const auto& each : table) {
    const auto keys = access_keys(Overrides::from_environment("test", each.environment));
    ASSERT_FALSE(keys) << each.said;
    EXPECT_EQ(keys.error().kind, ErrorKind::invalid);
    EXPECT_THAT(keys.error().message,
                AllOf(HasSubstr(each.said), Not(HasSubstr("AKIA")), Not(HasSubstr("hush"))));
  }
}

TEST(PlacementOf, has_the_records_keys_while_they_are_given_and_then_those_of_its_place) {
  const std::string lost = "PARAM_OVERRIDE_test_c_n_s3_";
  const struct {
    const char* what;
    const char* recorded;
    std::vector<std::pair<std::string, std::string>> given;
    std::string id, lost;
  } table[] = {
      {"made without keys", "", {{"c_n_s3", "AKIANEW"}}, "", ""},
      {"still given", "AKIAOLD", {{"c_n_s3", "AKIAOLD"}}, "AKIAOLD", ""},
      {"given for another place now",
       "AKIAOLD",
       {{"all_all_all", "AKIAOLD"}, {"c_n_s3", "AKIANEW"}},
       "AKIAOLD",
       ""},
      {"rotated", "AKIAOLD", {{"c_n_all", "AKIANEW"}, {"all_all_all", "AKIAALL"}}, "AKIANEW", ""},
      {"taken away", "AKIAOLD", {}, "AKIAOLD", lost},
      {"only others' are left", "AKIAOLD", {{"c_others_all", "AKIAOTHER"}}, "AKIAOLD", lost},
  };
  for (const auto& each : table) {
    SCOPED_TRACE(each.what);
    InstanceRecord record{.class_name = "s3", .region = "eu-west-1", .role_arn = "role", .external_id = "x"};
    record.access_key_id = each.recorded;
    record.stack_id = "arn:aws:cloudformation:eu-west-1:222233334444:stack/s/1";
    record.stack_input = {
        {"tags", {{"aws-service-broker:cluster", "c"}, {"aws-service-broker:namespace", "n"}}}};
    const Placement place = placement_of(record, overrides_of(each.given));
    EXPECT_EQ(place, (Placement{.region = "eu-west-1",
                                .role_arn = "role",
                                .external_id = "x",
                                .access_key_id = each.id,
                                .lost_keys = each.lost}));
    EXPECT_EQ(check_keys(place).has_value(), each.lost.empty());
  }
}

TEST(PlacementOf, says_the_account_that_other_keys_than_the_records_have_to_be_of) {
  const Overrides rotated = overrides_of({{"all_all_s3", "AKIANEW"}});
  const struct {
    const char *recorded, *stack, *role, *account;
  } table[] = {
      {"AKIAOLD", "arn:aws:cloudformation:eu-west-1:222233334444:stack/s/1", "", "222233334444"},
      {"AKIANEW", "arn:aws:cloudformation:eu-west-1:222233334444:stack/s/1", "", ""},
      {"AKIAOLD", "arn:aws:cloudformation:eu-west-1:222233334444:stack/s/1", "the role says it", ""},
      {"AKIAOLD", "", "", ""},
  };
  for (const auto& each : table) {
    const InstanceRecord record{
        .class_name = "s3", .stack_id = each.stack, .role_arn = each.role, .access_key_id = each.recorded};
    EXPECT_EQ(
        placement_of(record, rotated),
        (Placement{.role_arn = each.role, .access_key_id = "AKIANEW", .account_of_keys = each.account}));
  }
}

// The namespace "tenant" has keys of another account.
class InstancesWithKeys : public test::BrokerInAccounts {
 protected:
  InstancesWithKeys() { start_with("AKIAOLD"); }
  // nullptr: the overrides were taken away.
  void start_with(const char* id) {
    std::vector<std::pair<std::string, std::string>> given;
    if (id != nullptr) given.emplace_back("all_tenant_all", id);
    start({}, overrides_of(given));
  }
  void make() {
    osb::ProvisionRequest request{.instance_id = "i1"};
    request.context = {{"platform", "kubernetes"}, {"namespace", "tenant"}, {"clusterid", "c"}};
    ASSERT_TRUE(provision(std::move(request)));
    poll("i1", "provision");
  }
  auto bind() { return run(broker_->bind({.instance_id = "i1", .binding_id = "b1"}, {})); }
  auto update() {
    osb::UpdateRequest request{.instance_id = "i1", .service_id = service_};
    request.context = {{"platform", "kubernetes"}, {"namespace", "tenant"}, {"clusterid", "c"}};
    request.accepts_incomplete = true;
    return run(broker_->update(request, {}));
  }
  // The account that both ids are keys of.
  void rotate(const char* from, const char* to) { accounts_.at[with(to)] = accounts_.at[with(from)]; }
  static Placement with(const char* id) { return {.access_key_id = id}; }
  std::string recorded_id() { return run(store_->get_instance("i1"))->value().access_key_id; }
};

TEST_F(InstancesWithKeys, live_in_the_keys_account_from_beginning_to_end) {
  make();
  EXPECT_EQ(accounts_.at[with("AKIAOLD")].living_stacks(), 1U);
  EXPECT_EQ(accounts_.at[Placement()].living_stacks(), 0U);
  const auto record = core::to_text(to_json(run(store_->get_instance("i1"))->value()));
  EXPECT_THAT(record, AllOf(HasSubstr(R"("accessKeyId":"AKIAOLD")"), Not(HasSubstr("secret-of"))));
  start_with("AKIAOLD");
  ASSERT_TRUE(bind());
  EXPECT_TRUE(accounts_.at[with("AKIAOLD")].users.contains("aws-sb-binding-b1"));
  ASSERT_TRUE(unbind());
  EXPECT_FALSE(accounts_.at[with("AKIAOLD")].users.contains("aws-sb-binding-b1"));
  ASSERT_TRUE(deprovision());
  poll("i1", "deprovision");
  EXPECT_EQ(accounts_.at[with("AKIAOLD")].living_stacks(), 0U);
}

TEST_F(InstancesWithKeys, go_on_by_the_keys_that_their_own_were_rotated_to) {
  make();
  rotate("AKIAOLD", "AKIANEW");
  start_with("AKIANEW");
  ASSERT_TRUE(bind()) << "also before the start has gone through the records";
  EXPECT_TRUE(accounts_.at[with("AKIANEW")].users.contains("aws-sb-binding-b1"));
  EXPECT_EQ(recorded_id(), "AKIAOLD");
  ASSERT_TRUE(run(broker_->resume()));
  EXPECT_EQ(recorded_id(), "AKIANEW");
  ASSERT_TRUE(deprovision());
  poll("i1", "deprovision");
  EXPECT_EQ(accounts_.at[with("AKIANEW")].living_stacks(), 0U);
  EXPECT_FALSE(accounts_.at[with("AKIANEW")].users.contains("aws-sb-binding-b1"));
}

TEST_F(InstancesWithKeys, that_are_being_deleted_while_keys_are_rotated_are_deleted) {
  make();
  accounts_.at[with("AKIAOLD")].refusal = core::Error{.kind = ErrorKind::timeout, .message = "no answer"};
  ASSERT_FALSE(deprovision());
  accounts_.at[with("AKIAOLD")].refusal.reset();
  rotate("AKIAOLD", "AKIANEW");
  start_with("AKIANEW");
  ASSERT_TRUE(run(broker_->resume()));
  poll("i1", "deprovision");
  EXPECT_EQ(accounts_.at[with("AKIANEW")].living_stacks(), 0U);
}

TEST_F(InstancesWithKeys, keep_their_own_as_long_as_those_that_took_their_place_do_not_work) {
  make();
  accounts_.at[with("AKIANEW")].refusal =
      core::Error{.kind = ErrorKind::internal, .message = "they are of another account"};
  start_with("AKIANEW");
  ASSERT_TRUE(run(broker_->resume()));
  EXPECT_EQ(recorded_id(), "AKIAOLD");
}

TEST_F(InstancesWithKeys, wait_unchanged_for_keys_that_were_taken_away) {
  make();
  ASSERT_TRUE(bind());
  start_with(nullptr);
  ASSERT_TRUE(run(broker_->resume()));
  const auto before = to_json(run(store_->get_instance("i1"))->value());
  for (const auto& [what, error] : {std::pair("bind", bind().error()), std::pair("update", update().error()),
                                    std::pair("deprovision", deprovision().error())}) {
    EXPECT_EQ(error.kind, ErrorKind::internal) << what;
    EXPECT_THAT(error.message,
                AllOf(HasSubstr("PARAM_OVERRIDE_test_c_tenant_s3_aws_access_key"), Not(HasSubstr("AKIA"))))
        << what;
  }
  EXPECT_EQ(to_json(run(store_->get_instance("i1"))->value()), before);
  start_with("AKIAOLD");
  ASSERT_TRUE(unbind());
  ASSERT_TRUE(deprovision());
  poll("i1", "deprovision");
  EXPECT_EQ(accounts_.at[with("AKIAOLD")].living_stacks(), 0U);
}

TEST_F(InstancesWithKeys, are_looked_for_there_where_no_record_tells_of_them) {
  make();
  ASSERT_TRUE(bind());
  ASSERT_TRUE(run(store_->remove_binding(run(store_->get_binding("b1"))->value())));
  ASSERT_TRUE(run(store_->remove_instance(run(store_->get_instance("i1"))->value())));
  ASSERT_TRUE(unbind());
  EXPECT_FALSE(accounts_.at[with("AKIAOLD")].users.contains("aws-sb-binding-b1"));
  ASSERT_TRUE(deprovision());
  poll("i1", "deprovision");
  EXPECT_EQ(accounts_.at[with("AKIAOLD")].living_stacks(), 0U);
  accounts_.at[with("AKIAOLD")].refusal =
      core::Error{.kind = ErrorKind::unauthenticated, .message = "no", .code = "InvalidClientTokenId"};
  EXPECT_EQ(deprovision().error().kind, ErrorKind::gone) << "keys that were deleted in AWS keep nothing";
}

}  // namespace
}  // namespace broker
