"""An Open Service Broker client: small, and ours only in the tests."""

import base64
import json
import uuid
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from chandlery_dev.processes import wait_until
from chandlery_dev.walkthrough import class_id, plan_id


@dataclass
class Answer:
    status: int
    body: dict
    headers: dict = field(default_factory=dict)


class OsbClient:
    def __init__(self, url: str, user: str | None = None, password: str | None = None):
        self.url = url
        self._connection = HTTPConnection(urlsplit(url).netloc)
        self.requests = 0  # that were sent
        self._operations: dict[str, str] = {}  # as platforms do: what the broker called the last one
        self.headers = {"X-Broker-API-Version": "2.17", "Content-Type": "application/json"}
        if user is not None:
            self.headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def call(self, method: str, path: str, body=None, headers: dict | None = None, raw: bytes | None = None, timeout: float = 60) -> Answer:
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        sent = {name: value for name, value in {**self.headers, **(headers or {})}.items() if value is not None}
        try:
            status, answered, text = self._exchange(method, path, data, sent, timeout)
        except (HTTPException, ConnectionError):  # the kept connection's other end was restarted
            self._connection.close()
            status, answered, text = self._exchange(method, path, data, sent, timeout)
        return Answer(status, json.loads(text) if text.startswith(b"{") else {"text": text.decode()}, answered)

    def _exchange(self, method: str, path: str, data: bytes | None, headers: dict, timeout: float) -> tuple[int, dict, bytes]:
        if self._connection.sock is None:
            self._connection.timeout = timeout
        self.requests += 1
        self._connection.request(method, path, body=data, headers=headers)
        answer = self._connection.getresponse()
        return answer.status, dict(answer.headers), answer.read()

    # --- operations

    def provision(self, instance: str, service: str = "s3", plan: str = "production", parameters: dict | None = None,
                  accepts_incomplete: bool = True, **body) -> Answer:  # fmt: skip
        request = {
            "service_id": class_id(service),
            "plan_id": plan_id(service, plan),
            "organization_guid": "o",
            "space_guid": "s",
            "context": {"platform": "kubernetes", "namespace": "tests", "clusterid": "c"},
            **({"parameters": parameters} if parameters is not None else {}),
            **body,
        }
        query = "?accepts_incomplete=true" if accepts_incomplete else ""
        return self._remembered(instance, self.call("PUT", f"/v2/service_instances/{instance}{query}", request))

    def update(self, instance: str, service: str = "s3", parameters: dict | None = None, plan: str | None = None,
               accepts_incomplete: bool = True, **body) -> Answer:  # fmt: skip
        request = {
            "service_id": class_id(service),
            **({"plan_id": plan_id(service, plan)} if plan is not None else {}),
            **({"parameters": parameters} if parameters is not None else {}),
            **body,
        }
        query = "?accepts_incomplete=true" if accepts_incomplete else ""
        return self._remembered(instance, self.call("PATCH", f"/v2/service_instances/{instance}{query}", request))

    def last_operation(self, instance: str) -> Answer:
        operation = self._operations.get(instance)
        return self.call("GET", f"/v2/service_instances/{instance}/last_operation" + (f"?operation={operation}" if operation else ""))

    def deprovision(self, instance: str, service: str = "s3", plan: str = "production") -> Answer:
        query = f"service_id={class_id(service)}&plan_id={plan_id(service, plan)}&accepts_incomplete=true"
        return self._remembered(instance, self.call("DELETE", f"/v2/service_instances/{instance}?{query}"))

    def bind(self, instance: str, binding: str, service: str = "s3", plan: str = "production", parameters: dict | None = None) -> Answer:
        request = {"service_id": class_id(service), "plan_id": plan_id(service, plan)}
        if parameters is not None:
            request["parameters"] = parameters
        return self.call("PUT", f"/v2/service_instances/{instance}/service_bindings/{binding}", request)

    def unbind(self, instance: str, binding: str, service: str = "s3", plan: str = "production") -> Answer:
        query = f"service_id={class_id(service)}&plan_id={plan_id(service, plan)}"
        return self.call("DELETE", f"/v2/service_instances/{instance}/service_bindings/{binding}?{query}")

    def fetch_instance(self, instance: str) -> Answer:
        return self.call("GET", f"/v2/service_instances/{instance}")

    def fetch_binding(self, instance: str, binding: str) -> Answer:
        return self.call("GET", f"/v2/service_instances/{instance}/service_bindings/{binding}")

    # --- what tests wait for

    def until_settled(self, instance: str, interval: float = 0.05) -> Answer:
        """The last operation's answer once it is no more in progress (a deprovisioned instance's may be 410)."""

        def settled():
            answer = self.last_operation(instance)
            return answer if answer.body.get("state") != "in progress" else None

        return wait_until(f"the operation on {instance}", settled, 60, interval)

    def deprovisioned(self, instance: str, **options) -> None:
        answer = self.deprovision(instance, **options)
        assert answer.status == 202, answer
        settled = self.until_settled(instance)
        assert settled.status == 410 or settled.body["state"] == "succeeded", settled
        assert self.last_operation(instance).status == 410

    def provisioned(self, instance: str, interval: float = 0.05, **options) -> None:
        answer = self.provision(instance, **options)
        assert answer.status == 202, answer
        settled = self.until_settled(instance, interval)
        assert settled.body["state"] == "succeeded", settled

    def _remembered(self, instance: str, answer: Answer) -> Answer:
        if operation := answer.body.get("operation"):
            self._operations[instance] = operation
        return answer


def new_id() -> str:
    return str(uuid.uuid4())
