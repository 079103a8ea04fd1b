"""Rules that no linter knows. Each takes the templates and gives a sentence for whatever breaks it."""

import calls
import network_rules
from statements import as_list, policies

# Statements that may name all resources, and why. Nothing else may.
ANY_RESOURCE = {
    ("template.yaml", "FunctionRole", "NetworkInterfaces"): "Lambda checks for it on `*`; denied to the code itself",
    ("infra/hosts.yaml", "DnsRole", "Look"): "Describe actions know no resources, and only tell",
}
# Managed policies, and why.
MANAGED = {("infra/account.yaml", "Role"): "API Gateway refuses a role that may do less"}
AUTHS = {"IAM": "iam", "JWT": "jwt", "API_KEY": "api_key"}


def is_any(value):
    return isinstance(value, str) and "*" in value


def roles_without_wildcards(templates):
    for template, name, role in templates.resources("AWS::IAM::Role"):
        if role.get("ManagedPolicyArns") and (template, name) not in MANAGED:
            yield f"{template}: {name} takes a managed policy"
        for policy, document in policies(role):
            for statement in document["Statement"]:
                if statement["Effect"] != "Allow":
                    continue
                if "NotAction" in statement or "NotResource" in statement:
                    yield f"{template}: {name}, {policy}, allows everything but something"
                if any(is_any(action) for action in as_list(statement.get("Action"))):
                    yield f"{template}: {name}, {policy}, has a wildcard for actions"
                known = (template, name, policy) in ANY_RESOURCE
                if any(is_any(resource) for resource in as_list(statement.get("Resource"))) and not known:
                    yield f"{template}: {name}, {policy}, has a wildcard for resources"
    for template, name, function in templates.resources("AWS::Serverless::Function"):
        if "Role" not in function or "Policies" in function:
            yield f"{template}: {name} has a role that SAM makes, with wildcards"
    for template, name, _ in templates.resources("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::User"):
        yield f"{template}: {name}: permissions stand in roles"


def the_function_may_do_what_it_does(templates):
    role = templates.data["template.yaml"]["Resources"]["FunctionRole"]["Properties"]
    statements = [statement for _, document in policies(role) for statement in document["Statement"]]
    allowed = {action for one in statements if one["Effect"] == "Allow" for action in as_list(one["Action"])}
    called = calls.of_dynamodb() | {"secretsmanager:GetSecretValue"}
    for action in sorted(allowed - called - set(calls.OF_LAMBDA)):
        yield f"FunctionRole may {action}, which nobody calls"
    for action in sorted((called | set(calls.OF_LAMBDA)) - allowed):
        yield f"FunctionRole may not {action}, which is called"
    wanted = {"dynamodb": {"Fn::GetAtt": ["Table", "Arn"]}, "secretsmanager": {"Ref": "CertificatesSecret"}}
    for one in statements:
        for action in as_list(one["Action"]):
            resource = wanted.get(action.partition(":")[0])
            if resource and one["Resource"] != resource:
                yield f"FunctionRole may {action} on something else than {resource}"
    # What is only for Lambda's own hands is denied to the code.
    denied = {action for one in statements if one["Effect"] == "Deny" for action in as_list(one["Action"])}
    if {action for action in allowed if action.startswith("ec2:")} != denied:
        yield "FunctionRole: what ec2 allows to Lambda is not all denied to the code"


def resolved(value, auth):
    """`Fn::If` by the parameter Auth."""
    while isinstance(value, dict) and "Fn::If" in value:
        condition, yes, no = value["Fn::If"]
        value = yes if {"IamAuth": "IAM", "JwtAuth": "JWT", "ApiKeyAuth": "API_KEY"}[condition] == auth else no
    return value


def no_way_in_is_open(templates):
    data = templates.data["template.yaml"]
    auth = data["Parameters"]["Auth"]
    if set(auth["AllowedValues"]) != set(AUTHS) or auth["Default"] != "IAM":
        yield f"Auth: {auth['AllowedValues']}, {auth['Default']} by default"
    for name, condition in (("IamAuth", "IAM"), ("JwtAuth", "JWT"), ("ApiKeyAuth", "API_KEY")):
        if data["Conditions"][name] != {"Fn::Equals": [{"Ref": "Auth"}, condition]}:
            yield f"the condition {name} is another than its name says"
    body = data["Resources"]["Api"]["Properties"]["DefinitionBody"]
    for path, item in body["paths"].items():
        for method, operation in item.items():
            for value, scheme in AUTHS.items():
                if resolved(operation.get("security"), value) != [{scheme: []}]:
                    yield f"{method} {path}: open when Auth is {value}"
                if not resolved(body["components"]["securitySchemes"][scheme], value):
                    yield f"{scheme} means nothing when Auth is {value}"
    types = ("AWS::Serverless::HttpApi", "AWS::ApiGatewayV2::Api", "AWS::ApiGateway::RestApi", "AWS::Lambda::Url")
    for template, name, _ in templates.resources(*types):
        yield f"{template}: {name} is another way in"
    for template, name, function in templates.resources("AWS::Serverless::Function"):
        kinds = {event["Type"] for event in function.get("Events", {}).values()}
        if "FunctionUrlConfig" in function or kinds & {"Api", "HttpApi"}:
            yield f"{template}: {name} has another way in"
    for template, name, permission in templates.resources("AWS::Lambda::Permission"):
        if permission["Principal"] == "*" or "SourceArn" not in permission:
            yield f"{template}: {name} lets anybody invoke"


