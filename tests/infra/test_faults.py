"""That the checks can fail: a fault of each kind is put into a copy of the templates, and is caught."""

import unittest

import network_rules
import rules
from templates import Templates, cfn_lint, checkov, sam_validate

GOOD = Templates()
MAIN, HOSTS, NETWORK = "template.yaml", "infra/hosts.yaml", "infra/network.yaml"
RECORDS = "Action: [dynamodb:PutItem, dynamodb:UpdateItem, dynamodb:GetItem, dynamodb:DeleteItem, dynamodb:Query]\n                Resource: !GetAtt Table.Arn"
SECURITY = "security: !If [IamAuth, [{ iam: [] }], !If [JwtAuth, [{ jwt: [] }], [{ api_key: [] }]]]"
DOOR = "SourceSecurityGroupId: !Ref FunctionGroup\n      SecurityGroupEgress"

# What is done to which template, and the rule that says so.
BY_RULE = [
    ("a role that may do everything with the table", MAIN, RECORDS, RECORDS.replace("[dynamodb:PutItem,", "['dynamodb:*',"), rules.roles_without_wildcards),
    ("a role for every table", MAIN, RECORDS, RECORDS.replace("!GetAtt Table.Arn", "'*'"), rules.roles_without_wildcards),
    ("a role with one of AWS's managed policies", HOSTS, "  HostRole:\n    Type: AWS::IAM::Role\n    Properties:", "  HostRole:\n    Type: AWS::IAM::Role\n    Properties:\n      ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess']", rules.roles_without_wildcards),
    ("a role that SAM makes", MAIN, "      Role: !GetAtt FunctionRole.Arn\n", "", rules.roles_without_wildcards),
    ("a permission that nobody uses", MAIN, RECORDS, RECORDS.replace("dynamodb:Query]", "dynamodb:Query, dynamodb:Scan]"), rules.the_function_may_do_what_it_does),
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
    ("a Docker host for everybody", NETWORK, DOOR, DOOR.replace("SourceSecurityGroupId: !Ref FunctionGroup", "CidrIp: 0.0.0.0/0"), network_rules.the_network_is_closed),
    ("a Docker host with SSH", NETWORK, "          FromPort: 2376\n          ToPort: 2376\n          SourceSecurityGroupId", "          FromPort: 22\n          ToPort: 2376\n          SourceSecurityGroupId", network_rules.the_network_is_closed),
    ("a host with a way to the Internet", NETWORK, "  HostGroup:\n", "  Way:\n    Type: AWS::EC2::InternetGateway\n  HostGroup:\n", network_rules.the_network_is_closed),
    ("the metadata service's first version", HOSTS, "HttpTokens: required", "HttpTokens: optional", network_rules.hosts_keep_their_credentials),
    ("metadata that reaches a container", HOSTS, "HttpPutResponseHopLimit: 1", "HttpPutResponseHopLimit: 2", network_rules.hosts_keep_their_credentials),
    ("a key to log in with", HOSTS, "        InstanceType: !Ref InstanceType", "        KeyName: mine\n        InstanceType: !Ref InstanceType", network_rules.hosts_keep_their_credentials),
    ("a network whose resolver knows every name", NETWORK, "    Type: AWS::Route53Resolver::FirewallRuleGroupAssociation", "    Type: AWS::Route53Resolver::Other", network_rules.no_name_leads_out),
    ("a firewall of another network", NETWORK, "      VpcId: !Ref Vpc\n      Priority: 101", "      VpcId: vpc-0123\n      Priority: 101", network_rules.no_name_leads_out),
    ("names that are only noted", NETWORK, "          Action: BLOCK\n          BlockResponse: NXDOMAIN\n", "          Action: ALERT\n", network_rules.no_name_leads_out),
    ("names that are refused last but one", NETWORK, "        - Priority: 2\n", "        - { Priority: 3, Action: ALLOW, FirewallDomainListId: !Ref EveryName }\n        - Priority: 2\n", network_rules.no_name_leads_out),
    ("names refused by one kind of question", NETWORK, "          BlockResponse: NXDOMAIN\n", "          BlockResponse: NXDOMAIN\n          Qtype: TXT\n", network_rules.no_name_leads_out),
    ("all names of one ending refused", NETWORK, "      Domains: ['*']\n", "      Domains: ['*.com']\n", network_rules.no_name_leads_out),
    ("a zone in which anybody can have a name", NETWORK, "        - '*.ec2.internal'\n", "        - '*.amazonaws.com'\n", network_rules.no_name_leads_out),
    ("a firewall for names that fails open", NETWORK, "FirewallFailOpen: DISABLED", "FirewallFailOpen: ENABLED", network_rules.no_name_leads_out),
    ("names that nobody logs", NETWORK, "ResolverQueryLogConfigId: !Ref NamesLogged\n      ResourceId: !Ref Vpc", "ResolverQueryLogConfigId: !Ref NamesLogged\n      ResourceId: vpc-0123", network_rules.no_name_leads_out),
    ("a resolver that asks another", NETWORK, "  KnownNames:\n", "  Rule:\n    Type: AWS::Route53Resolver::ResolverRule\n  KnownNames:\n", network_rules.no_name_leads_out),
    ("a host's credentials that open its secret everywhere", HOSTS, "                    aws:SourceVpc:\n", "                    aws:SourceAccount:\n", network_rules.stolen_credentials_open_nothing),
    ("the function's credentials that open the table everywhere", MAIN, "                Resource: !GetAtt Table.Arn\n                Condition: !If", "                Resource: !GetAtt Table.Arn\n                Unconditionally: !If", network_rules.stolen_credentials_open_nothing),
    ("an endpoint to every secret of the account", NETWORK, ":secret:${SecretsPrefix}*", ":secret:*", network_rules.stolen_credentials_open_nothing),
    ("an endpoint to everybody's tables", NETWORK, "dynamodb:${AWS::Region}:${AWS::AccountId}:table/*", "dynamodb:${AWS::Region}:*:table/*", network_rules.stolen_credentials_open_nothing),
    ("a role that a service may take for anybody", HOSTS, "StringEqualsIfExists: { aws:SourceAccount: !Ref AWS::AccountId }", "StringEqualsIfExists: { aws:SourceAccount: '1' }", rules.roles_are_taken_for_this_account_alone),
    ("a condition on a key that may be missing", HOSTS, "                    route53:ChangeResourceRecordSetsActions: 'false'\n", "", rules.conditions_hold_without_their_key),
    ("a table that goes at a call", MAIN, "      DeletionProtectionEnabled: !Ref ProtectTable\n", "", rules.the_table_cannot_be_deleted_by_mistake),
    ("concurrency without regard to the hosts", MAIN, "ReservedConcurrentExecutions: !Ref Slots", "ReservedConcurrentExecutions: 500", rules.no_more_at_once_than_slots),
    ("an alarm on a metric that nobody writes", MAIN, "MetricName: SandboxesPastLease", "MetricName: SandboxesOverLease", rules.alarms_watch_what_there_is),
    ("an alarm that tells nobody", MAIN, "      AlarmActions: [!Ref Alarms]\n", "", rules.alarms_watch_what_there_is),
    ("a misspelt setting", MAIN, "SCE_POOL_SIZE:", "SCE_POOLSIZE:", rules.settings_are_known),
]

BY_CHECKOV = [
    ("a role that may do anything", MAIN, RECORDS, "Action: '*'\n                Resource: '*'", "CKV_AWS_62"),
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
