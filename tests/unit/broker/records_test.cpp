// The stored form of records.
#include "broker/records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/seal.hpp"

namespace broker {
namespace {

namespace json = boost::json;

InstanceRecord full_instance(InstancePhase phase) {
  return {.id = "i1",
          .service_id = "s",
          .plan_id = "p",
          .class_name = "s3",
          .fingerprint = "f",
          .phase = phase,
          .stack_name = "n",
          .stack_id = "arn",
          .region = "eu-west-1",
          .role_arn = "role",
          .external_id = "x",
          .access_key_id = "AKIA",
          .template_digest = "d",
          .parameters = {{"Size", 5}, {"Name", "n"}, {"Nothing", ""}},
          .stack_input = {{"parameters", {{"Size", "5"}}}, {"tags", {{"k", "v"}}}},
          .failure = "why"};
}

TEST(InstanceRecord, is_the_same_after_being_stored_in_every_phase) {
  for (const auto phase :
       {InstancePhase::creating, InstancePhase::ready, InstancePhase::failed, InstancePhase::deleting}) {
    const InstanceRecord record = full_instance(phase);
    const auto stored = core::parse_json(core::to_text(to_json(record)));
    const InstanceRecord read = instance_from_json(stored->as_object());
    EXPECT_EQ(read.phase, phase);
    EXPECT_EQ(to_json(read), to_json(record));
    EXPECT_EQ(read.stack_input, record.stack_input);
    EXPECT_EQ(read.role_arn, "role");
    EXPECT_EQ(read.access_key_id, "AKIA");
    EXPECT_EQ(read.version, 0) << "the version is the store's";
  }
}

TEST(BindingRecord, is_the_same_after_being_stored_in_every_phase) {
  for (const auto phase : {BindingPhase::creating, BindingPhase::ready, BindingPhase::failed,
                           BindingPhase::expired, BindingPhase::deleting}) {
    const BindingRecord record{.id = "b1",
                               .instance_id = "i1",
                               .service_id = "s",
                               .plan_id = "p",
                               .fingerprint = "f",
                               .phase = phase,
                               .user_name = "u",
                               .access_key_id = "AKIA",
                               .sealed_secret_key = std::string("\x01\x00\xff raw", 8),
                               .sealed_credentials = std::string("\x02\x00\xff raw", 8),
                               .policy_arn = "arn",
                               .role_name = "r",
                               .scope = "read",
                               .predecessor_id = "b0",
                               .expires_at = "then",
                               .renew_before = "earlier",
                               .operation = "bind",
                               .begun = "now",
                               .failure = "why",
                               .parameters = {{"Scope", "read"}}};
    const auto stored = core::parse_json(core::to_text(to_json(record)));
    ASSERT_TRUE(stored) << "the sealed bytes are no UTF-8";
    const BindingRecord read = binding_from_json(stored->as_object());
    EXPECT_EQ(read.phase, phase);
    EXPECT_EQ(read.sealed_secret_key, record.sealed_secret_key);
    EXPECT_EQ(to_json(read), to_json(record));
  }
}

TEST(BindingRecord, keeps_the_secret_key_unreadable_and_it_can_be_opened_again) {
  const core::Sealer sealer = core::Sealer::ephemeral();
  const BindingRecord record{.id = "b1", .sealed_secret_key = sealer.seal("top-secret", "b1")};
  const std::string stored = core::to_text(to_json(record));
  EXPECT_EQ(stored.find("top-secret"), std::string::npos);
  const BindingRecord read = binding_from_json(core::parse_json(stored)->as_object());
  EXPECT_EQ(sealer.open(read.sealed_secret_key, "b1"), "top-secret");
  EXPECT_FALSE(sealer.open(read.sealed_secret_key, "b2")) << "it cannot be moved to another binding";
}

TEST(Records, of_an_unknown_phase_can_only_be_deleted) {
  for (const char* phase : {"waiting", "", "READY"}) {
    EXPECT_EQ(instance_from_json({{"id", "i"}, {"phase", phase}}).phase, InstancePhase::failed) << phase;
    EXPECT_EQ(binding_from_json({{"id", "b"}, {"phase", phase}}).phase, BindingPhase::deleting) << phase;
  }
}

TEST(Records, with_fields_of_the_wrong_type_are_read_as_if_these_were_missing) {
  const json::object odd{{"id", 7}, {"phase", {1}}, {"parameters", "x"}, {"sealedSecretKey", "no base64!"}};
  const InstanceRecord instance = instance_from_json(odd);
  EXPECT_EQ(instance.id, "");
  EXPECT_EQ(instance.phase, InstancePhase::failed);
  EXPECT_TRUE(instance.parameters.empty());
  const BindingRecord binding = binding_from_json(odd);
  EXPECT_EQ(binding.sealed_secret_key, "");
  EXPECT_EQ(binding.phase, BindingPhase::deleting);
}

}  // namespace
}  // namespace broker
