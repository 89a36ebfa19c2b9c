// Reading the catalog's objects by what people call them, and what is said where that does not work.
#include "svcat/reader.hpp"

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "objects.hpp"
#include "testing/fake_kube_api.hpp"
#include "testing/run.hpp"

namespace svcat {
namespace {

using core::ErrorKind;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* api = "/apis/servicecatalog.k8s.io/v1beta1/";

class Reading : public testing::Test {
 protected:
  template <class T>
  T run(async::Task<T> task) {
    return fakes::run(io_, std::move(task));
  }
  void put(const std::string& plural, const core::json::object& object) { api_.put(api + plural, object); }
  void put_catalog() {
    put("clusterserviceclasses", an_object("c-1", "", R"({"externalName":"s3"})"));
    put("serviceclasses", an_object("c-2", "ns", R"({"externalName":"s3"})"));
    put("clusterserviceclasses", an_object("c-3", "", R"({"externalName":"sqs"})"));
    put("clusterserviceplans",
        an_object("p-1", "", R"({"externalName":"small","clusterServiceClassRef":{"name":"c-1"}})"));
    put("clusterserviceplans",
        an_object("p-3", "", R"({"externalName":"small","clusterServiceClassRef":{"name":"c-3"}})"));
  }
  std::string error(Kind kind, const Place& place, const char* name) {
    const auto found = run(reader_.find_one(kind, place, name));
    return found ? "found" : found.error().message;
  }

  boost::asio::io_context io_;
  fakes::FakeKubeApi api_{io_.get_executor()};
  kube::Client client_{api_, "test"};
  Reader reader_{client_};
};

TEST_F(Reading, lists_both_scopes_the_cluster_wide_ones_first) {
  put_catalog();
  put("serviceclasses", an_object("c-9", "else", R"({"externalName":"a"})"));
  const auto here = run(reader_.list(Kind::service_class, {.namespace_ = "ns"}));
  ASSERT_TRUE(here) << here.error().message;
  EXPECT_THAT(names_of(*here), ElementsAre("c-1", "c-3", "c-2"));
  EXPECT_EQ(core::find_string(here->at(2), {"kind"}), "ServiceClass") << "items of a list may come without";
  EXPECT_EQ(core::find_string(here->at(0), {"apiVersion"}), "servicecatalog.k8s.io/v1beta1");
  const auto everywhere =
      run(reader_.list(Kind::service_class, {.all_namespaces = true, .scope = ScopeChoice::namespaced}));
  EXPECT_THAT(names_of(*everywhere), ElementsAre("c-9", "c-2"));
}

TEST_F(Reading, finds_a_plan_by_class_and_plan_and_says_how_where_a_name_is_not_enough) {
  put_catalog();
  EXPECT_EQ(core::find_string(*run(reader_.find_one(Kind::plan, {}, "sqs/small")), {"metadata", "name"}),
            "p-3");
  EXPECT_EQ(core::find_string(*run(reader_.find_one(Kind::plan, {}, "p-1")), {"metadata", "name"}), "p-1");
  EXPECT_THAT(error(Kind::plan, {}, "small"),
              AllOf(HasSubstr("s3/small (cluster-wide), sqs/small (cluster-wide)"), HasSubstr("CLASS/PLAN")));
  EXPECT_THAT(error(Kind::service_class, {.namespace_ = "ns"}, "s3"),
              AllOf(HasSubstr("c-1 (cluster-wide), c-2 (namespace ns)"), HasSubstr("--scope")));
}

TEST_F(Reading, says_what_there_is_where_a_name_is_not_found) {
  EXPECT_EQ(error(Kind::instance, {.namespace_ = "ns"}, "x"),
            "instance \"x\" not found in namespace ns: there are none");
  for (int i = 0; i < 12; ++i) put("serviceinstances", an_object("i-" + std::to_string(10 + i), "ns", "{}"));
  EXPECT_EQ(error(Kind::instance, {.namespace_ = "ns"}, "x"),
            "instance \"x\" not found in namespace ns: there are i-10, i-11, i-12, i-13, i-14, i-15, i-16, "
            "i-17, i-18, "
            "i-19 and 2 more");
  EXPECT_THAT(error(Kind::broker, {.scope = ScopeChoice::cluster}, "x"), HasSubstr("not found cluster-wide"));
  EXPECT_THAT(error(Kind::broker, {.all_namespaces = true}, "x"), HasSubstr("in any namespace"));
}

TEST_F(Reading, says_what_to_do_where_service_catalog_is_not_installed) {
  api_.answer_next(404, "404 page not found");
  const auto listed = run(reader_.list(Kind::broker, {}));
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().kind, ErrorKind::not_found);
  EXPECT_THAT(listed.error().message, AllOf(HasSubstr("clusterservicebrokers.servicecatalog.k8s.io"),
                                            HasSubstr("install Service Catalog")));
}

TEST_F(Reading, passes_the_servers_errors_on_with_what_it_was_doing) {
  api_.fail_next({.kind = ErrorKind::unavailable, .message = "connection refused", .code = {}});
  const auto listed = run(reader_.list(Kind::binding, {}));
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(listed.error().message, AllOf(HasSubstr("servicebindings"), HasSubstr("connection refused")));
  const auto read = run(reader_.get(kube::resources::secrets, {"ns", "creds"}));
  EXPECT_THAT(read.error().message, HasSubstr("reading Secret ns/creds"));
}

}  // namespace
}  // namespace svcat
