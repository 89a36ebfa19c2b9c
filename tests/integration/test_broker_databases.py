"""The database classes on the emulator: created in a VPC, with what they need of their own or of the user's, bound, and gone without a trace."""

import pytest
from chandlery_dev.processes import wait_until
from chandlery_dev.templates import expanded
from instances_in_vpc import Network

ACCESS = "10.0.0.0/8"

# What the emulator must say of the server of each class, by name of its fields.
SERVERS = {
    "rdsmysql": {"Engine": "mysql", "EngineVersion": "8.4", "DBInstanceClass": "db.r5.2xlarge"},
    "rdsmariadb": {"Engine": "mariadb", "EngineVersion": "11.4", "DBInstanceClass": "db.m5.xlarge"},
    "rdspostgresql": {"Engine": "postgres", "EngineVersion": "17", "DBInstanceClass": "db.m5.xlarge"},
    "rdsmssql": {"Engine": "sqlserver-se", "EngineVersion": "16.00", "DBInstanceClass": "db.m5.large"},
    "rdsoracle": {"Engine": "oracle-ee", "EngineVersion": "19", "DBInstanceClass": "db.r5.large"},
}
PORTS = {"rdsmssql": 1433, "rdsoracle": 1521}
# And of the cluster.
CLUSTERS = {
    "auroramysql": {"Engine": "aurora-mysql", "Port": 3306},
    "aurorapostgresql": {"Engine": "aurora-postgresql", "Port": 5432},
    "documentdb": {"Engine": "docdb", "EngineVersion": "5.0.0", "Port": 27017},
}
# What the password is called: as a parameter, and as a credential.
PASSWORDS = {**dict.fromkeys(SERVERS, ("MasterUserPassword", "MASTER_PASSWORD")), **dict.fromkeys(CLUSTERS, ("DBPassword", "DB_PASSWORD"))}
USERS = {**dict.fromkeys(SERVERS, "MasterUsername"), **dict.fromkeys(CLUSTERS, "DBUsername")}


def server_of(emulator, address: str) -> dict:
    found = emulator.client("rds").describe_db_instances()["DBInstances"]
    (server,) = [each for each in found if each["Endpoint"]["Address"] == address]
    return server


@pytest.mark.parametrize("service", SERVERS)
def test_a_production_database_gets_all_it_needs(instances, emulator, network, service):
    instance = instances.make(service, "production", {"VpcId": network.vpc, "AccessCidr": ACCESS})
    credentials = instances.bind(instance)
    server = server_of(emulator, credentials["ENDPOINT_ADDRESS"])
    assert server | SERVERS[service] == server
    assert server["StorageEncrypted"] and server["MultiAZ"] and not server["PubliclyAccessible"]
    assert (server["StorageType"], server["AllocatedStorage"], server["BackupRetentionPeriod"]) == ("io1", 100, 35)
    assert (server["PreferredBackupWindow"], server["PreferredMaintenanceWindow"].lower()) == ("00:00-02:00", "mon:04:00-mon:06:00")
    name = "master" if service == "rdsmssql" else server["DBName"]  # SQL Server has no database at first
    assert (credentials["DB_NAME"], name.isalnum()) == (name, True)
    port = PORTS.get(service, 13306)
    assert (credentials["MASTER_USERNAME"], credentials["PORT"]) == ("master", str(port))
    assert len(credentials["MASTER_PASSWORD"]) == 30
    check_network(network, server["VpcSecurityGroups"], port)


