"""A CloudFormation that makes nothing: it keeps each CreateStack request to be looked at, for classes that no emulator can make."""

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

ACCOUNT = "000000000000"


@dataclass
class CreateStack:
    """A request as it was read from the wire."""

    stack_name: str
    parameters: dict[str, str]
    tags: dict[str, str]
    capabilities: list[str]
    token: str
    template: str
    others: dict[str, str]  # what the form had beside these

    @property
    def stack_id(self) -> str:
        return f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/{self.stack_name}/recorded"

    @classmethod
    def read(cls, form: dict[str, str]) -> "CreateStack":
        rest = {name: value for name, value in form.items() if name not in ("Action", "Version")}
        return cls(
            stack_name=rest.pop("StackName"),
            parameters=_take_pairs(rest, "Parameters", "ParameterKey", "ParameterValue"),
            tags=_take_pairs(rest, "Tags", "Key", "Value"),
            capabilities=_take_list(rest, "Capabilities"),
            token=rest.pop("ClientRequestToken"),
            template=rest.pop("TemplateBody"),
            others=rest,
        )


def _take_list(form: dict[str, str], name: str) -> list[str]:
    taken = []
    while (value := form.pop(f"{name}.member.{len(taken) + 1}", None)) is not None:
        taken.append(value)
    return taken


def _take_pairs(form: dict[str, str], name: str, key: str, value: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    while (found := form.pop(f"{name}.member.{len(pairs) + 1}.{key}", None)) is not None:
        pairs[found] = form.pop(f"{name}.member.{len(pairs) + 1}.{value}")
    return pairs


def _answer(version: str, action: str, result: str) -> tuple[int, str]:
    return 200, f'<{action}Response xmlns="{version}"><{action}Result>{result}</{action}Result></{action}Response>'


class CloudFormationRecorder:
    """Answers GetCallerIdentity, CreateStack and DescribeStacks: every stack stays in creation. All else is refused, and that is kept too."""

    def __init__(self):
        self.created: list[CreateStack] = []
        self.refused: list[str] = []
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):  # noqa: N802 - the name that http.server calls
                length = int(self.headers.get("Content-Length") or 0)
                form = dict(parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True))
                status, text = recorder._respond(form)
                data = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_arguments):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def environment(self) -> dict[str, str]:
        return {"AWS_ENDPOINT_URL": self.url}

    def of_instance(self, instance: str) -> CreateStack:
        """The only request that was made for an instance."""
        (found,) = [each for each in self.created if each.stack_name.endswith(instance)]
        return found

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _respond(self, form: dict[str, str]) -> tuple[int, str]:
        action = form.get("Action", "")
        if action == "GetCallerIdentity":
            arn = f"arn:aws:iam::{ACCOUNT}:user/recorder"
            identity = f"<Arn>{arn}</Arn><UserId>recorder</UserId><Account>{ACCOUNT}</Account>"
            return _answer("https://sts.amazonaws.com/doc/2011-06-15/", action, identity)
        cloudformation = "http://cloudformation.amazonaws.com/doc/2010-05-15/"
        if action == "CreateStack":
            request = CreateStack.read(form)
            self.created.append(request)
            return _answer(cloudformation, action, f"<StackId>{escape(request.stack_id)}</StackId>")
        if action == "DescribeStacks":
            asked = [each for each in self.created if form.get("StackName") in (None, each.stack_name, each.stack_id)]
            return _answer(cloudformation, action, f"<Stacks>{''.join(map(_stack_element, asked))}</Stacks>")
        self.refused.append(action)
        error = f"<Code>InvalidAction</Code><Message>The recorder knows no {escape(action)}</Message>"
        return 400, f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error></ErrorResponse>"


def _stack_element(request: CreateStack) -> str:
    tags = "".join(f"<member><Key>{escape(key)}</Key><Value>{escape(value)}</Value></member>" for key, value in request.tags.items())
    return (
        f"<member><StackId>{escape(request.stack_id)}</StackId><StackName>{escape(request.stack_name)}</StackName>"
        f"<StackStatus>CREATE_IN_PROGRESS</StackStatus><Tags>{tags}</Tags></member>"
    )
