"""That the checks can fail: a fault of each kind is put into a copy of the templates, and is caught."""

import unittest

import rules
from templates import Templates, cfn_lint, checkov, sam_validate

GOOD = Templates()
MAIN, HOSTS, NETWORK = "template.yaml", "infra/hosts.yaml", "infra/network.yaml"
RECORDS = "Action: [dynamodb:PutItem, dynamodb:UpdateItem, dynamodb:GetItem, dynamodb:Query]\n                Resource: !GetAtt Table.Arn"
SECURITY = "security: !If [IamAuth, [{ iam: [] }], !If [JwtAuth, [{ jwt: [] }], [{ api_key: [] }]]]"
DOOR = "SourceSecurityGroupId: !Ref FunctionGroup\n      SecurityGroupEgress"

# What is done to which template, and the rule that says so.
BY_RULE = [
    ("a role that may do everything with the table", MAIN, RECORDS, RECORDS.replace("[dynamodb:PutItem,", "['dynamodb:*',"), rules.roles_without_wildcards),
    ("a role for every table", MAIN, RECORDS, RECORDS.replace("!GetAtt Table.Arn", "'*'"), rules.roles_without_wildcards),
    ("a role with one of AWS's managed policies", HOSTS, "  HostRole:\n    Type: AWS::IAM::Role\n    Properties:", "  HostRole:\n    Type: AWS::IAM::Role\n    Properties:\n      ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess']", rules.roles_without_wildcards),
    ("a role that SAM makes", MAIN, "      Role: !GetAtt FunctionRole.Arn\n", "", rules.roles_without_wildcards),
    ("a permission that nobody uses", MAIN, RECORDS, RECORDS.replace("dynamodb:Query]", "dynamodb:Query, dynamodb:DeleteItem]"), rules.the_function_may_do_what_it_does),
    ("a permission that is missing", MAIN, RECORDS, RECORDS.replace(", dynamodb:Query]", "]"), rules.the_function_may_do_what_it_does),
    ("another secret than the one", MAIN, "Resource: !Ref CertificatesSecret", "Resource: !Sub arn:aws:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:other", rules.the_function_may_do_what_it_does),
    ("an API open to everybody", MAIN, SECURITY, "security: []", rules.no_way_in_is_open),
    ("an API open unless asked otherwise", MAIN, SECURITY, SECURITY.replace("[{ api_key: [] }]", "[]"), rules.no_way_in_is_open),
    ("a method without a word about who may", MAIN, f"              {SECURITY}\n", "", rules.no_way_in_is_open),
    ("a way of authentication called none", MAIN, "AllowedValues: [IAM, JWT, API_KEY]", "AllowedValues: [IAM, JWT, API_KEY, NONE]", rules.no_way_in_is_open),
    ("a function URL beside the API", MAIN, "      Handler: bootstrap\n", "      Handler: bootstrap\n      FunctionUrlConfig: { AuthType: NONE }\n", rules.no_way_in_is_open),
    ("an unencrypted queue", MAIN, "SqsManagedSseEnabled: true", "SqsManagedSseEnabled: false", rules.what_rests_is_encrypted),
    ("an unencrypted table", MAIN, "SSEEnabled: true", "SSEEnabled: false", rules.what_rests_is_encrypted),
    ("an unencrypted disk", HOSTS, "Encrypted: true", "Encrypted: false", rules.what_rests_is_encrypted),
    ("a Docker host for everybody", NETWORK, DOOR, DOOR.replace("SourceSecurityGroupId: !Ref FunctionGroup", "CidrIp: 0.0.0.0/0"), rules.the_network_is_closed),
    ("a Docker host with SSH", NETWORK, "          FromPort: 2376\n          ToPort: 2376\n          SourceSecurityGroupId", "          FromPort: 22\n          ToPort: 2376\n          SourceSecurityGroupId", rules.the_network_is_closed),
    ("a host with a way to the Internet", NETWORK, "  HostGroup:\n", "  Way:\n    Type: AWS::EC2::InternetGateway\n  HostGroup:\n", rules.the_network_is_closed),
    ("the metadata service's first version", HOSTS, "HttpTokens: required", "HttpTokens: optional", rules.hosts_keep_their_credentials),
    ("metadata that reaches a container", HOSTS, "HttpPutResponseHopLimit: 1", "HttpPutResponseHopLimit: 2", rules.hosts_keep_their_credentials),
    ("a key to log in with", HOSTS, "        InstanceType: !Ref InstanceType", "        KeyName: mine\n        InstanceType: !Ref InstanceType", rules.hosts_keep_their_credentials),
    ("concurrency without regard to the hosts", MAIN, "ReservedConcurrentExecutions: !Ref Slots", "ReservedConcurrentExecutions: 500", rules.no_more_at_once_than_slots),
    ("an alarm on a metric that nobody writes", MAIN, "MetricName: SandboxesPastLease", "MetricName: SandboxesOverLease", rules.alarms_watch_what_there_is),
    ("an alarm that tells nobody", MAIN, "      AlarmActions: [!Ref Alarms]\n", "", rules.alarms_watch_what_there_is),
    ("a misspelt setting", MAIN, "SCE_POOL_SIZE:", "SCE_POOLSIZE:", rules.settings_are_known),
]

BY_CHECKOV = [
    ("a role that may do anything", MAIN, RECORDS, "Action: '*'\n                Resource: '*'", "CKV_AWS_108"),
    ("SSH from everywhere", NETWORK, DOOR, DOOR.replace("SourceSecurityGroupId: !Ref FunctionGroup", "CidrIp: 0.0.0.0/0").replace("      SecurityGroupEgress", "        - { Description: s, IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0 }\n      SecurityGroupEgress"), "CKV_AWS_24"),
    ("no point-in-time recovery", MAIN, "PointInTimeRecoveryEnabled: true", "PointInTimeRecoveryEnabled: false", "CKV_AWS_28"),
    ("logs that are kept for ever", MAIN, "      RetentionInDays: !Ref LogDays\n", "", "CKV_AWS_66"),
    ("an exception taken back", MAIN, "- id: CKV_AWS_27\n", "- id: CKV_AWS_28\n", "CKV_AWS_27"),
]

BY_CFN_LINT = [
    ("a misspelt property", MAIN, "VisibilityTimeout:", "VisibilityTimeOut:", "E3002"),
    ("a name that nothing has", HOSTS, "Arn: !GetAtt HostProfile.Arn", "Arn: !GetAtt HostProfil.Arn", "E1010"),
]


class AFault(unittest.TestCase):
    def test_is_caught_by_our_own_rules(self):
        for what, template, old, new, rule in BY_RULE:
            with self.subTest(what):
                self.assertTrue(list(rule(GOOD.with_fault(template, old, new))), "not caught")

    def test_is_caught_by_checkov(self):
        found = checkov([GOOD.with_fault(*change).only(change[0]) for _, *change, _ in BY_CHECKOV])
        for (what, *_, check), findings in zip(BY_CHECKOV, found):
            with self.subTest(what):
                self.assertIn(check, {finding[0] for finding in findings})

    def test_is_caught_by_cfn_lint(self):
        for what, template, old, new, rule in BY_CFN_LINT:
            with self.subTest(what):
                self.assertIn(rule, cfn_lint(GOOD.with_fault(template, old, new).only(template)))

    def test_is_caught_by_sam_validate(self):
        broken = GOOD.with_fault(MAIN, "StageName: live", "StageNam: live")
        self.assertIn("StageNam", sam_validate(broken, MAIN))
