"""The function that keeps the hosts' name; what it asks AWS for is held against AWS's own models of its services."""

import os
import sys
import unittest
from unittest import mock

import boto3
from botocore.stub import Stubber

from templates import ROOT

sys.path.insert(0, str(ROOT / "infra/dns"))
import index  # noqa: E402


def machine(name, state):
    return {"InstanceId": name, "AvailabilityZone": "eu-central-1a", "LifecycleState": state, "HealthStatus": "Healthy", "ProtectedFromScaleIn": False}


class TheName(unittest.TestCase):
    def run_with(self, machines, addresses, record):
        clients = {name: boto3.client(name) for name in ("autoscaling", "ec2", "route53")}
        stubs = {name: Stubber(client) for name, client in clients.items()}
        group = {"AutoScalingGroupName": "hosts", "MinSize": 1, "MaxSize": 2, "DesiredCapacity": 1, "DefaultCooldown": 1, "AvailabilityZones": ["a"], "HealthCheckType": "EC2", "CreatedTime": 0, "Instances": machines}
        stubs["autoscaling"].add_response("describe_auto_scaling_groups", {"AutoScalingGroups": [group]}, {"AutoScalingGroupNames": ["hosts"]})
        if addresses:
            reservations = [{"Instances": [{"PrivateIpAddress": address}]} for address in addresses.values()]
            stubs["ec2"].add_response("describe_instances", {"Reservations": reservations}, {"InstanceIds": list(addresses)})
        if record:
            change = {"Name": "docker.sce.internal", "Type": "A", "TTL": 10, "ResourceRecords": [{"Value": address} for address in record]}
            asked = {"HostedZoneId": "Z1", "ChangeBatch": {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": change}]}}
            done = {"ChangeInfo": {"Id": "1", "Status": "PENDING", "SubmittedAt": 0}}
            stubs["route53"].add_response("change_resource_record_sets", done, asked)
        for stub in stubs.values():
            stub.activate()
        environment = {"GROUP": "hosts", "ZONE": "Z1", "NAME": "docker.sce.internal"}
        with mock.patch.dict(os.environ, environment), mock.patch.object(index.boto3, "client", clients.get), mock.patch("builtins.print"):
            answer = index.handler({}, None)
        for stub in stubs.values():
            stub.assert_no_pending_responses()
        return answer

    def test_leads_to_the_hosts_in_service_and_to_no_other(self):
        machines = [machine("i-2", "InService"), machine("i-1", "InService"), machine("i-3", "Pending:Wait"), machine("i-4", "Terminating:Wait")]
        addresses = {"i-2": "10.90.3.2", "i-1": "10.90.2.1"}
        self.assertEqual(self.run_with(machines, addresses, ["10.90.2.1", "10.90.3.2"]), ["10.90.2.1", "10.90.3.2"])

    def test_is_left_as_it_is_when_no_host_is_in_service(self):
        self.assertEqual(self.run_with([machine("i-1", "Terminating:Wait")], {}, None), [])
