"""The walkthrough: what a user does, as commands, and what they must print. Each step fails where an output is not as it must be."""

import base64
import contextlib
import json
import socket
import urllib.request
import uuid

from .processes import REPOSITORY, Failure, Process, free_port, wait_until
from .shell import Shell, Stopwatch, expect, expect_true
from .stack import BROKER_NAME, PREREQUISITES_STACK, Stack
from .watch import Watch

ACCOUNT = "000000000000"  # the emulator's
BROKER_ID = "awsservicebroker"
SAMPLES = REPOSITORY / "samples/s3-demo"
NAMESPACE = "s3-demo"

CLASSES = {
    "s3": "AWS Service Broker - Amazon S3",
    "sqs": "AWS Servicebroker - Amazon SQS",
}
STACK_RESOURCES = {
    "AWSSBInjectedIAMUser": "AWS::IAM::User",
    "AWSSBInjectedIAMUserCreator": "AWS::CloudFormation::CustomResource",
    "AWSSBInjectedIAMUserLambda": "AWS::Lambda::Function",
    "AWSSBInjectedIAMUserPolicy1": "AWS::IAM::Policy",
    "AWSSBInjectedIAMUserRole": "AWS::IAM::Role",
    "S3bucket": "AWS::S3::Bucket",
}
SECRET_KEYS = {
    "BUCKET_ARN": None,
    "BUCKET_NAME": None,
    "S3_AWS_ACCESS_KEY_ID": 20,
    "S3_AWS_SECRET_ACCESS_KEY": 40,
    "S3_REGION": None,
}
REPORT_WITH_SECRETS = {
    "put": (["Successfully put item"], None),
    "describe": (["Successfully described item"], {"item_id": "test", "content": "test_content"}),
    "list": (["Successfully listed items"], ["test"]),
    "idempotency": (
        [
            "Put an additional item with duplicate item_id",
            "Verified describe has updated content",
            "Verified list does not contain duplicates",
            "Successfully tested idempotency",
        ],
        None,
    ),
    "delete": (["Successfully deleted item"], None),
    "cleanup": (["Successfully cleaned up all items"], None),
}


def class_id(name: str) -> str:
    account = uuid.uuid5(uuid.UUID(int=0), ACCOUNT + BROKER_ID)
    return str(uuid.uuid5(account, name))


def plan_id(class_name: str, plan: str) -> str:
    account = uuid.uuid5(uuid.UUID(int=0), ACCOUNT + BROKER_ID)
    return str(uuid.uuid5(account, f"service__{class_name}__plan__{plan}"))