def what_rests_is_encrypted(templates):
    for template, name, queue in templates.resources("AWS::SQS::Queue"):
        if queue.get("SqsManagedSseEnabled") is not True and "KmsMasterKeyId" not in queue:
            yield f"{template}: the queue {name} is not encrypted"
    for template, name, table in templates.resources("AWS::DynamoDB::Table"):
        if table.get("SSESpecification", {}).get("SSEEnabled") is not True:
            yield f"{template}: the table {name} is not encrypted with a key in KMS"
    for template, name, launch in templates.resources("AWS::EC2::LaunchTemplate"):
        for disk in launch["LaunchTemplateData"].get("BlockDeviceMappings", [{}]):
            if disk.get("Ebs", {}).get("Encrypted") is not True:
                yield f"{template}: a disk of {name} is not encrypted"


def roles_are_taken_for_this_account_alone(templates):
    for template, name, role in templates.resources("AWS::IAM::Role"):
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            conditions = statement.get("Condition", {})
            found = [conditions.get(how, {}).get("aws:SourceAccount") for how in ("StringEquals", "StringEqualsIfExists")]
            if {"Ref": "AWS::AccountId"} not in found:
                yield f"{template}: a service may take {name} for another account"


def conditions_hold_without_their_key(templates):
    """`ForAllValues` is true of a key that a request has not."""
    for template, name, role in templates.resources("AWS::IAM::Role"):
        for policy, document in policies(role):
            for statement in document["Statement"]:
                conditions = statement.get("Condition", {})
                present = {key for key, value in conditions.get("Null", {}).items() if value == "false"}
                for how, keys in conditions.items():
                    if how.startswith("ForAllValues:") and not set(keys) <= present:
                        yield f"{template}: {name}, {policy}: {sorted(set(keys) - present)} may be missing"


def the_table_cannot_be_deleted_by_mistake(templates):
    parameter = templates.data["template.yaml"]["Parameters"].get("ProtectTable", {})
    for template, name, table in templates.resources("AWS::DynamoDB::Table"):
        if table.get("DeletionProtectionEnabled") != {"Ref": "ProtectTable"} or parameter.get("Default") != "true":
            yield f"{template}: {name} can be deleted"


def no_more_at_once_than_slots(templates):
    function = templates.data["template.yaml"]["Resources"]["Function"]["Properties"]
    if function.get("ReservedConcurrentExecutions") != {"Ref": "Slots"}:
        yield "the function's concurrency is not the hosts' slots"
    if function["Environment"]["Variables"].get("SCE_BATCH_PARALLEL") != "1":
        yield "an invocation may take more than one slot"


def alarms_watch_what_there_is(templates):
    namespace, dimension, written = calls.metrics()
    for template, name, alarm in templates.resources("AWS::CloudWatch::Alarm"):
        if not alarm.get("AlarmActions"):
            yield f"{template}: {name} tells nobody"
        metrics = [query["MetricStat"]["Metric"] for query in alarm.get("Metrics", []) if "MetricStat" in query]
        for metric in metrics or [alarm]:
            if not metric["Namespace"].startswith("AWS/"):
                if metric["Namespace"] != namespace or metric["MetricName"] not in written:
                    yield f"{template}: {name} watches {metric['MetricName']}, which nobody writes"
                if metric["Dimensions"] != [{"Name": dimension, "Value": {"Ref": "AWS::StackName"}}]:
                    yield f"{template}: {name} watches another deployment"


def settings_are_known(templates):
    known = calls.settings()
    variables = templates.data["template.yaml"]["Resources"]["Function"]["Properties"]["Environment"]["Variables"]
    for name in variables:
        # Until the code reads it from a secret: see test_templates.
        if name not in known and name != calls.SECRET:
            yield f"the function refuses to start: there is no setting {name}"


ALL = [
    roles_without_wildcards,
    the_function_may_do_what_it_does,
    no_way_in_is_open,
    what_rests_is_encrypted,
    network_rules.the_network_is_closed,
    network_rules.no_name_leads_out,
    roles_are_taken_for_this_account_alone,
    conditions_hold_without_their_key,
    network_rules.stolen_credentials_open_nothing,
    the_table_cannot_be_deleted_by_mistake,
    network_rules.hosts_keep_their_credentials,
    no_more_at_once_than_slots,
    alarms_watch_what_there_is,
    settings_are_known,
]
