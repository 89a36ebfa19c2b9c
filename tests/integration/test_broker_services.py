"""The classes beside the databases that live in a VPC or make what CloudFormation cannot: created, bound, used where a client can, and gone."""

import boto3
import pytest
from chandlery_dev.emulator import REGION
from chandlery_dev.moto import Moto
from osb_client import new_id

ACCESS = "10.0.0.0/8"


def test_a_memcached_cluster_is_spread_over_two_zones(instances, emulator, network):
    given = {"VpcId": network.vpc, "AccessCidr": ACCESS, "CacheNodeType": "cache.m3.large", "NumCacheNodes": "2"}
    instance = instances.make("elasticache", "production", given)
    credentials = instances.bind(instance)
    assert credentials["ENDPOINT_ADDRESS"]
    (cluster,) = emulator.client("elasticache").describe_cache_clusters()["CacheClusters"]
    expected = {"Engine": "memcached", "EngineVersion": "1.6.22", "CacheNodeType": "cache.m5.large", "NumCacheNodes": 2}
    assert cluster | expected == cluster
    assert len({subnet["AvailabilityZone"] for subnet in network.subnets()}) == 2
    (group,) = network.security_groups()
    (rule,) = group["IpPermissions"]
    assert (rule["FromPort"], rule["ToPort"], rule["IpRanges"][0]["CidrIp"]) == (6379, 6379, ACCESS)
    instances.remove(instance)
    assert network.subnets() == network.security_groups() == []


def test_a_search_domain_is_in_the_user_s_network(instances, emulator, network):
    subnets = [network.add_subnet("us-east-1a", "10.77.0.0/27"), network.add_subnet("us-east-1b", "10.77.0.32/27")]
    group = network.add_security_group()
    given = {"VpcId": network.vpc, "AccessCidr": ACCESS, "SubnetIds": ",".join(subnets), "SecurityGroupIds": group}
    credentials = instances.bind(instances.make("elasticsearch", "production", given))
    domain = emulator.client("opensearch").describe_domain(DomainName=credentials["ES_DOMAIN_NAME"])["DomainStatus"]
    assert domain["ARN"] == credentials["ELASTICSEARCH_DOMAIN_ARN"]
    assert credentials["ELASTICSEARCH_ENDPOINT"]
    assert domain["EngineVersion"] == "Elasticsearch_6.8"
    nodes = domain["ClusterConfig"]
    assert (nodes["InstanceType"], nodes["InstanceCount"]) == ("r5.large.search", 2)
    assert nodes["ZoneAwarenessEnabled"] and nodes["DedicatedMasterEnabled"]


CSV = {"RowFormat": "DELIMITED", "SerdeProperties": "FIELDS TERMINATED BY ','"}
JSON = {"RowFormat": "SERDE", "SerdeName": "org.openx.data.jsonserde.JsonSerDe", "SerdeProperties": "'ignore.malformed.json' = 'true'"}


@pytest.fixture
def source(emulator):
    """A bucket of the user's with data."""
    s3, bucket = emulator.client("s3"), f"source-{new_id()}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="people/1.csv", Body=b"1,jane\n2,john\n")
    yield f"s3://{bucket}/people/"
    s3.delete_object(Bucket=bucket, Key="people/1.csv")
    s3.delete_bucket(Bucket=bucket)


