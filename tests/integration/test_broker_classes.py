"""Each class on the emulator: created, bound, used with the binding's own credentials where a client can, and gone without a trace."""

import boto3
import pytest
from osb_client import new_id


def client(service: str, credentials: dict, prefix: str, emulator):
    return boto3.client(
        service,
        endpoint_url=emulator.url,
        region_name="us-east-1",
        aws_access_key_id=credentials[f"{prefix}_AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=credentials[f"{prefix}_AWS_SECRET_ACCESS_KEY"],
    )


def use_dynamodb(credentials, emulator):
    table = client("dynamodb", credentials, "DYNAMODB", emulator)
    name = credentials["TABLE_NAME"]
    table.put_item(TableName=name, Item={"owner": {"S": "jane"}, "number": {"N": "7"}, "colour": {"S": "red"}})
    assert table.get_item(TableName=name, Key={"owner": {"S": "jane"}, "number": {"N": "7"}})["Item"]["colour"] == {"S": "red"}


def use_kinesis(credentials, emulator):
    kinesis = client("kinesis", credentials, "KINESIS", emulator)
    stream = credentials["STREAM_NAME"]
    shard = kinesis.put_record(StreamName=stream, Data=b"hello", PartitionKey="p")["ShardId"]
    iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    assert [record["Data"] for record in kinesis.get_records(ShardIterator=iterator)["Records"]] == [b"hello"]


def use_kms(credentials, emulator):
    kms = client("kms", credentials, "KMS", emulator)
    sealed = kms.encrypt(KeyId=credentials["KMS_KEY_ID"], Plaintext=b"secret")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"secret"


def use_sns(credentials, emulator):
    sns = client("sns", credentials, "SNS", emulator)
    assert sns.publish(TopicArn=credentials["TOPIC_ARN"], Message="hello")["MessageId"]


def use_sqs(credentials, emulator):
    sqs = client("sqs", credentials, "SQS", emulator)
    sqs.send_message(QueueUrl=credentials["QUEUE_URL"], MessageBody="hello")


def have_keys(prefix):
    def check(credentials, _emulator):
        assert credentials[f"{prefix}_AWS_ACCESS_KEY_ID"]
        assert credentials[f"{prefix}_AWS_SECRET_ACCESS_KEY"]

    return check


def use_polly(credentials, emulator):
    have_keys("POLLY")(credentials, emulator)
    assert credentials["POLLY_AWS_REGION"] == "us-east-1"
    assert credentials["POLLY_LEXICON_PREFIX"].isalnum()


def use_route53(credentials, emulator):
    zone = emulator.client("route53").get_hosted_zone(Id=credentials["HOSTED_ZONE_ID"])["HostedZone"]
    assert zone["Name"] == "example.com."


KEYS = {"HashAttributeName": "owner", "RangeAttributeName": "number", "RangeAttributeType": "N"}

CASES = {
    "dynamodb": ("hashrange", KEYS, use_dynamodb),
    "kinesis": ("default", {"ShardCount": "1"}, use_kinesis),
    "kms": ("default", None, use_kms),
    "polly": ("default", None, use_polly),
    "rekognition": ("default", None, have_keys("REKOGNITION")),
    "route53": ("hostedzone", {"NewHostedZoneName": "example.com"}, use_route53),
    "sns": ("topic", None, use_sns),
    "sqs": ("standard", None, use_sqs),
    "translate": ("default", None, have_keys("SQS")),
}


@pytest.mark.parametrize("service", CASES)
def test_an_instance_is_made_used_and_gone(osb, account, emulator, service):
    plan, parameters, use = CASES[service]
    instance, binding = new_id(), new_id()
    osb.provisioned(instance, service=service, plan=plan, parameters=parameters)
    bound = osb.bind(instance, binding, service=service, plan=plan)
    assert bound.status == 201, bound
    use(bound.body["credentials"], emulator)
    assert osb.unbind(instance, binding, service=service, plan=plan).status == 200
    assert not {user for user in account.users() if binding in user}
    osb.deprovisioned(instance, service=service, plan=plan)
    assert account.stacks(instance) == []