@pytest.mark.parametrize("service", CLUSTERS)
def test_a_production_cluster_gets_all_it_needs(instances, emulator, network, service):
    instance = instances.make(service, "production", {"VpcId": network.vpc, "AccessCidr": ACCESS})
    credentials = instances.bind(instance)
    cluster, servers = cluster_of(emulator, service, credentials["CLUSTER_ENDPOINT"])
    assert cluster | CLUSTERS[service] == cluster
    assert cluster["StorageEncrypted"]
    assert cluster["BackupRetentionPeriod"] == 35
    assert [server["DBInstanceClass"] for server in servers] == ["db.r5.large"] * 3
    port = cluster["Port"]
    assert (credentials["DB_USERNAME"], credentials["PORT"]) == ("master", str(port))
    assert credentials["READER_ENDPOINT"] == cluster["ReaderEndpoint"]
    if service == "documentdb":
        assert credentials["CLUSTER_IDENTIFIER"] == cluster["DBClusterIdentifier"]
        assert credentials["INSTANCE_ID"] in {server["DBInstanceIdentifier"] for server in servers}
    else:
        assert credentials["DB_NAME"] == cluster["DatabaseName"]
    check_network(network, cluster["VpcSecurityGroups"], port, zones=3)


def cluster_of(emulator, service: str, address: str) -> tuple[dict, list[dict]]:
    client = emulator.client("docdb" if service == "documentdb" else "rds")
    (cluster,) = [each for each in client.describe_db_clusters()["DBClusters"] if each["Endpoint"] == address]
    servers = client.describe_db_instances()["DBInstances"]
    return cluster, [each for each in servers if each.get("DBClusterIdentifier") == cluster["DBClusterIdentifier"]]


def check_network(network: Network, groups: list[dict], port: int, zones: int | None = None) -> None:
    """Subnets in different zones, and a security group that lets in what may."""
    subnets = network.subnets()
    assert len({subnet["AvailabilityZone"] for subnet in subnets}) == len(subnets) >= (zones or 2)
    (group,) = network.security_groups()
    (rule,) = group["IpPermissions"]
    assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", port, port)
    assert [allowed["CidrIp"] for allowed in rule["IpRanges"]] == [ACCESS]
    assert [each["VpcSecurityGroupId"] for each in groups] == [group["GroupId"]]


@pytest.mark.parametrize("service", PASSWORDS)
def test_the_user_s_password_is_told_to_bindings_only(instances, network, service):
    (parameter, name), password = PASSWORDS[service], "A-w0rd+of=the|user's"
    given = {"VpcId": network.vpc, "AccessCidr": ACCESS, USERS[service]: "jane", parameter: password}
    instance = instances.make(service, "custom", {**given, "SubnetIds": ",".join(two_subnets(network))})
    stack = instances.stack(instance)
    assert password not in str(stack)
    assert instances.bind(instance)[name] == password


@pytest.mark.parametrize("service", ["auroramysql", "aurorapostgresql"])
def test_a_cluster_for_development_has_the_fewest_backups(instances, emulator, network, service):
    """The Go broker's plan asks for 0 days, which Aurora does not have."""
    instance = instances.make(service, "dev", {"VpcId": network.vpc, "AccessCidr": ACCESS})
    cluster, servers = cluster_of(emulator, service, instances.bind(instance)["CLUSTER_ENDPOINT"])
    assert (cluster["BackupRetentionPeriod"], len(servers)) == (1, 2)


def test_a_serverless_cluster_pauses_when_idle(instances, emulator, network):
    given = {"VpcId": network.vpc, "AccessCidr": ACCESS, "DBEngineMode": "serverless", "ServerlessMaxCapacityUnit": "8"}
    instance = instances.make("auroramysql", "custom", given)
    cluster, servers = cluster_of(emulator, "auroramysql", instances.bind(instance)["CLUSTER_ENDPOINT"])
    assert [server["DBInstanceClass"] for server in servers] == ["db.serverless"]
    assert cluster["ServerlessV2ScalingConfiguration"] == {"MinCapacity": 0, "MaxCapacity": 8}, "the emulator forgets the seconds"


def two_subnets(network: Network) -> list[str]:
    return [network.add_subnet("us-east-1a", "10.77.0.0/28"), network.add_subnet("us-east-1b", "10.77.0.16/28")]


