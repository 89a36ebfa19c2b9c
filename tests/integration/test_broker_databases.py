"""The database classes on the emulator: created in a VPC, with what they need of their own or of the user's, bound, and gone without a trace."""

import pytest
from osb_client import new_id

ACCESS = "10.0.0.0/8"

# What the emulator must say of the server of each class, by name of its fields.
SERVERS = {
    "rdsmysql": {"Engine": "mysql", "EngineVersion": "8.4", "DBInstanceClass": "db.r5.2xlarge"},
    "rdsmariadb": {"Engine": "mariadb", "EngineVersion": "11.4", "DBInstanceClass": "db.m5.xlarge"},
    "rdspostgresql": {"Engine": "postgres", "EngineVersion": "17", "DBInstanceClass": "db.m5.xlarge"},
}


class Network:
    """A VPC of the test's own."""

    def __init__(self, emulator, block: str):
        self.ec2 = emulator.client("ec2")
        self.vpc = self.ec2.create_vpc(CidrBlock=block)["Vpc"]["VpcId"]

    def add_subnet(self, zone: str, block: str) -> str:
        return self.ec2.create_subnet(VpcId=self.vpc, AvailabilityZone=zone, CidrBlock=block)["Subnet"]["SubnetId"]

    def add_security_group(self) -> str:
        return self.ec2.create_security_group(GroupName=new_id(), Description="The user's", VpcId=self.vpc)["GroupId"]

    def subnets(self) -> list[dict]:
        return self.ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [self.vpc]}])["Subnets"]

    def blocks(self) -> set[str]:
        return {subnet["CidrBlock"] for subnet in self.subnets()}

    def security_groups(self) -> list[dict]:
        groups = self.ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [self.vpc]}])["SecurityGroups"]
        return [group for group in groups if group["GroupName"] != "default"]


@pytest.fixture
def network(emulator):
    return Network(emulator, "10.77.0.0/25")


class Instances:
    """Makes and binds instances, and sees to it that nothing stays of them."""

    def __init__(self, osb, account, emulator):
        self.osb, self.account, self.emulator = osb, account, emulator
        self._made: dict[str, dict] = {}

    def make(self, service: str, plan: str, parameters: dict) -> str:
        instance = new_id()
        self._made[instance] = {"service": service, "plan": plan}
        self.osb.provisioned(instance, parameters=parameters, **self._made[instance])
        return instance

    def fail_to_make(self, service: str, plan: str, parameters: dict) -> str:
        """Gives the reason."""
        instance = new_id()
        self._made[instance] = {"service": service, "plan": plan}
        assert self.osb.provision(instance, parameters=parameters, **self._made[instance]).status == 202
        settled = self.osb.until_settled(instance).body
        assert settled["state"] == "failed", settled
        self.remove(instance)
        return settled["description"]

    def bind(self, instance: str) -> dict:
        answer = self.osb.bind(instance, new_id(), **self._made[instance])
        assert answer.status == 201, answer
        return answer.body["credentials"]

    def stack(self, instance: str) -> dict:
        (name,) = self.account.stacks(instance)
        return self.emulator.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]

    def remove(self, instance: str) -> None:
        self.osb.deprovisioned(instance, **self._made.pop(instance))
        assert self.account.stacks(instance) == []
        secrets = self.emulator.client("secretsmanager").list_secrets()["SecretList"]
        assert [each["Name"] for each in secrets if instance in each["Name"]] == []

    def remove_all(self) -> None:
        for instance in list(self._made):
            self.remove(instance)


@pytest.fixture
def instances(osb, account, emulator):
    instances = Instances(osb, account, emulator)
    yield instances
    instances.remove_all()


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
    assert credentials["DB_NAME"] == server["DBName"]
    assert server["DBName"].isalnum()
    assert (credentials["MASTER_USERNAME"], credentials["PORT"]) == ("master", "13306")
    assert len({subnet["AvailabilityZone"] for subnet in network.subnets()}) == 2
    (group,) = network.security_groups()
    (rule,) = group["IpPermissions"]
    assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 13306, 13306)
    assert [allowed["CidrIp"] for allowed in rule["IpRanges"]] == [ACCESS]
    assert [each["VpcSecurityGroupId"] for each in server["VpcSecurityGroups"]] == [group["GroupId"]]


@pytest.mark.parametrize("service", SERVERS)
def test_the_password_is_in_its_secret_only(instances, emulator, network, service):
    given = {"VpcId": network.vpc, "AccessCidr": ACCESS, "MasterUsername": "jane", "MasterUserPassword": "A-w0rd/of+the=user's"}
    instance = instances.make(service, "custom", {**given, "SubnetIds": ",".join(two_subnets(network))})
    stack = instances.stack(instance)
    assert given["MasterUserPassword"] not in str(stack)
    (output,) = [each["OutputValue"] for each in stack["Outputs"] if each["OutputKey"] == "MasterPassword"]
    assert output.startswith("secretsmanager:") and output.endswith(":SecretString")
    secret = output.removeprefix("secretsmanager:").removesuffix(":SecretString")
    assert emulator.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"] == given["MasterUserPassword"]


def two_subnets(network: Network) -> list[str]:
    return [network.add_subnet("us-east-1a", "10.77.0.0/28"), network.add_subnet("us-east-1b", "10.77.0.16/28")]


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
