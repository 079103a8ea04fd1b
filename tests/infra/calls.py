"""What the code calls at AWS, read from its source, and what the function's role allows."""

import re

from templates import ROOT

DYNAMODB = ROOT / "src/outbound/dynamodb"
# Makes the table for DynamoDB Local, and nothing else: see `only_locally`.
ONLY_LOCALLY = "table.rs"
SECRET = "SCE_DOCKER_CERT_SECRET"

# What the role allows beside the code's own calls: Lambda acts in the function's name.
OF_LAMBDA = {
    "sqs:ReceiveMessage": "its poller reads the queue",
    "sqs:DeleteMessage": "its poller removes what was handled",
    "sqs:GetQueueAttributes": "its poller asks how much is waiting",
    "sqs:SendMessage": "it puts events that failed into the dead letters",
    "logs:CreateLogStream": "it writes the function's log",
    "logs:PutLogEvents": "it writes the function's log",
    "ec2:CreateNetworkInterface": "it puts the function into the VPC",
    "ec2:DescribeNetworkInterfaces": "it puts the function into the VPC",
    "ec2:DescribeSubnets": "it puts the function into the VPC",
    "ec2:DeleteNetworkInterface": "it takes the function out of the VPC",
    "ec2:AssignPrivateIpAddresses": "it puts the function into the VPC",
    "ec2:UnassignPrivateIpAddresses": "it takes the function out of the VPC",
}


def camel(name):
    return "".join(part.capitalize() for part in name.split("_"))


def source(path):
    """Rust without comments."""
    return re.sub(r"//.*", "", path.read_text())


def of_dynamodb():
    """IAM actions of the calls to DynamoDB. A transaction is allowed by what it is made of."""
    actions = set()
    for path in sorted(DYNAMODB.rglob("*.rs")):
        # The client is asked for first: it is made beside the function's start.
        text = re.sub(r"\.get\(\)\s*\.await", "", source(path))
        operations = re.findall(r"\bclient\s*\.\s*(\w+)\(\)", text)
        sent = len(re.findall(r"\.send\(\)", text))
        assert len(operations) == sent, f"{path}: {sent} requests are sent, and {operations} were understood"
        if path.name == ONLY_LOCALLY:
            continue
        for operation in operations:
            if operation == "transact_write_items":
                members = re.findall(r"TransactWriteItem::builder\(\)\s*\.(\w+)\(", text)
                assert members, f"{path}: a transaction of nothing"
                actions |= {"dynamodb:" + {"condition_check": "ConditionCheckItem"}.get(m, camel(m) + "Item") for m in members}
            else:
                actions.add("dynamodb:" + camel(operation))
    return actions


def only_locally():
    """Whether the table is made by the program only where it is DynamoDB Local's."""
    callers = [path for path in (ROOT / "src").rglob("*.rs") if ".create_table()" in source(path)]
    callers = [path for path in callers if path.parent != DYNAMODB and "tests" not in path.parts]
    return callers == [ROOT / "src/main.rs"] and bool(
        re.search(r"if \w+\.is_local\(\) \{\s*\w+\.create_table\(\)", source(callers[0]))
    )


def settings():
    """Every variable that the configuration reads."""
    files = [path for path in (ROOT / "src/config").rglob("*.rs") if path.name != "tests.rs"]
    return {name for path in files for name in re.findall(r'"((?:SCE|DOCKER)_[A-Z_]+)"', source(path))}


def reads_a_secret():
    """Whether the code knows the setting that names the secret."""
    return SECRET in settings()


def metrics():
    """(namespace, dimension, names) of the metrics that the handler writes."""
    written = source(ROOT / "src/telemetry/metrics.rs")
    [namespace] = re.findall(r'NAMESPACE: &str = "(\w+)"', written)
    [dimension] = re.findall(r'DIMENSION: &str = "(\w+)"', written)
    text = " ".join(source(path) for path in sorted((ROOT / "src").rglob("*.rs")) if path.name != "metrics.rs")
    names = {name for one in re.findall(r"target: METRICS,(.*?)\);", text, re.S) for name in re.findall(r"\b([A-Z]\w+) =", one)}
    return namespace, dimension, names
