"""The exact UpdateStack request: what has changed, what stays as CloudFormation has it, and the template only where it is another one."""

import pytest
from chandlery_dev.processes import wait_until
from osb_client import new_id

INSTANCE_TAG = "aws-service-broker:instance-id"
GIVEN = {"DelaySeconds": 7, "user_tags": '[{"Key": "team", "Value": "blue"}]'}
OTHERS = {"MaximumMessageSize", "MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds", "UsedeadletterQueue", "VisibilityTimeout"}


def tags_of(instance: str, namespace: str = "tests") -> dict[str, str]:
    return {
        "aws-service-broker:broker-id": "awsservicebroker",
        INSTANCE_TAG: instance,
        "aws-service-broker:cluster": "c",
        "aws-service-broker:namespace": namespace,
        "team": "blue",
    }


def settle(osb, stack, instance: str, status: str) -> None:
    stack.status = status
    assert osb.until_settled(instance).body["state"] == "succeeded"


@pytest.fixture
def instance(recorded_osb, recorder) -> str:
    made = new_id()
    assert recorded_osb.provision(made, service="sqs", plan="standard", parameters=GIVEN).status == 202
    settle(recorded_osb, recorder.of_instance(made), made, "CREATE_COMPLETE")
    return made


@pytest.mark.parametrize(
    ("asked", "changed", "unchanged"),
    [
        ({"parameters": {"VisibilityTimeout": 60}}, {"VisibilityTimeout": "60"}, {"FifoQueue", "ContentBasedDeduplication", "DelaySeconds"}),
        ({"parameters": {"DelaySeconds": 8}}, {"DelaySeconds": "8"}, {"FifoQueue", "ContentBasedDeduplication"}),
        # What the old plan prescribes and the new one does not is left out: CloudFormation takes the template's default.
        ({"plan": "fifo", "parameters": {"allow_replacement": True}}, {"FifoQueue": "true"}, {"DelaySeconds"}),
    ],
    ids=["another parameter", "the given parameter", "the plan"],
)
def test_cloudformation_is_asked_for_exactly_the_change(recorded_osb, recorder, instance, asked, changed, unchanged):
    stack = recorder.of_instance(instance)
    assert recorded_osb.update(instance, service="sqs", **asked).status == 202
    (request,) = stack.updates
    assert request.stack_name == stack.id
    assert request.template is None, "the stack stays on its own"
    assert request.parameters == changed
    assert request.unchanged == (OTHERS | unchanged) - set(changed)
    assert request.tags == tags_of(instance, "tests")
    assert request.capabilities == stack.created.capabilities
    assert request.token.startswith("update-1-")
    assert not request.others


def test_each_update_has_a_token_of_its_own(recorded_osb, recorder, instance):
    stack = recorder.of_instance(instance)
    for seconds in (1, 2):
        assert recorded_osb.update(instance, service="sqs", parameters={"DelaySeconds": seconds}).status == 202
        settle(recorded_osb, stack, instance, "UPDATE_COMPLETE")
    first, second = stack.updates
    assert (first.parameters, second.parameters) == ({"DelaySeconds": "1"}, {"DelaySeconds": "2"})
    assert first.token != second.token


TEMPLATE = """
Description: a queue
Metadata:
  AWS::ServiceBroker::Specification:
    Name: ant
    TemplateVersion: {version}
    ServicePlans:
      one: {{Description: one queue}}
Parameters:
  Size: {{Type: Number, Default: 5}}
  {more}
Resources:
  Queue: {{Type: AWS::SQS::Queue}}
"""


def test_a_new_template_is_sent_where_the_user_asks_for_its_version(make_broker, recorder, tmp_path):
    file = tmp_path / "ant-main.yaml"
    file.write_text(TEMPLATE.format(version="1.0.0", more=""))
    broker = make_broker("--template-folder", str(tmp_path), environment=recorder.environment())
    osb, instance = broker.client, new_id()
    assert osb.provision(instance, service="ant", plan="one", parameters={"Size": 6}).status == 202
    stack = recorder.of_instance(instance)
    settle(osb, stack, instance, "CREATE_COMPLETE")

    newer = TEMPLATE.format(version="2.0.0", more='Colour: {Type: String, Default: "red"}')
    file.write_text(newer)
    broker.process.hang_up()

    def version() -> str:
        (service,) = osb.call("GET", "/v2/catalog").body["services"]
        return service["plans"][0]["maintenance_info"]["version"]

    wait_until("the new template being offered", lambda: version() == "2.0.0", 20)
    assert osb.update(instance, service="ant", parameters={"Size": 6}).status == 200, "nobody has asked for it"
    assert osb.update(instance, service="ant", maintenance_info={"version": "2.0.0"}).status == 202
    (request,) = stack.updates
    assert request.template == newer
    assert (request.parameters, request.unchanged) == ({}, {"Size"}), "Colour is as the new template says"
    assert request.tags[INSTANCE_TAG] == instance


TRANSFORMS = {
    "at the top": ("Transform: AWS::LanguageExtensions\n", "{Type: AWS::SQS::Queue}"),
    "below": ("", '{Type: AWS::SQS::Queue, Properties: {Fn::Transform: {Name: "AWS::Include", Parameters: {Location: "s3://a/b"}}}}'),
}


@pytest.mark.parametrize("where", TRANSFORMS)
def test_a_template_with_a_transform_is_sent_whole_with_each_update(make_broker, recorder, tmp_path, where):
    # CloudFormation keeps only what the transform has made of it before, and would find nothing to do.
    top, queue = TRANSFORMS[where]
    template = top + TEMPLATE.format(version="1.0.0", more="").replace("{Type: AWS::SQS::Queue}", queue)
    template = template.replace("    ServicePlans:", "    UpdatableParameters: [Size]\n    ServicePlans:")
    (tmp_path / "ant-main.yaml").write_text(template)
    osb, instance = make_broker("--template-folder", str(tmp_path), environment=recorder.environment()).client, new_id()
    assert osb.provision(instance, service="ant", plan="one", parameters={"Size": 6}).status == 202
    stack = recorder.of_instance(instance)
    assert stack.created.capabilities == ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
    settle(osb, stack, instance, "CREATE_COMPLETE")
    assert osb.update(instance, service="ant", parameters={"Size": 7}).status == 202
    (request,) = stack.updates
    assert request.template == template
    assert (request.parameters, request.unchanged) == ({"Size": "7"}, set())
    assert request.capabilities == stack.created.capabilities