class Walkthrough:
    """Steps 2 and 4 to 9 against a stack whose emulator runs; each method is one step."""

    def __init__(self, stack: Stack, show: bool = True):
        self.stack = stack
        self.shell = Shell(stack.environment(), show)
        self._buckets_before: list[str] = []

    def run(self) -> None:
        self.prerequisites()
        self.broker()
        self.classes()
        self.application_without_secrets()
        self.provision()
        self.bind()
        self.application_with_secrets()
        self.unbind()
        self.deprovision()

    # --- the steps

    def prerequisites(self) -> None:
        self.shell.title("2. What the broker needs in the account: a table, and a user who may do what it must")
        self._aws(
            "cloudformation", "create-stack", "--capabilities", "CAPABILITY_IAM", "--template-body",
            "file://deploy/prerequisites.yaml", "--stack-name", PREREQUISITES_STACK,
        )  # fmt: skip
        self._aws("cloudformation", "wait", "stack-create-complete", "--stack-name", PREREQUISITES_STACK)
        stacks = self._aws("cloudformation", "describe-stacks", "--stack-name", PREREQUISITES_STACK, quiet=True)["Stacks"]
        expect("the prerequisites stack", stacks[0]["StackStatus"], "CREATE_COMPLETE")
        user = stacks[0]["Outputs"][0]["OutputValue"]
        users = self._aws("iam", "list-users", quiet=True)["Users"]
        expect_true(f"the first output {user!r} is the name of an IAM user", user in [one["UserName"] for one in users])
        self.shell.say(f"The broker's IAM user (the stack's first output): {user}")
        tables = self._aws("dynamodb", "list-tables")["TableNames"]
        expect_true("the table awssb exists", "awssb" in tables)

    def broker(self) -> None:
        self.shell.title("The broker and the control plane; the broker is registered")
        self.stack.start_broker(*self.stack.prepare_account())
        watch = Stopwatch()
        self.stack.start_control_plane()
        self.shell.say(f"export KUBECONFIG={self.stack.kubeconfig}")
        self.shell.run("kubectl", "apply", "-f", "-", stdin=self.stack.broker_manifest())
        self._wait_ready(f"clusterservicebroker/{BROKER_NAME}")
        self.shell.say(f"(from the start of service-catalog local to a Ready broker: {watch.seconds():.2f} s)")
        table = self._kubectl("get", "ClusterServiceBrokers").splitlines()
        expect("the columns of ClusterServiceBrokers", table[0].split(), ["NAME", "URL", "STATUS", "AGE"])
        expect("the broker's row", table[1].split()[:3], [BROKER_NAME, self.stack.broker_url, "Ready"])

    def classes(self) -> None:
        self.shell.title("4. The classes")
        columns = "-o=custom-columns=NAME:.spec.externalName,DESCRIPTION:.spec.description"
        lines = self._kubectl("get", "ClusterServiceClasses", columns).splitlines()
        expect("the header", lines[0].split(), ["NAME", "DESCRIPTION"])
        listed = dict(line.split(maxsplit=1) for line in lines[1:])
        for name, description in CLASSES.items():
            expect(f"the description of {name}", listed.get(name), description)
        ids = self._kubectl("get", "clusterserviceclasses,clusterserviceplans", "-o", "name", quiet=True)
        expect_true("the id of class s3 is listed", class_id("s3") in ids)
        expect_true("the id of plan custom is listed", plan_id("s3", "custom") in ids)

    def application_without_secrets(self) -> None:
        self.shell.title("5. The sample application without its secrets")
        with self._application(["s3-demo"]) as report:
            expect("success", report["success"], False)
            expect("its parts", sorted(report["data"]), sorted(REPORT_WITH_SECRETS))
            for part, answer in report["data"].items():
                text = "Required secrets are not present in environment variables" if part == "cleanup" else "skipped"
                expect(part, answer["success"], False)
                expect_true(f"{part} says {text!r}", any(text in line for line in answer["data"]))

    def provision(self) -> None:
        self.shell.title("6. A bucket from a manifest")
        self._buckets_before = self._buckets()
        self._kubectl("apply", "-f", str(SAMPLES / "namespace.yaml"))
        watch = Stopwatch()
        with Watch(self.shell, "serviceinstance", NAMESPACE, self.stack.folder / "instances.log") as instances:
            self._kubectl("apply", "-f", str(SAMPLES / "instance.yaml"))
            self._kubectl("get", "serviceinstance/s3-bucket", "-n", NAMESPACE, "-o", "yaml", cut=80)
            self._wait_ready("serviceinstance/s3-bucket")
        # The emulator may be done before a command can look; the watch has seen every state.
        is_provisioning = lambda one: one.get("status", {}).get("asyncOpInProgress") is True  # noqa: E731
        self._check_provisioning(instances.first("an instance being provisioned", is_provisioning))
        self.shell.say(f"(from apply to Ready: {watch.seconds():.2f} s)")
        instance = self.stack.get("serviceinstance/s3-bucket", "-n", NAMESPACE)
        self._check_provisioned(instance)
        self._kubectl("get", "serviceinstances", "-n", NAMESPACE)
        resources = self._aws("cloudformation", "list-stack-resources", "--stack-name", self._stack_name(instance), quiet=True)
        found = {one["LogicalResourceId"]: one["ResourceType"] for one in resources["StackResourceSummaries"]}
        for name, kind in sorted(found.items()):
            self.shell.say(f"  {name:<30} {kind}")
        expect("the stack's resources", found, STACK_RESOURCES)

    def bind(self) -> None:
        self.shell.title("7. Its credentials as a Secret")
        self._kubectl("apply", "-f", str(SAMPLES / "binding.yaml"))
        self._wait_ready("servicebinding/s3-binding")
        described = self._kubectl("describe", "secrets/s3-binding", "-n", NAMESPACE)
        fields = dict(line.split(":", 1) for line in described.splitlines() if ":" in line)
        expect("the Secret's type", fields["Type"].strip(), "Opaque")
        expect("its labels", fields["Labels"].strip(), "<none>")
        expect("its annotations", fields["Annotations"].strip(), "<none>")
        data = self.stack.get("secret/s3-binding", "-n", NAMESPACE)["data"]
        expect("its keys", sorted(data), sorted(SECRET_KEYS))
        for key, size in SECRET_KEYS.items():
            shown = int(fields[key].split()[0])
            expect(f"the size of {key} that is shown", shown, len(base64.b64decode(data[key])))
            if size is not None:
                expect(f"the size of {key}", shown, size)

    def application_with_secrets(self) -> None:
        self.shell.title("8. The sample application with them")
        command = ["svcat", "exec", "-n", NAMESPACE, "s3-binding", "--", "s3-demo"]
        with self._application(command) as report:
            expect("success", report["success"], True)
            for part, (data, response) in REPORT_WITH_SECRETS.items():
                answer = report["data"][part]
                expect(f"{part}: success", answer["success"], True)
                expect(f"{part}: data", answer["data"], data)
                expect(f"{part}: response", answer.get("response"), response)

    def unbind(self) -> None:
        self.shell.title("9. Clean up")
        self._kubectl("delete", "servicebinding/s3-binding", "-n", NAMESPACE)
        secrets = self._kubectl("get", "secrets", "-n", NAMESPACE, "-o", "name", quiet=True)
        expect("the Secrets that are left", secrets.strip(), "")
        users = [one["UserName"] for one in self.stack.emulator.client("iam").list_users()["Users"]]
        expect("the bindings' IAM users that are left", [name for name in users if "binding" in name], [])

    def deprovision(self) -> None:
        instance = self.stack.get("serviceinstance/s3-bucket", "-n", NAMESPACE)
        self._kubectl("delete", "serviceinstance/s3-bucket", "-n", NAMESPACE)
        expect("the stacks that are left", self.stacks_of(instance), [])
        expect("the buckets that are left", self._buckets(), self._buckets_before)
        self.shell.say(f"The stack {self._stack_name(instance)} is gone, and its bucket.")
        self._kubectl("delete", "namespace", NAMESPACE)

    def stacks_of(self, instance: dict) -> list[str]:
        """Names of stacks that exist for the instance, whatever state they are in."""
        stacks = self.stack.emulator.client("cloudformation").describe_stacks()["Stacks"]
        external_id = instance["spec"]["externalID"]
        return [one["StackName"] for one in stacks if external_id in one["StackName"] and one["StackStatus"] != "DELETE_COMPLETE"]

    def _buckets(self) -> list[str]:
        return sorted(one["Name"] for one in self.stack.emulator.client("s3").list_buckets()["Buckets"])

    # --- what the objects must look like

    def _check_provisioning(self, instance: dict) -> None:
        metadata, spec, status = instance["metadata"], instance["spec"], instance["status"]
        expect("metadata.finalizers", metadata["finalizers"], ["kubernetes-incubator/service-catalog"])
        expect("metadata.generation", metadata["generation"], 1)
        expect("spec.clusterServiceClassRef", spec["clusterServiceClassRef"], {"name": class_id("s3")})
        expect("spec.clusterServicePlanRef", spec["clusterServicePlanRef"], {"name": plan_id("s3", "custom")})
        expect("spec.externalID", str(uuid.UUID(spec["externalID"])), spec["externalID"])
        expect("spec.updateRequests", spec["updateRequests"], 0)
        user = {"groups": ["system:masters", "system:authenticated"], "uid": "", "username": "kubernetes-admin"}
        expect("spec.userInfo", spec["userInfo"], user)
        ready = dict(status["conditions"][0])
        expect_true("lastTransitionTime is set", ready.pop("lastTransitionTime"))
        message = "The instance is being provisioned asynchronously"
        expect("conditions", ready, {"type": "Ready", "status": "False", "reason": "Provisioning", "message": message})
        expect("the number of conditions", len(status["conditions"]), 1)
        in_progress = {
            "clusterServicePlanExternalID": plan_id("s3", "custom"),
            "clusterServicePlanExternalName": "custom",
            "parameters": spec["parameters"],
            "userInfo": user,
        }
        expected = {
            "asyncOpInProgress": True,
            "currentOperation": "Provision",
            "deprovisionStatus": "Required",
            "inProgressProperties": in_progress,
            "observedGeneration": 1,
            "reconciledGeneration": 0,
            "orphanMitigationInProgress": False,
            "provisionStatus": "",
        }
        expect_true("the parameters have a checksum", status.get("inProgressProperties", {}).pop("parameterChecksum", ""))
        for name, value in expected.items():
            expect(f"status.{name}", status.get(name), value)
        expect_true("status.operationStartTime is set", status.get("operationStartTime"))

    def _check_provisioned(self, instance: dict) -> None:
        status = instance["status"]
        ready = next(one for one in status["conditions"] if one["type"] == "Ready")
        expect("Ready", (ready["status"], ready["reason"]), ("True", "ProvisionedSuccessfully"))
        expect("status.provisionStatus", status["provisionStatus"], "Provisioned")
        expect("status.reconciledGeneration", status["reconciledGeneration"], 1)
        expect_true("status.externalProperties is set", status.get("externalProperties"))
        expect_true("inProgressProperties and currentOperation are gone", not {"inProgressProperties", "currentOperation"} & set(status))

    def _stack_name(self, instance: dict) -> str:
        return f"aws-service-broker-s3-{instance['spec']['externalID']}"

    # --- commands

    def _kubectl(self, *arguments: str, stdin: str | None = None, quiet: bool = False, cut: int = 40) -> str:
        return self.shell.run("kubectl", *arguments, stdin=stdin, quiet=quiet, cut=cut)

    def _wait_ready(self, name: str) -> None:
        namespaced = [] if name.startswith("cluster") else ["-n", NAMESPACE]
        self._kubectl("wait", "--for=condition=Ready", "--timeout=120s", *namespaced, name)

    def _aws(self, *arguments: str, quiet: bool = False) -> dict:
        text = self.shell.run(*self.shell.aws_command(), *arguments, quiet=quiet)
        return json.loads(text) if text.strip() else {}

    @contextlib.contextmanager
    def _application(self, command: list[str]):
        """Runs it on a free port; the report that `GET /` answers."""
        port = free_port()
        command = [*command, "--port", str(port)]
        self.shell.say("$ " + " ".join(command) + " &")
        process = Process("s3-demo", command, self.stack.folder / "s3-demo.log", self.shell.environment).start()
        try:
            wait_until("s3-demo listening", lambda: _accepts(port, process), 20)
            self.shell.say(f"$ curl http://127.0.0.1:{port}/")
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
                report = json.load(answer)
            self.shell.say(json.dumps(report, indent=2))
            yield report
        finally:
            process.stop()


def _accepts(port: int, process: Process) -> bool:
    process.check()
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True


def resident_mebibytes(pid: int) -> float:
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    raise Failure(f"process {pid} has no VmRSS")


__all__ = ["Walkthrough", "class_id", "plan_id", "resident_mebibytes", "NAMESPACE", "SAMPLES"]
