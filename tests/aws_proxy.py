"""A proxy between the broker and the AWS emulator, which knows every call and can let it go wrong."""

import re
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

NOT_FORWARDED = {"connection", "transfer-encoding", "content-length", "keep-alive", "date", "server"}


@dataclass(frozen=True)
class Point:
    """One call: the Nth of this name in a phase of the test."""

    phase: str
    name: str  # "iam.CreateUser"
    number: int = 1

    def __str__(self) -> str:
        return f"{self.phase}: {self.name} #{self.number}"


@dataclass
class Reply:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Cut(Exception):
    """The connection is to be reset instead of an answer."""


# What happens to a call: it gets the call's name and a function that forwards it, and gives the answer or raises Cut.
Fault = Callable[[str, Callable[[], Reply]], Reply]


def lost(_name: str, forward) -> Reply:
    """Done, but its answer is lost."""
    forward()
    raise Cut


def throttled(name: str, _forward) -> Reply:
    """Not done, in the words of the service's protocol."""
    if name.startswith("dynamodb"):
        body = b'{"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException", "message": "Rate exceeded"}'
        return Reply(400, [("Content-Type", "application/x-amz-json-1.0")], body)
    if name.startswith("s3"):
        return Reply(503, [("Content-Type", "application/xml")], b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>")
    body = b"<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>"
    return Reply(400, [("Content-Type", "text/xml")], body)


def killing(kill: Callable[[], None], when: str) -> Fault:
    """The broker dies before the call is done, or after it was done and before its answer comes."""

    def fault(_name: str, forward) -> Reply:
        if when == "after":
            forward()
        kill()
        raise Cut

    return fault


class AwsProxy:
    """Serves until stop(). The test names its phase; each call is noted under it."""

    def __init__(self, target: str):
        self.phase = ""
        self.calls: list[Point] = []
        self.met = False  # the point of meet() was reached
        self._target = urlsplit(target).netloc
        self._lock = threading.Lock()
        self._seen: Counter[tuple[str, str]] = Counter()
        self._point: Point | None = None
        self._faults: list[Fault] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def meet(self, point: Point | None, *faults: Fault) -> None:
        """The call at the point meets the first fault, the next calls of its name the others. Counting starts anew."""
        with self._lock:
            self.calls.clear()
            self._seen.clear()
            self._point, self._faults = point, list(faults)
            self.met = False

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _fault_for(self, name: str) -> Fault | None:
        with self._lock:
            self._seen[self.phase, name] += 1
            point = Point(self.phase, name, self._seen[self.phase, name])
            self.calls.append(point)
            self.met = self.met or point == self._point
            if self.met and self._faults and name == self._point.name:
                return self._faults.pop(0)
            return None

    def _handler(self):
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_call(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                name = _name_of(self.headers, self.command, self.path, body)
                fault = proxy._fault_for(name)
                forward = lambda: self._forward(body)  # noqa: E731
                try:
                    reply = fault(name, forward) if fault else forward()
                except Cut:
                    # Closed with nothing left to linger: the other side sees a reset.
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.close_connection = True
                    return
                self.send_response_only(reply.status)
                for header, value in reply.headers:
                    self.send_header(header, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_one_call

            def _forward(self, body: bytes) -> Reply:
                connection = HTTPConnection(proxy._target, timeout=60)
                try:
                    connection.request(self.command, self.path, body, dict(self.headers))
                    answer = connection.getresponse()
                    headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in NOT_FORWARDED]
                    return Reply(answer.status, headers, answer.read())
                finally:
                    connection.close()

            def handle(self):
                try:
                    super().handle()
                except ConnectionError:  # the broker was killed
                    self.close_connection = True

            def log_message(self, *_):
                pass

        return Handler


def _name_of(headers, method: str, path: str, body: bytes) -> str:
    """service.Operation, from the signature's scope and what the service's protocol names the operation by."""
    scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", headers.get("Authorization") or "")
    service = scope[1] if scope else "unknown"
    if target := headers.get("X-Amz-Target"):
        return f"{service}.{target.rpartition('.')[2]}"
    if action := parse_qs(body.decode(errors="replace")).get("Action"):
        return f"{service}.{action[0]}"
    return f"{service}.{method} {urlsplit(path).path}"