@pytest.mark.parametrize("service", SERVERS)
def test_scaling_changes_the_server_in_place(instances, emulator, network, service):
    given = {"VpcId": network.vpc, "AccessCidr": ACCESS, "MasterUsername": "jane", "SubnetIds": ",".join(two_subnets(network))}
    instance = instances.make(service, "custom", given)
    before = server_of(emulator, instances.bind(instance)["ENDPOINT_ADDRESS"])
    stack, cloudformation = instances.stack(instance), emulator.client("cloudformation")
    large = "300 GB / 3,000 IOPS" if service in ("rdsmariadb", "rdspostgresql") else "300GB 3000IOPS"
    scaled = {"DBInstanceClass": "db.r3.4xlarge", "AllocatedStorageAndIops": large}
    kept = [each["ParameterKey"] for each in stack["Parameters"] if each["ParameterKey"] not in scaled]
    cloudformation.update_stack(
        StackName=stack["StackName"],
        TemplateBody=expanded(service),
        Parameters=[{"ParameterKey": name, "UsePreviousValue": True} for name in kept]
        + [{"ParameterKey": name, "ParameterValue": value} for name, value in scaled.items()],
        Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    wait_until("the update", lambda: instances.stack(instance)["StackStatus"] == "UPDATE_COMPLETE", 60)
    after = server_of(emulator, before["Endpoint"]["Address"])
    assert after["DBInstanceIdentifier"] == before["DBInstanceIdentifier"]
    assert (after["DBInstanceClass"], after["AllocatedStorage"]) == ("db.r5.4xlarge", 300)


def test_the_user_s_subnets_and_security_groups_are_taken(instances, emulator, network):
    subnets, group = two_subnets(network), network.add_security_group()
    given = {"VpcId": network.vpc, "AccessCidr": ACCESS, "SubnetIds": ",".join(subnets), "SecurityGroupIds": group}
    instance = instances.make("rdsmysql", "dev", given)
    server = server_of(emulator, instances.bind(instance)["ENDPOINT_ADDRESS"])
    assert {each["SubnetIdentifier"] for each in server["DBSubnetGroup"]["Subnets"]} == set(subnets)
    assert [each["VpcSecurityGroupId"] for each in server["VpcSecurityGroups"]] == [group]
    assert {each["SubnetId"] for each in network.subnets()} == set(subnets)
    assert [each["GroupId"] for each in network.security_groups()] == [group]


def test_instances_in_one_vpc_get_room_beside_each_other_and_leave_it(instances, network):
    network.add_subnet("us-east-1a", "10.77.0.8/29")
    given = {"VpcId": network.vpc, "AccessCidr": ACCESS}
    first = instances.make("rdsmysql", "dev", given)
    assert network.blocks() == {"10.77.0.8/29", "10.77.0.16/28", "10.77.0.32/28"}
    instances.make("rdsmysql", "production", given)
    assert network.blocks() == {"10.77.0.8/29", "10.77.0.16/28", "10.77.0.32/28", "10.77.0.64/27", "10.77.0.96/27"}
    # Now 10.77.0.48/28 is left, but there must be two.
    assert "The VPC has no room left for subnets" in instances.fail_to_make("rdsmysql", "dev", given)
    instances.remove(first)
    assert network.blocks() == {"10.77.0.8/29", "10.77.0.64/27", "10.77.0.96/27"}


def test_subnets_are_made_where_the_user_says(instances, network):
    where = {"AvailabilityZones": "us-east-1c,us-east-1a", "CidrBlocks": "10.77.0.64/28,10.77.0.32/28"}
    instances.make("rdsmysql", "custom", {"VpcId": network.vpc, "AccessCidr": ACCESS, "MasterUsername": "jane", **where})
    made = {subnet["AvailabilityZone"]: subnet["CidrBlock"] for subnet in network.subnets()}
    assert made == {"us-east-1c": "10.77.0.64/28", "us-east-1a": "10.77.0.32/28"}
