"""A service broker that answers as a test says: at once, late, wrongly, or not at all."""

import json
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

Answer = tuple[int, object]  # status, and a JSON value, bytes, or pieces of a body without a length
INSTANCE = r"/v2/service_instances/[^/]+"
BINDING = INSTANCE + r"/service_bindings/[^/]+"


def catalog(name: str, **service) -> dict:
    """One class with one plan, named after the test, since names are unique in a control plane."""
    identity = uuid.uuid5(uuid.NAMESPACE_DNS, name)
    plan = {"id": f"{identity}-p", "name": "small", "description": "A plan", "free": True}
    offered = {"id": str(identity), "name": name, "description": "A class", "bindable": True, "plans": [plan]}
    return {"services": [{**offered, **service}]}


class FakeBroker:
    def __init__(self, name: str):
        self.name = name
        self.requests: list[tuple[str, str]] = []
        self.bodies: list[tuple[str, str, bytes]] = []  # with the method and the path
        self.headers: dict[str, str] = {}  # of every answer, besides the usual ones
        self.released = threading.Event()  # what a slow answer waits for
        self._answers: dict[tuple[str, str], Callable[[], Answer]] = {}
        self.answer("GET", "/v2/catalog", 200, catalog(name))
        self.answer("PUT", INSTANCE, 201, {})
        self.answer("DELETE", INSTANCE, 200, {})
        self.answer("PUT", BINDING, 201, {"credentials": {"user": "u", "password": "p"}})
        self.answer("DELETE", BINDING, 200, {})
        broker = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self):
                length = int(self.headers.get("Content-Length") or 0)
                sent = self.rfile.read(length)
                path = urlsplit(self.path).path
                broker.bodies.append((self.command, path, sent))
                broker.requests.append((self.command, path))
                status, body = broker._find(self.command, path)()
                if isinstance(body, Iterator):
                    self.stream(status, body)
                    return
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                for name, value in broker.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def stream(self, status, pieces):
                self.close_connection = True
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                try:
                    for piece in pieces:
                        self.wfile.write(piece)
                except OSError:  # the other side has enough
                    pass

            do_GET = do_PUT = do_DELETE = do_PATCH = respond  # noqa: N815 - the names that http.server calls

            def log_message(self, *_arguments):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, method: str, path: str, status: int, body: object) -> None:
        self._answers[method, path] = lambda: (status, body)

    def answer_late(self, method: str, path: str, status: int, body: object) -> None:
        """Not before `released` is set."""

        def wait() -> Answer:
            self.released.wait(120)
            return status, body

        self._answers[method, path] = wait

    def answer_in_pieces(self, method: str, path: str, status: int, pieces: Callable[[], Iterator[bytes]]) -> None:
        """As long as there are pieces and somebody who reads them."""
        self._answers[method, path] = lambda: (status, pieces())

    def count(self, method: str, path: str) -> int:
        return sum(1 for asked, where in self.requests if asked == method and re.fullmatch(path, where))

    def sent(self, method: str, path: str) -> list[dict]:
        """The bodies of such requests, in order."""
        return [json.loads(body) for asked, where, body in self.bodies if asked == method and re.fullmatch(path, where)]

    def stop(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def _find(self, method: str, path: str) -> Callable[[], Answer]:
        for (asked, pattern), answer in self._answers.items():
            if asked == method and re.fullmatch(pattern, path):
                return answer
        return lambda: (404, {"description": "no such path"})
