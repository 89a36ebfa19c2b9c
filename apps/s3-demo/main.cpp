// s3-demo: a sample application that uses the bucket of an S3 binding.
#include <CLI/CLI.hpp>

#include "async/program.hpp"
#include "cli/completion.hpp"
#include "cli/version.hpp"
#include "serve.hpp"

int main(int argc, char** argv) {
  CLI::App app(
      "Shows that an S3 binding works: each request GET / writes, reads, lists and deletes an item in the "
      "bucket.\nIt reads the keys of the binding's Secret from the environment: BUCKET_ARN, BUCKET_NAME, "
      "LOGGING_BUCKET_NAME,\nS3_AWS_ACCESS_KEY_ID, S3_AWS_SECRET_ACCESS_KEY and S3_REGION; for example\n  "
      "svcat exec -n s3-demo s3-binding -- s3-demo\nAWS_ENDPOINT_URL or AWS_ENDPOINT_URL_S3 sets another "
      "endpoint than the one of AWS.",
      "s3-demo");
  app.set_version_flag("--version", cli::version_line("s3-demo"));
  cli::add_completion(app);
  Options options;
  app.add_option("--address", options.address, "Address to listen on")
      ->envname("S3_DEMO_ADDRESS")
      ->capture_default_str();
  app.add_option("--port", options.port, "Port to listen on; 0 chooses a free one")
      ->envname("S3_DEMO_PORT")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return async::run_program(serve(options));
}
