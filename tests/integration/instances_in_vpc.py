"""Instances of classes that live in a VPC, and the VPC."""

from osb_client import new_id


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
