"""The pages of docs/classes, one for each built-in class, made of its template and of what the tests know about its updates.

chandlery_dev.reference writes them together with docs/reference.
"""

import json
import re
from pathlib import Path

import yaml

from .processes import REPOSITORY

FOLDER = REPOSITORY / "docs/classes"
TEMPLATES = REPOSITORY / "templates"
MANY_VALUES = 8  # more are listed below the table

# What examples give for parameters that have no default. A test asks the catalog whether it accepts the manifests.
EXAMPLE_VALUES = {
    "AccessCidr": "10.0.0.0/16",
    "AthenaDBName": "logs",
    "BotKey": "bots/order-flowers.zip",
    "HashAttributeName": "customer",
    "KeyName": "my-key-pair",
    "LexS3Bucket": "my-bucket-with-bots",
    "LogBucketName": "my-bucket-for-logs",
    "MasterUsername": "master",
    "NewHostedZoneName": "example.com",
    "RangeAttributeName": "order",
    "RowFormat": "DELIMITED",
    "S3Source": "s3://my-bucket/logs/",
    "SubscriptionEndPoint": "https://example.com/messages",
    "SubscriptionProtocol": "https",
    "TableColumns": "id int, name string",
    "TableName": "requests",
    "VpcId": "vpc-0123456789abcdef0",
}
# Parameters that have a default, and without which the class makes nothing useful.
ALSO_GIVEN = {
    "lex": ["LexS3Bucket"],
    "route53": ["NewHostedZoneName"],
    "sns": ["SubscriptionEndPoint", "SubscriptionProtocol"],
}
EXAMPLE_PLANS = {"sns": "topicwithsub"}

# What the manifests call an instance of the class.
EXAMPLE_NAMES = {"s3": "bucket", "sqs": "queue", "sns": "topic", "kms": "key", "dynamodb": "table", "kinesis": "stream", "route53": "zone", "codecommit": "repository"}

# What Ref and GetAtt give, in words.
REFERENCES = {
    "AWS::AmazonMQ::Broker": "ID",
    "AWS::CodeCommit::Repository": "ID",
    "AWS::Cognito::IdentityPool": "ID",
    "AWS::Cognito::UserPool": "ID",
    "AWS::Cognito::UserPoolClient": "ID",
    "AWS::DocDB::DBCluster": "identifier",
    "AWS::DocDB::DBInstance": "identifier",
    "AWS::DynamoDB::Table": "name",
    "AWS::EMR::Cluster": "ID",
    "AWS::KMS::Key": "ID",
    "AWS::Kinesis::Stream": "name",
    "AWS::Lex::Bot": "ID",
    "AWS::OpenSearchService::Domain": "name",
    "AWS::Route53::HostedZone": "ID",
    "AWS::S3::Bucket": "name",
    "AWS::SNS::Topic": "ARN",
    "AWS::SQS::Queue": "URL",
}
ATTRIBUTES = {
    "AmqpEndpoints": "URLs for AMQP",
    "Arn": "ARN",
    "CloneUrlHttp": "HTTPS URL for Git",
    "ConfigurationEndpoint.Address": "Host name for the configuration",
    "ConfigurationId": "ID of the configuration",
    "ConsoleURLs": "URL of the web console",
    "DomainEndpoint": "Host name",
    "Endpoint": "Host name",
    "Endpoint.Address": "Host name",
    "Endpoint.Port": "Port",
    "EndpointAddress": "Host name",
    "EndpointPort": "Port",
    "IpAddresses": "IP addresses",
    "MasterPublicDNS": "Public host name of the first server",
    "MqttEndpoints": "URLs for MQTT",
    "Name": "Name",
    "OpenWireEndpoints": "URLs for OpenWire",
    "Port": "Port",
    "QueueName": "Name",
    "ReadEndpoint": "Host name for reading",
    "ReadEndpoint.Address": "Host name for reading",
    "StompEndpoints": "URLs for STOMP",
    "WssEndpoints": "URLs for WebSockets",
}


class Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms: !Ref X becomes {"Ref": "X"}."""


def _function(loader, suffix, node):
    make = {yaml.ScalarNode: loader.construct_scalar, yaml.SequenceNode: lambda one: loader.construct_sequence(one, deep=True)}
    return {suffix: make.get(type(node), lambda one: loader.construct_mapping(one, deep=True))(node)}


Loader.add_multi_constructor("!", _function)


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in [head, *rows]]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]]) + "\n"


def code(text: object) -> str:
    return f"`{text}`" if str(text) else '`""`'


def joined(parts: list[str], last: str = "and") -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def screaming_snake_case(name: str) -> str:
    """As src/broker/credentials.cpp makes keys out of outputs."""
    out = ""
    for i, letter in enumerate(name):
        inside = 0 < i < len(name) - 1
        if inside and "A" <= letter <= "Z" and (name[i - 1].islower() or name[i + 1].islower()):
            out += "_"
        out += letter
    return out.upper()


class Class:
    def __init__(self, name: str):
        self.name = name
        self.template = yaml.load((TEMPLATES / f"{name}-main.yaml").read_text(), Loader)
        metadata = self.template["Metadata"]
        self.specification = metadata["AWS::ServiceBroker::Specification"]
        form = metadata.get("AWS::CloudFormation::Interface", {})
        self.groups = [(group["Label"]["default"], group["Parameters"]) for group in form.get("ParameterGroups", [])]
        self.labels = {parameter: label["default"] for parameter, label in form.get("ParameterLabels", {}).items()}
        self.parameters: dict = self.template.get("Parameters") or {}
        self.conditions: dict = self.template.get("Conditions") or {}
        self.resources: dict = self.template.get("Resources") or {}
        self.outputs: dict = self.template.get("Outputs") or {}
        self.plans: dict = self.specification["ServicePlans"]
        self.updatable: list = self.specification.get("UpdatableParameters") or []

    @property
    def title(self) -> str:
        return self.specification["DisplayName"]

    @property
    def has_keys(self) -> bool:
        return bool(self.specification.get("Bindings", {}).get("IAM", {}).get("AddKeypair"))

    def prescribed(self, plan: str) -> dict:
        return self.plans[plan].get("ParameterValues") or {}

    def default_of(self, parameter: str, plan: str):
        defaults = self.plans[plan].get("ParameterDefaults") or {}
        return defaults.get(parameter, self.parameters[parameter].get("Default"))

    def offered_in(self, parameter: str) -> list[str]:
        return [plan for plan in self.plans if parameter not in self.prescribed(plan)]

    def condition(self, of) -> str:
        """A condition in words, as far as it is about parameters."""
        if isinstance(of, str):
            return self.condition(self.conditions[of])
        (function, value), *_ = of.items()
        if function == "Condition":
            return self.condition(value)
        if function == "Equals":
            return self._equals(value, "is")
        if function == "Not":
            inner = value[0]
            if "Condition" in inner:
                inner = self.conditions[inner["Condition"]]
            if "Equals" in inner:
                return self._equals(inner["Equals"], "is not")
            return f"not ({self.condition(inner)})"
        parts = [(self.condition(one), "Or" in (self.conditions[one["Condition"]] if "Condition" in one else one)) for one in value]
        return f" {function.lower()} ".join(f"({said})" if is_or and function == "And" else said for said, is_or in parts)

    def _equals(self, sides: list, verb: str) -> str:
        left, right = sides
        if isinstance(left, dict) and "Select" in left:
            left = left["Select"][1]
        return f"{code(left['Ref'])} {verb} {code(right)}"


def class_names() -> list[str]:
    return sorted(path.name.removesuffix("-main.yaml") for path in TEMPLATES.glob("*-main.yaml"))


# --- the parts of a page


def plans(of: Class) -> str:
    rows = []
    for name, plan in of.plans.items():
        said = plan["Description"].rstrip(".") + "."
        if more := plan.get("LongDescription"):
            said += " " + more
        rows.append([code(name), said, f"[Price]({plan['Cost']})" if plan.get("Cost") else ""])
    return "\n## Plans\n\n" + table(["Plan", "What you get", "Cost"], rows)


def example_plan(of: Class) -> str:
    return EXAMPLE_PLANS.get(of.name) or ("dev" if "dev" in of.plans else next(iter(of.plans)))


def example_parameters(of: Class, plan: str) -> dict:
    needed = [name for name in of.parameters if plan in of.offered_in(name) and of.default_of(name, plan) is None]
    return {name: EXAMPLE_VALUES[name] for name in [*needed, *ALSO_GIVEN.get(of.name, [])]}


def manifest(of: Class) -> str:
    name = "my-" + EXAMPLE_NAMES.get(of.name, of.name)
    plan = example_plan(of)
    lines = [
        "apiVersion: servicecatalog.k8s.io/v1beta1", "kind: ServiceInstance", "metadata:", f"  name: {name}", "spec:",
        f"  clusterServiceClassExternalName: {of.name}", f"  clusterServicePlanExternalName: {plan}",
    ]  # fmt: skip
    if parameters := example_parameters(of, plan):
        lines += ["  parameters:", *(f"    {parameter}: {json.dumps(value) if re.search(r'[:,]', value) else value}" for parameter, value in parameters.items())]
    lines += ["---", "apiVersion: servicecatalog.k8s.io/v1beta1", "kind: ServiceBinding", "metadata:", f"  name: {name}", "spec:", "  instanceRef:", f"    name: {name}"]
    return "\n".join(lines) + "\n"


def example(of: Class) -> str:
    text = "\n## Example\n\nApply this manifest in a namespace of your own."
    if any(parameter in EXAMPLE_VALUES and parameter not in ("MasterUsername",) for parameter in example_parameters(of, example_plan(of))):
        text += " Replace the parameters with your own values."
    return f"{text} The credentials are then in the Secret that has the name of the binding.\n\n```yaml\n{manifest(of)}```\n"


def limits(parameter: dict) -> str:
    if values := parameter.get("AllowedValues"):
        return f"{len(values)} values, [below](#allowed-values)" if len(values) > MANY_VALUES else ", ".join(code(value) for value in values)
    parts = []
    if "MinValue" in parameter and "MaxValue" in parameter:
        parts.append(f"{parameter['MinValue']} to {parameter['MaxValue']}")
    elif "MinValue" in parameter:
        parts.append(f"at least {parameter['MinValue']}")
    elif "MaxValue" in parameter:
        parts.append(f"at most {parameter['MaxValue']}")
    if "MinLength" in parameter or "MaxLength" in parameter:
        parts.append(f"{parameter.get('MinLength', 0)} to {parameter.get('MaxLength', '…')} characters")
    if pattern := parameter.get("AllowedPattern"):
        parts.append(f"must match {code(pattern)}")
    if not parts:
        return {"Number": "a number", "CommaDelimitedList": "a list, separated by commas"}.get(parameter["Type"], "any text")
    return "; ".join(parts)


def default(of: Class, name: str) -> str:
    by_plan = {plan: of.default_of(name, plan) for plan in of.offered_in(name)}
    if None in by_plan.values():
        return "**required**"
    if of.parameters[name].get("NoEcho") and str(of.parameters[name].get("Default")) != "Auto":
        return "secret"
    different = {str(value) for value in by_plan.values()}
    if len(different) == 1:
        return code(different.pop())
    return ", ".join(f"{code(value)} ({plan})" for plan, value in by_plan.items())


def parameters(of: Class) -> str:
    offered = [name for name in of.parameters if of.offered_in(name)]
    text = "\n## Parameters\n\n"
    common = "Every class also has the [common parameters](index.md#common-parameters)."
    if not offered:
        return text + f"This class has no parameters of its own. {common}\n"
    text += common
    if of.updatable:
        text += " You can change a parameter marked *yes* in the last column later, without changing the plan."
    else:
        text += " You cannot change the parameters of an instance later."
    if len(of.plans) > 1:
        text += " A plan that is not listed for a parameter sets the value itself."
    text += "\n"
    grouped = [(title, [name for name in names if name in offered]) for title, names in of.groups]
    rest = [name for name in offered if not any(name in names for _, names in grouped)]
    for title, names in [*grouped, ("Other", rest)]:
        if not names:
            continue
        rows = []
        for name in names:
            plans_of = of.offered_in(name)
            where = "all" if len(plans_of) == len(of.plans) else ", ".join(code(plan) for plan in plans_of)
            description = of.parameters[name].get("Description", of.labels.get(name, ""))
            row = [code(name), description, default(of, name), limits(of.parameters[name])]
            row += [where] if len(of.plans) > 1 else []
            row += ["yes" if name in of.updatable else ""] if of.updatable else []
            rows.append(row)
        head = ["Parameter", "What it is", "Default", "Limits"] + (["Plans"] if len(of.plans) > 1 else []) + (["Can change"] if of.updatable else [])
        text += f"\n**{title}**\n\n" + table(head, rows)
    return text + set_by_plans(of)


def set_by_plans(of: Class) -> str:
    names = [name for name in of.parameters if any(name in of.prescribed(plan) for plan in of.plans)]
    if not names:
        return ""
    plans_with_values = [plan for plan in of.plans if of.prescribed(plan)]
    rows = [[code(name), *(code(of.prescribed(plan)[name]) if name in of.prescribed(plan) else "" for plan in plans_with_values)] for name in names]
    return "\n### Values that a plan sets\n\nYou cannot set these parameters in the plan that has a value for them.\n\n" + table(
        ["Parameter", *(code(plan) for plan in plans_with_values)], rows
    )


def allowed_values(of: Class) -> str:
    lists = [(name, one["AllowedValues"]) for name, one in of.parameters.items() if len(one.get("AllowedValues", [])) > MANY_VALUES and of.offered_in(name)]
    if not lists:
        return ""
    return "\n### Allowed values\n\n" + "".join(f"- {code(name)}: {', '.join(code(value) for value in values)}\n" for name, values in lists)


def secret(of: Class) -> str:
    text = "\n## Keys of the Secret\n\n"
    keys = {name: one for name, one in of.outputs.items() if not name.startswith("PolicyArn")}
    if not keys:
        return text + "A binding of this class gets no credentials.\n"
    if of.has_keys:
        text += "Each binding gets an IAM user of its own, with an access key that works until the binding is deleted.\n\n"
    else:
        text += "All bindings of an instance get the same values. Deleting a binding deletes its Secret, and does not change the password.\n\n" if any(
            "assword" in name for name in keys
        ) else "All bindings of an instance get the same values.\n\n"
    rows = []
    as_is = of.specification.get("OutputsAsIs") or of.specification.get("CloudFoundry")
    for name, output in keys.items():
        said = output.get("Description", "")
        if name.endswith("AwsAccessKeyId"):
            said = "Access key ID of the binding's IAM user"
        elif name.endswith("AwsSecretAccessKey"):
            said = "Secret access key of the binding's IAM user"
        elif said.startswith("Where the ") and said.endswith(" is kept"):
            said = said.removeprefix("Where the ").removesuffix(" is kept").capitalize().replace("git", "Git")
        elif not said:
            said = from_value(of, output["Value"])
        if "Condition" in output:
            said = f"{said}; only if {of.condition(output['Condition'])}".lstrip("; ")
        rows.append([code(name if as_is else screaming_snake_case(name)), said])
    return text + table(["Key", "What it is"], rows)


def from_value(of: Class, value) -> str:
    """What an output without a description holds."""
    if not isinstance(value, dict):
        return ""
    (function, argument), *_ = value.items()
    if function == "Ref":
        if argument == "AWS::Region":
            return "AWS region of the instance"
        if argument in of.parameters:
            chosen = ", or what was chosen for it" if of.parameters[argument].get("Default") == "Auto" else ""
            return f"The value of {code(argument)}{chosen}"
        what = REFERENCES.get(of.resources[argument]["Type"], "name or ID")
        return f"{what[0].upper()}{what[1:]} of {code(argument)}"
    if function == "GetAtt":
        resource, _, attribute = argument.partition(".") if isinstance(argument, str) else (argument[0], "", argument[1])
        return f"{ATTRIBUTES.get(attribute, code(attribute))} of {code(resource)}"
    if function == "If":
        found = [from_value(of, one) for one in argument[1:]]
        return " or ".join(dict.fromkeys(one for one in found if one)).replace(" or The", " or the")
    if function in ("Join", "Select"):
        found = [from_value(of, one) for one in (argument[1] if isinstance(argument[1], list) else [argument[1]])]
        return next((one for one in found if one), "")
    if function == "Sub" and isinstance(argument, str) and argument.startswith("secretsmanager:"):
        return "From a secret that the stack makes" if not argument.endswith("}") or ":SecretString" in argument else ""
    return ""


def resources(of: Class) -> str:
    text = "\n## What an instance creates\n\n"
    rows = [[code(name), f"`{one['Type']}`", f"if {of.condition(one['Condition'])}" if "Condition" in one else ""] for name, one in of.resources.items()]
    if of.specification.get("MakesSubnets"):
        rows.append(["subnets", "`AWS::EC2::Subnet`", "if `SubnetIds` is `Auto`"])
    if of.has_keys:
        rows.append([code("AWSSBInjectedIAMUser"), "`AWS::IAM::User`", "the permissions of bindings; each binding gets a copy of this user"])
    return text + "CloudFormation creates these resources in one stack per instance.\n\n" + table(["Resource", "Type", "When"], rows)


def data_types() -> dict[str, str]:
    return yaml.safe_load((REPOSITORY / "src/broker/replacement/data_resources.yaml").read_text())["data"]


def elsewhere(of: dict) -> bool:
    """The data of a server or a replica is in its cluster, or in the database that it copies."""
    return any(name in (of.get("Properties") or {}) for name in ("DBClusterIdentifier", "SourceDBInstanceIdentifier", "SourceDBClusterIdentifier"))


def what_stays(of: Class) -> str:
    kept, deleted = [], []
    data = data_types()
    for name, one in of.resources.items():
        policy = one.get("DeletionPolicy", "Delete")
        when = f" if {of.condition(one['Condition'])}" if "Condition" in one else ""
        holds = data.get(one["Type"], "") if not elsewhere(one) else ""
        if isinstance(policy, dict):
            condition, yes, no = policy["If"]
            kept.append(f"{code(name)} ({one['Type']}) if {of.condition(condition)}")
            deleted.append(f"{code(name)} ({one['Type']}) with {holds}, otherwise")
            assert (yes, no) == ("Retain", "Delete"), f"{of.name}: {name} has a DeletionPolicy that the page cannot describe"
        elif policy == "Retain":
            kept.append(f"{code(name)} ({one['Type']}){when}")
        elif policy == "Snapshot":
            kept.append(f"a final snapshot of {code(name)} ({one['Type']}){when}")
            deleted.append(f"{code(name)} ({one['Type']}) itself")
        elif holds:
            deleted.append(f"{code(name)} ({one['Type']}) with {holds}{when}")
    text = "\n## What stays after deletion\n\n"
    if kept:
        text += "When you delete the instance, AWS keeps the following. You go on paying for it until you delete it in AWS:\n\n"
        text += "".join(f"- {one}\n" for one in kept)
    else:
        text += "Nothing stays in AWS when you delete the instance.\n"
    if deleted:
        text += f"\nCloudFormation deletes {'the other' if kept else 'all'} resources. You lose:\n\n" + "".join(f"- {one}\n" for one in deleted)
    if of.name == "kms":
        text += "\nAWS deletes a key only after a waiting period, and you can cancel the deletion until then.\n"
    return text


def replaces(of: Class, known: dict) -> str:
    text = "\n## What an update replaces\n\n"
    by_plan: dict[str, set] = {}
    by_parameter: dict[str, set] = {}
    for change, lost in known[of.name].items():
        between_plans = re.fullmatch(r"(\w+) to (\w+)(?:, with values of the user)?", change)
        if between_plans:
            key = f"{code(between_plans[1])} to {code(between_plans[2])}"
            by_plan.setdefault(key, set()).update(lost)
        else:
            parameter = re.match(r"\w+: (\w+) ", change)
            assert parameter, change
            by_parameter.setdefault(parameter[1], set()).update(lost)
    if not by_plan and not by_parameter:
        text += "You cannot change an instance of this class, so no update can replace anything."
        return text + " An [upgrade](../catalog.md#updates) to a newer template is checked when you ask for it.\n"
    losses = [[f"plan {key}", *effects(of, lost)] for key, lost in by_plan.items() if lost]
    losses += [[f"parameter {code(name)}", *effects(of, lost)] for name, lost in by_parameter.items() if lost]
    if not losses:
        text += "None of the updates that this class allows replaces a resource that holds data.\n"
        return text
    text += "The broker [refuses](../broker.md#updates-that-replace-data) these updates unless the request has `allow_replacement: true`,"
    text += " because the new resource does not have the data of the old one:\n\n"
    text += table(["Change of", "Resource", "What AWS does with the old one"], losses)
    if by_plan and any(", with values of the user" in change for change in known[of.name]):
        text += "\nA change of plan is in the table if it can replace a resource; whether it does depends on the parameters that you have set.\n"
    safe = [code(name) for name, lost in by_parameter.items() if not lost]
    if safe:
        text += f"\nChanges of {joined(safe)} keep the data.\n"
    return text


def effects(of: Class, lost: set) -> list[str]:
    names = sorted({one.split()[0] for one in lost})
    fates = []
    for name in names:
        one = of.resources[name]
        is_deleted = f"{name} deleted" in lost and f"{name} replaced" not in lost
        policy = one.get("DeletionPolicy" if is_deleted else "UpdateReplacePolicy", "Delete")
        fates.append({"Retain": "keeps it, outside of the stack", "Snapshot": "keeps a final snapshot", "Delete": "deletes it"}[policy])
    return [joined([f"{code(name)} ({of.resources[name]['Type']})" for name in names]), "; ".join(dict.fromkeys(fates))]


# --- the pages


def page(of: Class, known: dict) -> str:
    text = f"# {of.title} (`{of.name}`)\n\n{of.specification['LongDescription']}"
    if link := of.specification.get("DocumentationUrl"):
        text += f" See the [AWS documentation]({link})."
    text += "\n" + plans(of) + example(of) + secret(of) + parameters(of) + allowed_values(of)
    text += resources(of) + what_stays(of) + replaces(of, known)
    return text + f"\nThe template is [{of.name}-main.yaml](../../templates/{of.name}-main.yaml).\n"


COMMON_PARAMETERS = [
    ["region", "AWS region to create the resources in", "the broker's region"],
    ["target_account_id", "AWS account to create the resources in, if it is not the broker's own", "the broker's account"],
    ["target_role_name", "IAM role in the target account that the broker assumes", "none"],
    ["user_tags", 'Tags for the resources, as a JSON list: `[{"Key": "team", "Value": "blue"}]`', "`[]`"],
    ["admin_tags", "Tags that the administrator sets in a plan or an override; you can repeat the value but not change it", "`[]`"],
    ["allow_replacement", "Whether this update may replace or delete resources that hold data", "`false`"],
]


def index(classes: list[Class]) -> str:
    rows = [
        [
            f"[{of.title}]({of.name}.md)", code(of.name), ", ".join(code(plan) for plan in of.plans),
            "IAM user for each binding" if of.has_keys else "from the outputs of the stack",
        ]
        for of in sorted(classes, key=lambda one: one.title.lower())
    ]  # fmt: skip
    text = f"# Classes\n\nThe broker comes with {len(classes)} classes. A class is a CloudFormation template; you can [write your own](../templates.md).\n\n"
    text += table(["Service", "Class", "Plans", "Credentials"], rows)
    text += "\n## Common parameters\n\nAll plans of all classes have these parameters, unless the administrator hides or sets them"
    text += " ([roles](../broker.md#roles), [overrides](../broker.md#overrides)).\n\n"
    text += table(["Parameter", "What it is", "Default"], [[code(name), said, by_default] for name, said, by_default in COMMON_PARAMETERS])
    text += "\nWrite the value of a parameter as the page of the class shows it. Put a value such as `true` or `35` in quotes, unless its limits are numbers."
    text += " The catalog checks names, types and allowed values before it calls the broker. The broker also checks patterns."
    text += " CloudFormation checks the rest.\n"
    return text


def pages() -> dict[Path, str]:
    known = json.loads((REPOSITORY / "tests/data/replacements.json").read_text())
    classes = [Class(name) for name in class_names()]
    return {FOLDER / "index.md": index(classes)} | {FOLDER / f"{of.name}.md": page(of, known) for of in classes}
