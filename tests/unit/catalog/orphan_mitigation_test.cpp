// Every row of the specification's table "Orphan Mitigation" and of its error codes, for instances and
// bindings: what is called after the answer, what users read, and that nothing is left when all is deleted.
#include <gtest/gtest.h>

#include "world.hpp"

namespace catalog {
namespace {

using Answer = ScriptedBroker::Answer;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Answer no_answer{.hangs = true};
const Answer not_reached{
    .error = core::Error{.kind = core::ErrorKind::unavailable, .message = "connection refused"}};

Answer status(int code) {
  return {.status = code, .body = R"({"description":"the broker's words"})"};
}
Answer error(const std::string& code) {
  return {.status = 422, .body = R"({"error":")" + code + R"(","description":"the broker's words"})"};
}
Answer state(const std::string& value) {
  return {.body = R"({"state":")" + value + R"(","description":"the broker's words"})"};
}
Answer garbage(int code) {
  return {.status = code, .body = "<html>"};
}

struct Row {
  const char* sentence;
  std::vector<Answer> answers;       // to the call; then it works
  std::vector<Answer> polls;         // to last_operation; then it has succeeded
  const char* story;                 // I: provision or bind, D: their delete, L: last_operation
  const char* end = "works";         // "works", or "failed": given up, to be repaired by people
  std::vector<Answer> deletes = {};  // to the delete; then it works
};

const std::vector<Row> creations{
    {"201 is success", {}, {}, "I"},
    {"200 is success", {status(200)}, {}, "I"},
    {"a malformed 200 leaves nothing and is repeated", {garbage(200)}, {}, "I I"},
    {"202 is asynchronous", {status(202)}, {}, "I L"},
    {"a malformed 201 leaves an orphan", {garbage(201)}, {}, "I D I"},
    {"a malformed 202 leaves an orphan", {garbage(202)}, {}, "I D I"},
    {"any other 2xx leaves an orphan", {status(204)}, {}, "I D I"},
    {"206 does, too", {status(206)}, {}, "I D I"},
    {"500 leaves an orphan", {status(500)}, {}, "I D I"},
    {"503 leaves an orphan", {status(503)}, {}, "I D I"},
    {"a time-out leaves an orphan", {no_answer}, {}, "I D I"},
    {"a broker that was not reached has nothing", {not_reached}, {}, "I I"},
    {"408 leaves nothing and is repeated", {status(408)}, {}, "I I"},
    {"429 leaves nothing and is repeated", {status(429)}, {}, "I I"},
    {"401 leaves nothing and is repeated", {status(401)}, {}, "I I"},
    {"403 leaves nothing and is repeated", {status(403)}, {}, "I I"},
    {"ConcurrencyError waits and is repeated", {error("ConcurrencyError")}, {}, "I I"},
    {"400 is final", {status(400)}, {}, "I", "failed"},
    {"404 is final", {status(404)}, {}, "I", "failed"},
    {"404 of an ingress is not the broker's", {garbage(404)}, {}, "I I"},
    {"409 is final", {status(409)}, {}, "I", "failed"},
    {"410 is final", {status(410)}, {}, "I", "failed"},
    {"422 is final", {status(422)}, {}, "I", "failed"},
    {"AsyncRequired is final for who can do no more", {error("AsyncRequired")}, {}, "I", "failed"},
    {"RequiresApp is final", {error("RequiresApp")}, {}, "I", "failed"},
    {"302 is followed nowhere", {status(302)}, {}, "I", "failed"},
    {"a failed operation leaves an orphan", {status(202)}, {state("failed")}, "I L D", "failed"},
    {"an operation is asked about through errors",
     {status(202)},
     {status(500), status(404), status(400), status(410), garbage(200), state("dancing"), not_reached},
     "I L L L L L L L L"},
    {"an orphan that cannot be removed is tried again",
     {status(500)},
     {},
     "I D D D D D I",
     "works",
     {status(500), status(400), no_answer, error("ConcurrencyError")}},
    {"an orphan that is not there is removed", {status(500)}, {}, "I D I", "works", {status(410)}},
    {"an orphan may be removed asynchronously", {status(500)}, {}, "I D L I", "works", {status(202)}},
    {"400 after an answer that was cut is final", {garbage(200), status(400)}, {}, "I I", "failed"},
    {"422 after a connection that broke is final", {not_reached, status(422)}, {}, "I I", "failed"},
    {"400 to a repeated call says nothing of the first",
     {status(429), error("ConcurrencyError"), status(400)},
     {},
     "I I I",
     "failed"},
    {"409 is another's, whatever was asked before", {not_reached, status(409)}, {}, "I I", "failed"},
    {"five failures in a row", std::vector<Answer>(5, status(500)), {}, "I D I D I D I D I D I"},
};

const std::vector<Row> removals{
    {"200 is success", {}, {}, "D"},
    {"410 is success", {status(410)}, {}, "D"},
    {"410 of an ingress is not the broker's", {garbage(410)}, {}, "D D"},
    {"a malformed 200 is success", {garbage(200)}, {}, "D"},
    {"202 is asynchronous", {status(202)}, {}, "D L"},
    {"410 of the operation is success", {status(202)}, {status(410)}, "D L"},
    {"a malformed 202 is repeated", {garbage(202)}, {}, "D D"},
    {"any other 2xx is repeated", {status(204)}, {}, "D D"},
    {"500 is repeated", {status(500)}, {}, "D D"},
    {"a time-out is repeated", {no_answer}, {}, "D D"},
    {"a broker that was not reached is asked again", {not_reached}, {}, "D D"},
    {"400 is repeated", {status(400)}, {}, "D D"},
    {"404 is repeated", {status(404)}, {}, "D D"},
    {"408 is repeated", {status(408)}, {}, "D D"},
    {"ConcurrencyError is repeated", {error("ConcurrencyError")}, {}, "D D"},
    {"a failed operation is repeated", {status(202)}, {state("failed")}, "D L D L"},
    {"an operation is asked about through errors",
     {status(202)},
     {status(500), status(404), garbage(200), not_reached},
     "D L L L L L"},
};

const std::vector<Row> updates{
    {"200 is success", {}, {}, "U"},
    {"202 is asynchronous", {status(202)}, {}, "U L"},
    {"500 is repeated and nothing is deleted", {status(500)}, {}, "U U"},
    {"a time-out is repeated and nothing is deleted", {no_answer}, {}, "U U"},
    {"a malformed 200 is repeated", {garbage(200)}, {}, "U U"},
    {"a malformed 202 is repeated", {garbage(202)}, {}, "U U"},
    {"ConcurrencyError is repeated", {error("ConcurrencyError")}, {}, "U U"},
    {"400 is final", {status(400)}, {}, "U", "failed"},
    {"a failed operation deletes nothing", {status(202)}, {state("failed")}, "U L", "failed"},
};

class Spec : public testing::Test {
 protected:
  struct Kind {
    const char *create, *remove;
  };
  static constexpr Kind of_instances{"provision", "deprovision"}, of_bindings{"bind", "unbind"};

  // The story in letters, from the nth call on.
  static std::string letters(const World& world, std::size_t from, const Kind& kind) {
    std::string text;
    std::istringstream calls(world.broker.story());
    std::size_t number = 0;
    for (std::string call; calls >> call;) {
      if (number++ < from || call == "fetch_binding") continue;
      const char* letter = call == kind.create        ? "I"
                           : call == kind.remove      ? "D"
                           : call == "last_operation" ? "L"
                           : call == "update"         ? "U"
                                                      : "?";
      text += (text.empty() ? "" : " ") + std::string(letter);
    }
    return text;
  }
  static std::size_t calls(const World& world) {
    std::string story = world.broker.story();
    return story.empty() ? 0 : static_cast<std::size_t>(std::ranges::count(story, ' ')) + 1;
  }
  static void plan(World& world, const char* call, std::vector<Answer> answers, const Answer& then) {
    answers.push_back(then);
    world.broker.plan(call, std::move(answers));
  }
  static const Answer& good_creation(const Kind& kind) {
    static const Answer instance{.status = 201};
    static const Answer binding{.status = 201, .body = R"({"credentials":{"BUCKET_NAME":"b"}})"};
    return kind.create == of_instances.create ? instance : binding;
  }
  static const json::object* object_of(const World& world, const Kind& kind) {
    return kind.create == of_instances.create ? world.instance_now() : world.binding_now();
  }
  static bool is_settled(const World& world, const Kind& kind, std::string_view end) {
    const json::object* object = object_of(world, kind);
    if (object == nullptr) return false;
    OperatedView view(*object);
    if (end == "works") return view.ready();
    return view.failed() && view.current_operation().empty() && !view.orphan_mitigation_in_progress();
  }
  static void delete_everything(World& world) {
    for (const auto& [resource, name] : {std::pair(&resources::service_bindings, "s3-binding"),
                                         std::pair(&resources::service_instances, "s3-bucket")}) {
      if (world.api.find(World::of(*resource), "s3-demo", name)) world.remove(*resource, name);
    }
    EXPECT_TRUE(world.until([&] { return !world.binding_now() && !world.instance_now(); }, minutes(5)));
    EXPECT_TRUE(world.broker.things().empty()) << "an orphan: " << *world.broker.things().begin();
    EXPECT_EQ(world.secret_now(), nullptr);
  }
  // Brokers, and the instance where bindings are looked at.
  static void prepare(World& world, const Kind& kind) {
    world.create_broker();
    ASSERT_TRUE(world.until([&] { return world.reason(world.broker_now()) == "FetchedCatalog"; }));
    if (kind.create == of_instances.create) return;
    world.create_instance();
    ASSERT_TRUE(world.until([&] { return is_settled(world, of_instances, "works"); }));
  }

  static void creates(const Kind& kind) {
    for (const Row& row : creations) {
      SCOPED_TRACE(row.sentence);
      World world;
      prepare(world, kind);
      std::size_t before = calls(world);
      std::vector<Answer> answers = row.answers;
      for (Answer& answer : answers) {
        bool well_formed = answer.status == 200 && answer.body != garbage(200).body;
        if (well_formed && kind.create == of_bindings.create) answer.body = good_creation(kind).body;
      }
      plan(world, kind.create, std::move(answers), good_creation(kind));
      plan(world, kind.remove, row.deletes, {});
      plan(world, "last_operation", row.polls, state("succeeded"));
      if (kind.create == of_instances.create) {
        world.create_instance();
      } else {
        world.create_binding();
      }
      EXPECT_TRUE(world.until([&] { return is_settled(world, kind, row.end); }, minutes(10)))
          << core::to_text(*object_of(world, kind));
      world.let_pass(minutes(20));
      EXPECT_EQ(letters(world, before, kind), row.story);
      EXPECT_TRUE(is_settled(world, kind, row.end));
      if (std::string_view(row.end) == "failed" && !row.answers.empty() && row.answers[0].status >= 400)
        EXPECT_NE(core::to_text(*object_of(world, kind)).find("the broker's words"), std::string::npos);
      delete_everything(world);
    }
  }

  static void removes(const Kind& kind) {
    for (const Row& row : removals) {
      SCOPED_TRACE(row.sentence);
      World world;
      prepare(world, kind);
      if (kind.create == of_instances.create) {
        world.create_instance();
      } else {
        world.create_binding();
      }
      ASSERT_TRUE(world.until([&] { return is_settled(world, kind, "works"); }));
      std::size_t before = calls(world);
      // An operation that has failed is begun anew, asynchronously as before.
      bool begun_anew = !row.polls.empty() && row.polls[0].body.contains("failed");
      plan(world, kind.remove, row.answers, begun_anew ? row.answers.back() : Answer{});
      plan(world, "last_operation", row.polls, state("succeeded"));
      if (kind.create == of_instances.create) {
        world.remove(resources::service_instances, "s3-bucket");
      } else {
        world.remove(resources::service_bindings, "s3-binding");
      }
      EXPECT_TRUE(world.until([&] { return !object_of(world, kind); }, minutes(10)))
          << core::to_text(*object_of(world, kind));
      EXPECT_EQ(letters(world, before, kind), row.story);
      delete_everything(world);
    }
  }
};

TEST_F(Spec, rows_of_provision_end_without_orphans_duplicates_or_stuck_instances) {
  creates(of_instances);
}

TEST_F(Spec, rows_of_bind_end_without_orphans_duplicates_or_stuck_bindings) {
  creates(of_bindings);
}

TEST_F(Spec, rows_of_deprovision_end_with_the_instance_gone) {
  removes(of_instances);
}

TEST_F(Spec, rows_of_unbind_end_with_the_binding_and_its_secret_gone) {
  removes(of_bindings);
}

TEST_F(Spec, rows_of_update_delete_nothing) {
  for (const Row& row : updates) {
    SCOPED_TRACE(row.sentence);
    World world;
    prepare(world, of_instances);
    world.create_instance();
    ASSERT_TRUE(world.until([&] { return is_settled(world, of_instances, "works"); }));
    std::size_t before = calls(world);
    plan(world, "update", row.answers, {});
    plan(world, "last_operation", row.polls, state("succeeded"));
    world.edit(resources::service_instances, "s3-bucket", R"({"spec":{"parameters":{"Size":3}}})");
    std::string_view end =
        std::string_view(row.end) == "works" ? "InstanceUpdatedSuccessfully" : "UpdateInstanceCallFailed";
    EXPECT_TRUE(world.until([&] { return world.reason(world.instance_now()) == end; }, minutes(10)))
        << core::to_text(*world.instance_now());
    world.let_pass(minutes(20));
    EXPECT_EQ(letters(world, before, of_instances), row.story);
    EXPECT_EQ(world.broker.things().size(), 1U);
    delete_everything(world);
  }
}

TEST_F(Spec, a_failed_creation_is_made_when_its_spec_is_changed_and_leaves_nothing) {
  for (const Row& row : creations) {
    if (std::string_view(row.end) != "failed") continue;
    SCOPED_TRACE(row.sentence);
    World world;
    prepare(world, of_instances);
    plan(world, "provision", row.answers, good_creation(of_instances));
    plan(world, "last_operation", row.polls, state("succeeded"));
    world.create_instance();
    ASSERT_TRUE(world.until([&] { return is_settled(world, of_instances, "failed"); }, minutes(10)));
    world.edit(resources::service_instances, "s3-bucket", R"({"spec":{"parameters":{"Size":3}}})");
    EXPECT_TRUE(world.until([&] { return is_settled(world, of_instances, "works"); }, minutes(1)));
    EXPECT_EQ(world.broker.things().size(), 1U);
    delete_everything(world);
  }
}

}  // namespace
}  // namespace catalog
