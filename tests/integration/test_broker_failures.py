"""AWS that is away or throttles: the platform must be told to try again, never that its request was wrong."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from chandlery_dev.processes import free_port
from osb_client import new_id

THROTTLED = (
    b'<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type>'
    b"<Code>Throttling</Code><Message>Rate exceeded</Message></Error><RequestId>r</RequestId></ErrorResponse>"
)


@pytest.fixture
def throttling_aws():
    """Answers every call as CloudFormation does when there are too many; gives its address and the number of calls."""
    calls: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            calls.append(self.path)
            self.send_response(400)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(THROTTLED)))
            self.end_headers()
            self.wfile.write(THROTTLED)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", calls
    server.shutdown()
    thread.join()
    server.server_close()


def is_told_to_try_again(broker, says: str) -> None:
    answer = broker.client.provision(new_id(), "sqs", "standard")
    # Whether there is a stack cannot be said: after a status of 5xx a platform would delete it.
    assert (answer.status, answer.body["error"]) == (422, "ConcurrencyError"), answer
    assert says in answer.body["description"]


def test_aws_that_is_away(make_broker):
    away = f"http://127.0.0.1:{free_port()}"
    is_told_to_try_again(make_broker(environment={"AWS_ENDPOINT_URL_CLOUDFORMATION": away}), away)


def test_aws_that_throttles_is_asked_again(make_broker, throttling_aws):
    url, calls = throttling_aws
    is_told_to_try_again(make_broker(environment={"AWS_ENDPOINT_URL_CLOUDFORMATION": url}), "Rate exceeded")
    assert len(calls) > 1
