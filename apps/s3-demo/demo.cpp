#include "demo.hpp"

#include "aws/session.hpp"
#include "core/uuid.hpp"
#include "items.hpp"

namespace {

constexpr std::string_view item_id = "test";
constexpr std::string_view first_content = "test_content";
constexpr std::string_view updated_content = "updated_test_content";

Outcome succeeded(std::string message, std::optional<core::json::value> response = std::nullopt) {
  return {.success = true, .messages = {std::move(message)}, .response = std::move(response)};
}

Outcome failed(std::vector<std::string> messages) {
  return {.success = false, .messages = std::move(messages)};
}

async::Task<Outcome> put(Items& items) {
  auto done = co_await items.put(std::string(item_id), std::string(first_content));
  if (!done) co_return failed({"Putting the item failed: " + done.error().message});
  co_return succeeded("Successfully put item", core::json::value(nullptr));
}

async::Task<Outcome> describe(Items& items) {
  auto content = co_await items.content(std::string(item_id));
  if (!content) co_return failed({"Describing the item failed: " + content.error().message});
  core::json::object item;
  item["item_id"] = item_id;
  item["content"] = *content;
  if (*content != first_content) co_return failed({"The item does not have the content that was written"});
  co_return succeeded("Successfully described item", std::move(item));
}

async::Task<Outcome> list(Items& items) {
  auto ids = co_await items.ids();
  if (!ids) co_return failed({"Listing the items failed: " + ids.error().message});
  if (*ids != std::vector{std::string(item_id)})
    co_return failed({"The list does not have exactly the item that was written"});
  co_return succeeded("Successfully listed items", core::json::array(ids->begin(), ids->end()));
}

async::Task<Outcome> put_again(Items& items) {
  std::vector<std::string> messages;
  auto done = co_await items.put(std::string(item_id), std::string(updated_content));
  if (!done) co_return failed({"Putting the item again failed: " + done.error().message});
  messages.emplace_back("Put an additional item with duplicate item_id");

  auto content = co_await items.content(std::string(item_id));
  if (!content || *content != updated_content) {
    messages.push_back(content ? "Describe does not have the updated content"
                               : "Describing the item failed: " + content.error().message);
    co_return failed(std::move(messages));
  }
  messages.emplace_back("Verified describe has updated content");

  auto ids = co_await items.ids();
  if (!ids || ids->size() != 1) {
    messages.push_back(ids ? "List has " + std::to_string(ids->size()) + " items instead of one"
                           : "Listing the items failed: " + ids.error().message);
    co_return failed(std::move(messages));
  }
  messages.emplace_back("Verified list does not contain duplicates");
  messages.emplace_back("Successfully tested idempotency");
  co_return Outcome{.success = true, .messages = std::move(messages)};
}

async::Task<Outcome> remove(Items& items) {
  auto done = co_await items.remove(std::string(item_id));
  if (!done) co_return failed({"Deleting the item failed: " + done.error().message});
  auto ids = co_await items.ids();
  if (!ids) co_return failed({"Listing the items failed: " + ids.error().message});
  if (!ids->empty()) co_return failed({"The deleted item is still listed"});
  co_return succeeded("Successfully deleted item", core::json::value(nullptr));
}

async::Task<Outcome> clean_up(Items& items) {
  auto done = co_await items.remove_all();
  if (!done) co_return failed({"Cleaning up failed: " + done.error().message});
  co_return succeeded("Successfully cleaned up all items");
}

async::Task<Report> run_steps(Items& items) {
  Report report;
  report.put = co_await put(items);
  if (report.put.success) {
    report.describe = co_await describe(items);
    report.list = co_await list(items);
    report.idempotency = co_await put_again(items);
    report.remove = co_await remove(items);
  }
  report.cleanup = co_await clean_up(items);
  co_return report;
}

void redact(Report& report, const Secrets& secrets) {
  for (Outcome* outcome :
       {&report.cleanup, &report.put, &report.describe, &report.list, &report.idempotency, &report.remove}) {
    for (std::string& message : outcome->messages)
      if (!outcome->success) message = secrets.redacted(std::move(message));
  }
}

aws::SessionOptions session_options(const Secrets& secrets) {
  aws::SessionOptions options;
  options.region = secrets.region;
  options.credentials = std::make_shared<aws::StaticCredentials>(
      aws::Identity{.access_key_id = secrets.access_key_id, .secret_access_key = secrets.secret_access_key});
  return options;
}

}  // namespace

Demo::Demo(boost::asio::any_io_executor executor, aws::Environment environment)
    : executor_(executor),
      environment_(std::move(environment)),
      prefix_("s3-demo/" + core::Uuid::random().to_string() + "/"),
      finished_(std::move(executor)) {}

async::Task<Report> Demo::run() {
  while (running_) co_await finished_.wait();
  struct Turn {
    explicit Turn(Demo& demo) : demo_(demo) { demo_.running_ = true; }
    ~Turn() {
      demo_.running_ = false;
      demo_.finished_.notify();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    Demo& demo_;
  };
  const Turn turn(*this);
  co_return co_await run_alone();
}

async::Task<Report> Demo::run_alone() {
  const std::optional<Secrets> secrets = secrets_from(environment_);
  if (!secrets) {
    Report report;
    report.cleanup = failed({"Required secrets are not present in environment variables"});
    co_return report;
  }
  aws::SessionOptions options = session_options(*secrets);
  options.transports = aws::socket_transports(executor_);
  options.clock = &clock_;
  options.environment = environment_;
  aws::Session session(std::move(options));
  Items items(session, secrets->bucket_name, prefix_);
  Report report = co_await run_steps(items);
  redact(report, *secrets);
  co_return report;
}
