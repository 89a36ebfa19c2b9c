"""A CloudFormation that makes nothing: it keeps each CreateStack and UpdateStack to be looked at, for classes that no emulator can make."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

ACCOUNT = "000000000000"


@dataclass
class StackRequest:
    """As it was read from the wire."""

    stack_name: str  # or its id
    parameters: dict[str, str]
    unchanged: set[str]  # parameters that keep their values
    tags: dict[str, str]
    capabilities: list[str]
    token: str
    template: str | None  # None: the stack's own, or that of the form's TemplateURL
    others: dict[str, str]  # what the form had beside these

    @classmethod
    def read(cls, form: dict[str, str]) -> "StackRequest":
        rest = {name: value for name, value in form.items() if name not in ("Action", "Version")}
        keeps_template = rest.pop("UsePreviousTemplate", "false") == "true"
        parameters, unchanged = _take_parameters(rest)
        return cls(
            stack_name=rest.pop("StackName"),
            parameters=parameters,
            unchanged=unchanged,
            tags=_take_tags(rest),
            capabilities=_take_list(rest, "Capabilities"),
            token=rest.pop("ClientRequestToken"),
            template=None if keeps_template or "TemplateURL" in rest else rest.pop("TemplateBody"),
            others=rest,
        )


@dataclass
class RecordedStack:
    created: StackRequest
    updates: list[StackRequest] = field(default_factory=list)
    status: str = "CREATE_IN_PROGRESS"  # for the test to change

    @property
    def id(self) -> str:
        return f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/{self.created.stack_name}/recorded"


def _take_list(form: dict[str, str], name: str) -> list[str]:
    taken = []
    while (value := form.pop(f"{name}.member.{len(taken) + 1}", None)) is not None:
        taken.append(value)
    return taken


def _take_parameters(form: dict[str, str]) -> tuple[dict[str, str], set[str]]:
    values, unchanged, number = {}, set(), 1
    while (name := form.pop(f"Parameters.member.{number}.ParameterKey", None)) is not None:
        if form.pop(f"Parameters.member.{number}.UsePreviousValue", None) == "true":
            unchanged.add(name)
        else:
            values[name] = form.pop(f"Parameters.member.{number}.ParameterValue")
        number += 1
    return values, unchanged


def _take_tags(form: dict[str, str]) -> dict[str, str]:
    tags: dict[str, str] = {}
    while (name := form.pop(f"Tags.member.{len(tags) + 1}.Key", None)) is not None:
        tags[name] = form.pop(f"Tags.member.{len(tags) + 1}.Value")
    return tags


def _answer(version: str, action: str, result: str) -> tuple[int, str]:
    return 200, f'<{action}Response xmlns="{version}"><{action}Result>{result}</{action}Result></{action}Response>'


class CloudFormationRecorder:
    """Answers GetCallerIdentity, CreateStack, UpdateStack and DescribeStacks: stacks stay as the test says. All else is refused, and that is kept too."""

    def __init__(self):
        self.stacks: list[RecordedStack] = []
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

    def of_instance(self, instance: str) -> RecordedStack:
        """The only one that was asked for."""
        (found,) = [each for each in self.stacks if each.created.stack_name.endswith(instance)]
        return found

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _named(self, name_or_id: str | None) -> list[RecordedStack]:
        return [each for each in self.stacks if name_or_id in (None, each.created.stack_name, each.id)]

    def _respond(self, form: dict[str, str]) -> tuple[int, str]:
        action = form.get("Action", "")
        if action == "GetCallerIdentity":
            arn = f"arn:aws:iam::{ACCOUNT}:user/recorder"
            identity = f"<Arn>{arn}</Arn><UserId>recorder</UserId><Account>{ACCOUNT}</Account>"
            return _answer("https://sts.amazonaws.com/doc/2011-06-15/", action, identity)
        cloudformation = "http://cloudformation.amazonaws.com/doc/2010-05-15/"
        if action == "CreateStack":
            self.stacks.append(RecordedStack(StackRequest.read(form)))
            return _answer(cloudformation, action, f"<StackId>{escape(self.stacks[-1].id)}</StackId>")
        if action == "UpdateStack":
            request = StackRequest.read(form)
            (stack,) = self._named(request.stack_name)
            stack.updates.append(request)
            stack.status = "UPDATE_IN_PROGRESS"
            return _answer(cloudformation, action, f"<StackId>{escape(stack.id)}</StackId>")
        if action == "DescribeStacks":
            return _answer(cloudformation, action, f"<Stacks>{''.join(map(_stack_element, self._named(form.get('StackName'))))}</Stacks>")
        self.refused.append(action)
        error = f"<Code>InvalidAction</Code><Message>The recorder knows no {escape(action)}</Message>"
        return 400, f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error></ErrorResponse>"


def _stack_element(stack: RecordedStack) -> str:
    tags = "".join(f"<member><Key>{escape(key)}</Key><Value>{escape(value)}</Value></member>" for key, value in stack.created.tags.items())
    updated = f"<LastUpdatedTime>2026-01-01T00:00:{len(stack.updates):02}Z</LastUpdatedTime>" if stack.updates else ""
    return (
        f"<member><StackId>{escape(stack.id)}</StackId><StackName>{escape(stack.created.stack_name)}</StackName>"
        f"<StackStatus>{stack.status}</StackStatus>{updated}<Tags>{tags}</Tags></member>"
    )