@pytest.mark.parametrize("layout", [CSV, JSON], ids=["delimited", "serde"])
def test_an_athena_table_is_queried_and_gone_with_its_results(instances, emulator, account, source, layout):
    given = {"S3Source": source, "TableColumns": "id int, name string", "AthenaDBName": "Staff", "TableName": "People", **layout}
    instance = instances.make("athena", "default", given)
    credentials = instances.bind(instance)
    glue = emulator.client("glue")
    table = glue.get_table(DatabaseName="staff", Name="people")["Table"]["StorageDescriptor"]
    assert [(column["Name"], column["Type"]) for column in table["Columns"]] == [("id", "int"), ("name", "string")]
    assert table["Location"].rstrip("/") == source.rstrip("/")
    keys = [credentials[f"ATHENA_AWS_{name}"] for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")]
    athena = boto3.client(
        "athena", endpoint_url=emulator.url, region_name=REGION, aws_access_key_id=keys[0], aws_secret_access_key=keys[1]
    )
    query = athena.start_query_execution(
        QueryString="SELECT name FROM staff.people", ResultConfiguration={"OutputLocation": credentials["OUTPUT_LOCATION"]}
    )
    assert query["QueryExecutionId"]
    instances.remove(instance)
    assert "staff" not in [each["Name"] for each in glue.get_databases()["DatabaseList"]]
    assert credentials["OUTPUT_LOCATION"].split("/")[2] not in account.buckets()


def test_an_athena_table_leaves_alone_what_it_did_not_make(instances, emulator, source):
    glue = emulator.client("glue")
    glue.create_database(DatabaseInput={"Name": "kept"})
    glue.create_table(DatabaseName="kept", TableInput={"Name": "people"})
    given = {"S3Source": source, "TableColumns": "id int", "AthenaDBName": "kept", **CSV}
    assert "Table" in instances.fail_to_make("athena", "default", {**given, "TableName": "people"})
    assert glue.get_table(DatabaseName="kept", Name="people")
    instances.remove(instances.make("athena", "default", {**given, "TableName": "others"}))
    assert [table["Name"] for table in glue.get_tables(DatabaseName="kept")["TableList"]] == ["people"]


@pytest.mark.parametrize("plan", ["production", "dev"])
def test_a_cognito_directory_takes_users(instances, emulator, plan):
    instance = instances.make("cognito", plan, {})
    credentials = instances.bind(instance)
    pool, users = credentials["USER_POOL_ID"], emulator.client("cognito-idp")
    users.admin_create_user(UserPoolId=pool, Username="jane@example.com", TemporaryPassword="A-pass-w0rd-of-hers")
    assert len(users.list_users(UserPoolId=pool)["Users"]) == 1
    client = users.describe_user_pool_client(UserPoolId=pool, ClientId=credentials["USER_POOL_CLIENT_ID"])["UserPoolClient"]
    assert "ClientSecret" not in client
    identities = emulator.client("cognito-identity").describe_identity_pool(IdentityPoolId=credentials["IDENTITY_POOL_ID"])
    assert identities["AllowUnauthenticatedIdentities"] is False
    instances.remove(instance)
    assert pool not in [each["Id"] for each in users.list_user_pools(MaxResults=60)["UserPools"]]


@pytest.fixture(scope="module")
def moto(tmp_path_factory):
    moto = Moto(tmp_path_factory.mktemp("moto"))
    yield moto.start()
    moto.stop()


def test_a_redshift_cluster_is_made_and_gone(make_broker, moto):
    # moto's stacks make no secret that a bind could read, and their end does not end the cluster.
    ec2, redshift = moto.client("ec2"), moto.client("redshift")
    vpc = ec2.create_vpc(CidrBlock="10.78.0.0/25")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.78.0.0/27")["Subnet"]["SubnetId"]
    broker, instance, options = make_broker(environment=moto.environment()).client, new_id(), {"service": "redshift", "plan": "production"}
    broker.provisioned(instance, parameters={"VpcId": vpc, "SubnetIds": subnet, "AccessCidr": ACCESS, "NodeType": "ds2.xlarge"}, **options)
    (cluster,) = redshift.describe_clusters()["Clusters"]
    expected = {"NodeType": "ra3.xlplus", "NumberOfNodes": 3, "Encrypted": True, "PubliclyAccessible": False, "AutomatedSnapshotRetentionPeriod": 35}
    assert cluster | expected == cluster
    assert (cluster["Endpoint"]["Port"], cluster["MasterUsername"]) == (5439, "master")
    broker.deprovisioned(instance, **options)
    stacks = moto.client("cloudformation").list_stacks()["StackSummaries"]
    assert [each["StackStatus"] for each in stacks if instance in each["StackName"]] == ["DELETE_COMPLETE"]
