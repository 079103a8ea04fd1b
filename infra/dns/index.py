"""Points the Docker hosts' one name at those of the Auto Scaling group that are in service.

Runs when a host comes or goes, and every minute should an event have been lost. Looks at the group as it is, never
at the event: the order in which events come does not matter.
"""

import os

import boto3

# Seconds that a resolver may remember it: how long a host that is gone is still asked.
TTL = 10


def handler(_event, _context):
    addresses = in_service(boto3.client("autoscaling"), boto3.client("ec2"), os.environ["GROUP"])
    if not addresses:
        # A name without addresses cannot be written. What stands there does not answer, and is not believed if something
        # else does: it lacks the certificate.
        print("no host is in service: the name is left as it is")
        return addresses
    point(boto3.client("route53"), os.environ["ZONE"], os.environ["NAME"], addresses)
    print("the name leads to", *addresses)
    return addresses


def in_service(autoscaling, ec2, group):
    """The private addresses of the hosts that are in service, sorted."""
    groups = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])["AutoScalingGroups"]
    ids = [one["InstanceId"] for found in groups for one in found["Instances"] if one["LifecycleState"] == "InService"]
    if not ids:
        return []
    reservations = ec2.describe_instances(InstanceIds=ids)["Reservations"]
    machines = (machine for reservation in reservations for machine in reservation["Instances"])
    return sorted(machine["PrivateIpAddress"] for machine in machines if "PrivateIpAddress" in machine)


def point(route53, zone, name, addresses):
    record = {"Name": name, "Type": "A", "TTL": TTL, "ResourceRecords": [{"Value": address} for address in addresses]}
    change = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=change)
